package analysis_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

// Entries that end in a UUID or another identifier of a fixed length are realistic.
func TestManyQuestionMarksAreNotTooComplex(t *testing.T) {
	const uuid = "????????-????-????-????-????????????"
	any := func(n int) string { return strings.Repeat("?", n) }
	like := func(pattern string) *webhook.Event { return event(strings.ReplaceAll(pattern, "?", "a")) }
	for _, test := range []struct {
		name          string
		fires, silent hooks
		want          *webhook.Event // or nil
	}{
		{"a UUID at the end", hooks{names("*-" + uuid)}, nil, like("-" + uuid)},
		{"a UUID without hyphens at the end", hooks{names("*-" + any(32))}, nil, like("-" + any(32))},
		{"a long identifier", hooks{names("*-" + any(900))}, nil, like("-" + any(900))},
		{"not in production", hooks{names("*-" + uuid)}, hooks{names("prod-*")}, like("-" + uuid)},
		{"only in production", hooks{names("prod-*")}, hooks{names("*-" + uuid)}, event("prod-")},
		{"only in production, at the end", hooks{names("prod-*"), names("*-" + any(20))}, nil, like("prod-" + any(20))},
		{"all of production", hooks{names("prod-*")}, hooks{names("*-"+uuid, "p*")}, nil},
		{"all lengths", hooks{names("a*")}, hooks{names("*"+any(20)+"-", "*-"+any(20), any(25)+"*", "a", "a?", "a??*")}, nil},
		{"a wider edit", hooks{names("*-" + uuid)}, hooks{names("api-" + uuid)}, like("-" + uuid)},
		{"a narrower edit", hooks{names("api-" + uuid)}, hooks{names("*-" + uuid)}, nil},
		{"another length", hooks{names("*-" + any(36))}, hooks{names("*-" + any(37))}, like("-" + any(36))},
		{"another separator", hooks{names("*-" + any(36))}, hooks{names("*_" + any(36))}, like("-" + any(36))},
		{"two lengths", hooks{names("*-" + any(20)), names("*_" + any(10))}, hooks{names("?????????-*")}, like("-" + any(9) + "_" + any(10))},
		{"a UUID inside", hooks{names("*-" + uuid + "-*")}, hooks{names("prod-*")}, like("-" + uuid + "-")},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, found, err := analysis.Witness(test.fires, test.silent)
			require.NoError(t, err)
			require.Equal(t, test.want != nil, found, "%+q", e)
			if found {
				require.Equal(t, *test.want, e)
				require.True(t, fits(e, test.fires, test.silent))
			}
		})
	}
}

// Patterns with a ? after a * are searched in a different way from others.
func TestManyQuestionMarksAgreeWithBruteForce(t *testing.T) {
	const longest = 10
	all := filtertest.Texts([]string{"a", "b"}, longest)[1:] // b is in no entry
	entry := func(r *rand.Rand) string {
		text := strings.Split("*a"+strings.Repeat("?", 4+r.Intn(4)), "")
		for range r.Intn(3) {
			text = filtertest.Insert(r, text, filtertest.Pick(r, []string{"*", "a", "a"}))
		}
		if r.Intn(4) == 0 { // a short one
			text = text[:r.Intn(5)+1]
		}
		return strings.Join(text, "")
	}
	var seen filtertest.Verdicts
	lengths := map[int]int{}
	filtertest.Check(t, 500, func(q question) string {
		e, found, err := analysis.Witness(q.fires, q.silent)
		if err != nil {
			return err.Error()
		}
		must, mustNot := filters(q.fires), filters(q.silent)
		want := ""
		for _, name := range all {
			e := *event(name)
			fires := func(f *filter.Filter) bool { return f.Match(e) }
			if !slices.ContainsFunc(must, func(f *filter.Filter) bool { return !fires(f) }) && !slices.ContainsFunc(mustNot, fires) {
				want = name
				break
			}
		}
		seen.Saw(found)
		lengths[len(e.ProjectName)]++
		if len(e.ProjectName) > longest {
			e.ProjectName = ""
		}
		if e.ProjectName != want {
			return fmt.Sprintf("got %+q %t, want %q", e, found, want)
		}
		return ""
	}, func(r *rand.Rand) (q question) {
		for range 1 + r.Intn(2) {
			q.fires = append(q.fires, names(entry(r)))
		}
		for range r.Intn(4) {
			q.silent = append(q.silent, names(entry(r), entry(r)))
		}
		return q
	})
	seen.RequireBoth(t)
	for _, length := range []int{6, 7, 8, 9, 10} {
		require.Greater(t, lengths[length], 3, "%v", lengths)
	}
}

func filters(ws hooks) (fs []*filter.Filter) {
	for _, w := range ws {
		fs = append(fs, filtertest.MustCompile(w))
	}
	return fs
}
