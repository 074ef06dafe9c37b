package analysis_test

import (
	"slices"
	"unicode/utf8"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

// fits reports whether e fires all of fires and none of silent.
func fits(e webhook.Event, fires, silent []*webhook.Webhook) bool {
	for _, w := range fires {
		if !filtertest.Fires(w, e) {
			return false
		}
	}
	for _, w := range silent {
		if filtertest.Fires(w, e) {
			return false
		}
	}
	return true
}

// bruteForce tries all names of at most n characters of an alphabet with all types and modes,
// in the order that Witness documents, and returns the first event that fits.
func bruteForce(fires, silent []*webhook.Webhook, alphabet []string, n int) (webhook.Event, bool) {
	types, modes := webhook.EventTypes(), webhook.EnvironmentModes()
	for _, w := range slices.Concat(fires, silent) {
		types, modes = append(types, w.Events...), append(modes, w.EnvironmentTypesFilter...)
	}
	types, modes = append(distinct(types), "OTHER"), append(distinct(modes), "OTHER")
	var pairs []webhook.Event
	for _, t := range types {
		for _, m := range modes {
			pairs = append(pairs, webhook.Event{Type: t, EnvironmentMode: m})
		}
	}
	documented := func(e webhook.Event) bool {
		return slices.Contains(webhook.EventTypes(), e.Type) && slices.Contains(webhook.EnvironmentModes(), e.EnvironmentMode)
	}
	slices.SortStableFunc(pairs, func(a, b webhook.Event) int {
		switch {
		case documented(a) == documented(b):
			return 0
		case documented(a):
			return -1
		}
		return 1
	})

	// Whether a webhook fires depends on the pair and on the name separately, so each pair and
	// each name is decided only once.
	type verdict struct{ byPair, byName []bool }
	names := filtertest.Texts(alphabet, n)[1:]
	verdicts := map[*webhook.Webhook]verdict{}
	for _, w := range slices.Concat(fires, silent) {
		anyName := *w
		anyName.ProjectNamesFilter = nil
		var v verdict
		for _, pair := range pairs {
			v.byPair = append(v.byPair, filtertest.Fires(&anyName, pair))
		}
		for _, name := range names {
			v.byName = append(v.byName, filtertest.Fires(filtertest.RestrictedTo(w.ProjectNamesFilter...), filtertest.Named(name)))
		}
		verdicts[w] = v
	}
	for start := 0; start < len(names); {
		after := start
		for after < len(names) && utf8.RuneCountInString(names[after]) == utf8.RuneCountInString(names[start]) {
			after++
		}
		for i, e := range pairs {
			for j := start; j < after; j++ {
				fired := func(w *webhook.Webhook) bool { return verdicts[w].byPair[i] && verdicts[w].byName[j] }
				silenced := func(w *webhook.Webhook) bool { return !fired(w) }
				if !slices.ContainsFunc(fires, silenced) && !slices.ContainsFunc(silent, fired) {
					e.ProjectName = names[j]
					return e, true
				}
			}
		}
		start = after
	}
	return webhook.Event{}, false
}

// distinct returns values without repetitions: the first four, which are the documented ones,
// and then the others, sorted.
func distinct[S ~string](values []S) []S {
	documented, others := values[:4:4], []S{}
	for _, v := range values[4:] {
		if !slices.Contains(documented, v) && !slices.Contains(others, v) {
			others = append(others, v)
		}
	}
	slices.Sort(others)
	return append(documented, others...)
}
