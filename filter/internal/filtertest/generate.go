// Package filtertest helps to test package filter: it generates random webhooks, entries and
// events, and has an oracle, a second implementation of the rules.
package filtertest

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

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// Check tests a property, which returns an error message or "". A failure prints the
// seed.
func Check[T any](t *testing.T, tests int, property func(T) string, draw func(*rand.Rand) T) {
	t.Helper()
	parameters := gopter.DefaultTestParameters()
	parameters.MinSuccessfulTests = tests
	properties := gopter.NewProperties(parameters)
	properties.Property(t.Name(), prop.ForAll(property, func(p *gopter.GenParameters) *gopter.GenResult {
		return gopter.NewGenResult(draw(p.Rng), gopter.NoShrinker)
	}))
	properties.TestingRun(t)
}

// Verdicts counts the verdicts of a property test. A test with only hits or only misses
// proves little.
type Verdicts struct{ hits, misses int }

// Saw counts a verdict and returns it.
func (v *Verdicts) Saw(hit bool) bool {
	if hit {
		v.hits++
	} else {
		v.misses++
	}
	return hit
}

// RequireBoth requires that more than a tenth of the verdicts are hits, and more than a tenth
// are misses.
func (v *Verdicts) RequireBoth(t *testing.T) {
	t.Helper()
	require.Greater(t, 10*min(v.hits, v.misses), v.hits+v.misses, "%+v", *v)
}

// Literals are characters that are easily confused: case variants of another length,
// similar characters that are not case variants, and special characters of gobwas/glob.
var Literals = []string{
	"a", "a", "A", "b", "b", "k", "\u212a", "s", "ſ", "Ⱥ", "ⱥ", "[", "]", `\`, "{", "}",
	",", "!", "-", "/", "σ", "ς", "ß", "ẞ", "İ", "i", "ı", "é", "e\u0301", "日", " ", "\n", "\x00", "\ufffd",
}

// Small has only a few of the Literals, so that random texts often overlap.
var Small = []string{"a", "b", "k", "\u212a", "s", "ſ", "Ⱥ", "ⱥ", "[", `\`, "{"}

func Pick[T any](r *rand.Rand, from []T) T { return from[r.Intn(len(from))] }

// Text returns a random text of least to most characters of alphabet.
func Text(r *rand.Rand, alphabet []string, least, most int) string {
	var b strings.Builder
	for range least + r.Intn(most-least+1) {
		b.WriteString(Pick(r, alphabet))
	}
	return b.String()
}

// Entry returns a valid entry with many wildcards, often next to each other.
func Entry(r *rand.Rand) string {
	alphabet := Small
	if r.Intn(3) == 0 {
		alphabet = Literals
	}
	var b strings.Builder
	for range 1 + r.Intn(7) {
		if r.Intn(5) < 2 {
			b.WriteString(Pick(r, []string{"*", "?"}))
		} else {
			b.WriteString(Pick(r, alphabet))
		}
	}
	return b.String()
}

// NameFor returns a name for entry, in random case. Each U+FFFD of the entry becomes U+FFFD
// or an invalid byte. The entry matches half of the names; the other half are edited, and most
// of those do not match.
func NameFor(r *rand.Rand, entry string) string {
	var b strings.Builder
	for _, c := range entry {
		switch c {
		case '*':
			b.WriteString(Text(r, Small, 0, 3))
		case '?':
			b.WriteString(Pick(r, append(Small, "?", "*", "日", "\xff")))
		case utf8.RuneError:
			b.WriteString(Pick(r, []string{"\ufffd", "\xff"}))
		default:
			b.WriteRune(c)
		}
	}
	name := Recase(r, b.String())
	if r.Intn(2) == 0 {
		name = Edit(r, name)
	}
	return name
}

// Recase replaces each character of s by a random case variant.
func Recase(r *rand.Rand, s string) string {
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

// Edit inserts a character into s, or removes or replaces a byte, which may leave
// an incomplete character.
func Edit(r *rand.Rand, s string) string {
	at := r.Intn(len(s) + 1)
	return s[:at] + Pick(r, append(Literals, "", "*", "?", "\xff", "\xe2")) + s[min(at+r.Intn(2), len(s)):]
}

// Webhook returns a random webhook that compiles. Lists are short and often empty, and
// webhooks often have elements in common.
func Webhook(r *rand.Rand) *webhook.Webhook {
	w := &webhook.Webhook{
		ID:          uuid.Must(uuid.NewRandomFromReader(r)),
		Kind:        Pick(r, []webhook.Kind{webhook.KindStandard, webhook.KindSlack, "", "NEW"}),
		TargetURL:   Pick(r, []string{"", "https://example.com/hook", "no URL"}),
		Description: Text(r, Literals, 0, 3),
		Enabled:     r.Intn(5) > 0,
	}
	for range r.Intn(6) {
		w.Events = append(w.Events, anyType(r))
	}
	for range r.Intn(4) {
		w.ProjectNamesFilter = append(w.ProjectNamesFilter, Entry(r))
	}
	for range r.Intn(4) {
		w.EnvironmentTypesFilter = append(w.EnvironmentTypesFilter, anyMode(r))
	}
	return w
}

// Spoil returns a copy of w with an invalid element in one of its lists.
func Spoil(r *rand.Rand, w *webhook.Webhook) *webhook.Webhook {
	spoiled := *w
	switch r.Intn(3) {
	case 0:
		spoiled.Events = Insert(r, w.Events, "")
	case 1:
		tooLong := strings.Repeat("*", webhook.MaxProjectNamesFilterEntry+1)
		spoiled.ProjectNamesFilter = Insert(r, w.ProjectNamesFilter, Pick(r, []string{"", "*\xff", tooLong}))
	default:
		spoiled.EnvironmentTypesFilter = Insert(r, w.EnvironmentTypesFilter, "")
	}
	return &spoiled
}

// UnknownTypes and UnknownModes are values that the API does not document.
var (
	UnknownTypes = []webhook.EventType{"DEPLOYMENT_QUEUED", "deployment_started", "DEPLOYMENT_STARTED ", "DEPLOYMENT_*"}
	UnknownModes = []webhook.EnvironmentMode{"SANDBOX", "production", "PRODUCTION ", "P*"}
)

func anyType(r *rand.Rand) webhook.EventType {
	return Pick(r, append(webhook.EventTypes(), UnknownTypes...))
}

func anyMode(r *rand.Rand) webhook.EnvironmentMode {
	return Pick(r, append(webhook.EnvironmentModes(), UnknownModes...))
}

// Insert returns a copy of list with v at a random position.
func Insert[T any](r *rand.Rand, list []T, v T) []T {
	return slices.Insert(slices.Clone(list), r.Intn(len(list)+1), v)
}

// Event returns an event that often fires w, or misses it by a single clause.
func Event(r *rand.Rand, w *webhook.Webhook) webhook.Event {
	e := webhook.Event{
		Type:            Pick(r, []webhook.EventType{anyType(r), anyType(r), ""}),
		ProjectName:     Text(r, Small, 0, 4),
		EnvironmentMode: Pick(r, []webhook.EnvironmentMode{anyMode(r), anyMode(r), ""}),
	}
	if len(w.Events) > 0 && r.Intn(4) > 0 {
		e.Type = Pick(r, w.Events)
	}
	if len(w.ProjectNamesFilter) > 0 && r.Intn(4) > 0 {
		e.ProjectName = NameFor(r, Pick(r, w.ProjectNamesFilter))
	}
	if len(w.EnvironmentTypesFilter) > 0 && r.Intn(4) > 0 {
		e.EnvironmentMode = Pick(r, w.EnvironmentTypesFilter)
	}
	return e
}

// Texts returns all texts of at most n characters from the list. The first one is empty.
func Texts(characters []string, n int) []string {
	all := []string{""}
	for last := all; n > 0; n-- {
		var longer []string
		for _, text := range last {
			for _, c := range characters {
				longer = append(longer, text+c)
			}
		}
		all, last = append(all, longer...), longer
	}
	return all
}

// Reorder returns the elements of list in random order, each up to three times.
func Reorder[T any](r *rand.Rand, list []T) []T {
	var out []T
	for _, v := range list {
		for range 1 + r.Intn(3) {
			out = Insert(r, out, v)
		}
	}
	return out
}

// RestrictedTo returns a webhook that filters only by project name.
func RestrictedTo(entries ...string) *webhook.Webhook {
	return &webhook.Webhook{Enabled: true, Events: webhook.EventTypes(), ProjectNamesFilter: entries}
}

func Named(project string) webhook.Event {
	return webhook.Event{Type: webhook.DeploymentStarted, ProjectName: project, EnvironmentMode: webhook.Production}
}

// MustCompile returns the filter of a webhook that compiles.
func MustCompile(w *webhook.Webhook) *filter.Filter {
	f, err := filter.Compile(w)
	if err != nil {
		panic(err)
	}
	return f
}
