package analysis_test

import (
	"fmt"
	"math/rand"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

// question is the arguments of Witness, and events near the answer.
type question struct {
	fires, silent []*webhook.Webhook
	events        []webhook.Event
}

func (q question) String() string {
	return fmt.Sprintf("fires %v, silent %v, events %+q", texts(q.fires), texts(q.silent), q.events)
}

func texts(ws []*webhook.Webhook) (all []string) {
	for _, w := range ws {
		all = append(all, fmt.Sprintf("{enabled %t, events %q, names %+q, modes %q}", w.Enabled, w.Events, w.ProjectNamesFilter, w.EnvironmentTypesFilter))
	}
	return all
}

// drawQuestion returns a generator of questions with entries that entry draws.
func drawQuestion(entry func(*rand.Rand) string) func(*rand.Rand) question {
	hook := func(r *rand.Rand, most int) *webhook.Webhook {
		w := filtertest.Webhook(r)
		w.Enabled = r.Intn(10) > 0
		if r.Intn(3) > 0 {
			w.Events = webhook.EventTypes()[r.Intn(4):]
		}
		if r.Intn(2) == 0 {
			w.EnvironmentTypesFilter = nil
		}
		w.ProjectNamesFilter = nil
		for range r.Intn(most + 1) {
			w.ProjectNamesFilter = append(w.ProjectNamesFilter, entry(r))
		}
		return w
	}
	return func(r *rand.Rand) (q question) {
		for range r.Intn(3) {
			q.fires = append(q.fires, hook(r, 2))
		}
		for range r.Intn(4) {
			q.silent = append(q.silent, hook(r, 4))
		}
		if len(q.fires) == 0 {
			return q
		}
		for range 10 {
			q.events = append(q.events, filtertest.Event(r, q.fires[0]))
		}
		return q
	}
}

// fewLetters draws entries of few letters, among them s and ſ, two small letters that are equal by
// rule 11, and K (U+212A), a capital letter with more bytes than its small letter k.
func fewLetters(r *rand.Rand) string {
	return filtertest.Text(r, []string{"*", "*", "?", "a", "A", "b", "s", "ſ", "\u212a"}, 1, 5)
}

func TestWitnessIsTheFirstOfBruteForce(t *testing.T) {
	// The letter c is in no entry, and is the first such letter if a and b are in one.
	alphabet := []string{"a", "b", "c", "k", "s"}
	const longest = 4
	var seen filtertest.Verdicts
	lengths := map[int]int{}
	filtertest.Check(t, 1000, func(q question) string {
		e, found, err := analysis.Witness(q.fires, q.silent)
		if err != nil {
			return err.Error()
		}
		want, exists := bruteForce(q.fires, q.silent, alphabet, longest)
		length := utf8.RuneCountInString(e.ProjectName)
		switch {
		case found && !fits(e, q.fires, q.silent):
			return fmt.Sprintf("%+q does not fit", e)
		case seen.Saw(found) && length > longest:
			found, e = false, webhook.Event{}
		}
		lengths[length]++
		if found != exists || e != want {
			return fmt.Sprintf("got %+q %t, want %+q %t", e, found, want, exists)
		}
		return ""
	}, drawQuestion(fewLetters))
	seen.RequireBoth(t)
	for length := range longest {
		require.Greater(t, lengths[length], 10, "%v", lengths)
	}
}

// If an event fits, there is a witness, and its name is not longer than the name of the event.
func TestNoEventIsBetterThanTheWitness(t *testing.T) {
	var seen filtertest.Verdicts
	fitting := 0
	filtertest.Check(t, 3000, func(q question) string {
		best, found, err := analysis.Witness(q.fires, q.silent)
		if err != nil {
			return err.Error()
		}
		if seen.Saw(found) && (!fits(best, q.fires, q.silent) || best.Validate() != nil) {
			return fmt.Sprintf("%+q does not fit", best)
		}
		for _, e := range q.events {
			if e.Validate() != nil || !fits(e, q.fires, q.silent) {
				continue
			}
			if fitting++; !found || utf8.RuneCountInString(best.ProjectName) > utf8.RuneCountInString(e.ProjectName) {
				return fmt.Sprintf("got %+q %t, but %+q fits", best, found, e)
			}
		}
		return ""
	}, drawQuestion(filtertest.Entry))
	seen.RequireBoth(t)
	require.Greater(t, fitting, 1000)
}

// The result depends only on the meaning of the webhooks, not on how they are written.
func TestWitnessDependsOnMeaningAlone(t *testing.T) {
	type rewritten struct{ question, other question }
	rewrite := func(r *rand.Rand, ws []*webhook.Webhook) []*webhook.Webhook {
		ws = filtertest.Reorder(r, ws)
		for i := range ws {
			w := *ws[i]
			w.Events = filtertest.Reorder(r, w.Events)
			w.EnvironmentTypesFilter = filtertest.Reorder(r, w.EnvironmentTypesFilter)
			w.ProjectNamesFilter = filtertest.Reorder(r, w.ProjectNamesFilter)
			for j, entry := range w.ProjectNamesFilter {
				w.ProjectNamesFilter[j] = filtertest.Recase(r, entry)
			}
			ws[i] = &w
		}
		return ws
	}
	var seen filtertest.Verdicts
	filtertest.Check(t, 1000, func(q rewritten) string {
		e, found, err := analysis.Witness(q.question.fires, q.question.silent)
		other, foundOther, errOther := analysis.Witness(q.other.fires, q.other.silent)
		if err != nil || errOther != nil || seen.Saw(found) != foundOther || e != other {
			return fmt.Sprintf("%+q %t %v; rewritten %+q %t %v", e, found, err, other, foundOther, errOther)
		}
		return ""
	}, func(r *rand.Rand) rewritten {
		q := drawQuestion(filtertest.Entry)(r)
		return rewritten{q, question{fires: rewrite(r, q.fires), silent: rewrite(r, q.silent)}}
	})
	seen.RequireBoth(t)
}
