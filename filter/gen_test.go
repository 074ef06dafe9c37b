package filter_test

import (
	"math/rand"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// check tests a property, which returns what is wrong or "". A failure prints the
// seed.
func check[T any](t *testing.T, tests int, property func(T) string, draw func(*rand.Rand) T) {
	t.Helper()
	parameters := gopter.DefaultTestParameters()
	parameters.MinSuccessfulTests = tests
	properties := gopter.NewProperties(parameters)
	properties.Property(t.Name(), prop.ForAll(property, func(p *gopter.GenParameters) *gopter.GenResult {
		return gopter.NewGenResult(draw(p.Rng), gopter.NoShrinker)
	}))
	properties.TestingRun(t)
}

// verdicts counts the verdicts that a property sees: one that sees hits or misses
// alone shows little.
type verdicts struct{ hits, misses int }

// saw counts a verdict and returns it.
func (v *verdicts) saw(hit bool) bool {
	if hit {
		v.hits++
	} else {
		v.misses++
	}
	return hit
}

// requireBoth fails the test if fewer than one verdict in ten was of either kind.
func (v *verdicts) requireBoth(t *testing.T) {
	t.Helper()
	require.Greater(t, 10*min(v.hits, v.misses), v.hits+v.misses, "%+v", *v)
}

// literals are characters that collide: partners in case that differ in length,
// lookalikes that are no partners, and the syntax of the wildcard engine.
var literals = []string{
	"a", "a", "A", "b", "b", "k", "\u212a", "s", "ſ", "Ⱥ", "ⱥ", "[", "]", `\`, "{", "}",
	",", "!", "-", "/", "σ", "ς", "ß", "ẞ", "İ", "i", "ı", "é", "e\u0301", "日", " ", "\n", "\x00", "\ufffd",
}

// small are the few of them for overlaps.
var small = []string{"a", "b", "k", "\u212a", "s", "ſ", "Ⱥ", "ⱥ", "[", `\`, "{"}

func pick[T any](r *rand.Rand, from []T) T { return from[r.Intn(len(from))] }

// drawText returns least to most characters of alphabet.
func drawText(r *rand.Rand, alphabet []string, least, most int) string {
	var b strings.Builder
	for range least + r.Intn(most-least+1) {
		b.WriteString(pick(r, alphabet))
	}
	return b.String()
}

// drawEntry returns a valid entry in which wildcards are common and meet.
func drawEntry(r *rand.Rand) string {
	alphabet := small
	if r.Intn(3) == 0 {
		alphabet = literals
	}
	var b strings.Builder
	for range 1 + r.Intn(7) {
		if r.Intn(5) < 2 {
			b.WriteString(pick(r, []string{"*", "?"}))
		} else {
			b.WriteString(pick(r, alphabet))
		}
	}
	return b.String()
}

// drawNameFor returns a name that entry matches, in any case and with U+FFFD or
// an invalid byte for U+FFFD; one in two is edited, so that it mostly does not.
func drawNameFor(r *rand.Rand, entry string) string {
	var b strings.Builder
	for _, c := range entry {
		switch c {
		case '*':
			b.WriteString(drawText(r, small, 0, 3))
		case '?':
			b.WriteString(pick(r, append(small, "?", "*", "日", "\xff")))
		case utf8.RuneError:
			b.WriteString(pick(r, []string{"\ufffd", "\xff"}))
		default:
			b.WriteRune(c)
		}
	}
	name := recase(r, b.String())
	if r.Intn(2) == 0 {
		name = edit(r, name)
	}
	return name
}

// recase replaces each character of s by a random one of its folding orbit.
func recase(r *rand.Rand, s string) string {
	var b strings.Builder
	for s != "" {
		c, n := utf8.DecodeRuneInString(s)
		if c == utf8.RuneError {
			b.WriteString(s[:n])
		} else {
			for range r.Intn(4) {
				c = unicode.SimpleFold(c)
			}
			b.WriteRune(c)
		}
		s = s[n:]
	}
	return b.String()
}

// edit inserts a character into s, or removes or replaces a byte, which may leave
// an incomplete character.
func edit(r *rand.Rand, s string) string {
	at := r.Intn(len(s) + 1)
	return s[:at] + pick(r, append(literals, "", "*", "?", "\xff", "\xe2")) + s[min(at+r.Intn(2), len(s)):]
}

// drawWebhook returns a valid webhook. Its lists are short and often have
// elements in common, and one that restricts nothing is common too.
func drawWebhook(r *rand.Rand) *webhook.Webhook {
	w := &webhook.Webhook{
		ID:          uuid.Must(uuid.NewRandomFromReader(r)),
		Kind:        pick(r, []webhook.Kind{webhook.KindStandard, webhook.KindSlack, "", "NEW"}),
		TargetURL:   pick(r, []string{"", "https://example.com/hook", "no URL"}),
		Description: drawText(r, literals, 0, 3),
		Enabled:     r.Intn(5) > 0,
	}
	for range r.Intn(6) {
		w.Events = append(w.Events, pick(r, webhook.EventTypes()))
	}
	for range r.Intn(4) {
		w.ProjectNamesFilter = append(w.ProjectNamesFilter, drawEntry(r))
	}
	for range r.Intn(4) {
		w.EnvironmentTypesFilter = append(w.EnvironmentTypesFilter, pick(r, webhook.EnvironmentModes()))
	}
	return w
}

// spoil returns a copy of w with an invalid element in one of its lists.
func spoil(r *rand.Rand, w *webhook.Webhook) *webhook.Webhook {
	spoiled := *w
	switch r.Intn(3) {
	case 0:
		spoiled.Events = insert(r, w.Events, pick(r, unknownTypes))
	case 1:
		tooLong := strings.Repeat("*", webhook.MaxProjectNamesFilterEntry+1)
		spoiled.ProjectNamesFilter = insert(r, w.ProjectNamesFilter, pick(r, []string{"", "*\xff", tooLong}))
	default:
		spoiled.EnvironmentTypesFilter = insert(r, w.EnvironmentTypesFilter, pick(r, unknownModes))
	}
	return &spoiled
}

var (
	unknownTypes = []webhook.EventType{"", "deployment_started", "DEPLOYMENT_STARTED ", "DEPLOYMENT_*"}
	unknownModes = []webhook.EnvironmentMode{"", "production", "PRODUCTION ", "P*"}
)

// insert returns a copy of list with v at a random position.
func insert[T any](r *rand.Rand, list []T, v T) []T {
	return slices.Insert(slices.Clone(list), r.Intn(len(list)+1), v)
}

// drawEvent returns an event that w often fires for, or misses by little.
func drawEvent(r *rand.Rand, w *webhook.Webhook) webhook.Event {
	e := webhook.Event{
		Type:            pick(r, append(webhook.EventTypes(), unknownTypes...)),
		ProjectName:     drawText(r, small, 0, 4),
		EnvironmentMode: pick(r, append(webhook.EnvironmentModes(), unknownModes...)),
	}
	if len(w.Events) > 0 && r.Intn(4) > 0 {
		e.Type = pick(r, w.Events)
	}
	if len(w.ProjectNamesFilter) > 0 && r.Intn(4) > 0 {
		e.ProjectName = drawNameFor(r, pick(r, w.ProjectNamesFilter))
	}
	if len(w.EnvironmentTypesFilter) > 0 && r.Intn(4) > 0 {
		e.EnvironmentMode = pick(r, w.EnvironmentTypesFilter)
	}
	return e
}
