package filter_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/internal/conformance"
	"github.com/hookfilter/hookfilter/webhook"
)

// conformanceEngines lists the functions of the package that decide whether an event fires
// a webhook, except those that call Filter.Explain: Index.Explain and Index.ExplainAll.
var conformanceEngines = []struct {
	name  string
	fires func(*webhook.Webhook, webhook.Event) bool
}{
	{"Match", func(w *webhook.Webhook, e webhook.Event) bool {
		f, err := filter.Compile(w)
		return err == nil && f.Match(e)
	}},
	{"Explain", func(w *webhook.Webhook, e webhook.Event) bool {
		f, err := filter.Compile(w)
		return err == nil && f.Explain(e).Fires
	}},
	{"Index", func(w *webhook.Webhook, e webhook.Event) bool {
		x := filter.NewIndex()
		return x.Put(shop, w) == nil && len(x.AppendMatches(nil, shop, e)) == 1
	}},
}

func vectors(t *testing.T) []conformance.Case {
	t.Helper()
	cases, err := conformance.Read("../testdata/conformance")
	require.NoError(t, err)
	return cases
}

// webhookOf returns the webhook of a case, with a new id if it has none, or the error of
// decoding it.
func webhookOf(c conformance.Case) (*webhook.Webhook, error) {
	w := new(webhook.Webhook)
	if err := json.Unmarshal([]byte(c.Webhook), w); err != nil {
		return nil, err
	}
	w.ProjectNamesFilter = append(w.ProjectNamesFilter, c.Entries...)
	if w.ID == uuid.Nil {
		w.ID = uuid.New()
	}
	return w, nil
}

func TestConformance(t *testing.T) {
	for _, c := range vectors(t) {
		t.Run(c.ID, func(t *testing.T) {
			w, err := webhookOf(c)
			if err != nil {
				require.False(t, c.Fires, c.Reason)
				require.Equal(t, c.Invalid, fieldsOf(err), c.Reason)
				return
			}
			for _, engine := range conformanceEngines {
				require.Equal(t, c.Fires, engine.fires(w, c.Event), "%s: %s", engine.name, c.Reason)
			}
			f, err := filter.Compile(w)
			if err != nil {
				require.Equal(t, c.Invalid, fieldsOf(err), c.Reason)
				return
			}
			require.Empty(t, c.Invalid, c.Reason)
			stopped, _ := f.Explain(c.Event).StoppedBy()
			require.Equal(t, c.StoppedBy, stopped.Name, c.Reason)
		})
	}
}

// fieldsOf returns the fields of the FieldErrors in err.
func fieldsOf(err error) (fields []string) {
	for _, e := range webhook.FieldErrors(err) {
		fields = append(fields, e.Field)
	}
	return fields
}

// As their README promises, the files have, for every rule of doc.go, cases that fire and
// cases that do not, and cases of every kind of corner case.
func TestConformanceFilesCoverTheRules(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	verdicts := make(map[int]map[bool]int) // by rule
	for i, match := range regexp.MustCompile(`(?m)^//\s+(\d+)\. `).FindAllSubmatch(doc, -1) {
		require.Equal(t, strconv.Itoa(i+1), string(match[1]), "rules of doc.go are numbered in order")
		verdicts[i+1] = make(map[bool]int)
	}
	require.NotEmpty(t, verdicts)

	ids, corners := make(map[string]bool), make(map[string]int)
	for _, c := range vectors(t) {
		require.False(t, ids[c.ID], "the id %s is repeated", c.ID)
		ids[c.ID] = true
		require.Contains(t, verdicts, c.Rule, "%s: there is no such rule", c.ID)
		require.Regexp(t, fmt.Sprintf("^%02d-", c.Rule), c.ID)
		require.Equal(t, c.File[:3], c.ID[:3], "%s is in %s", c.ID, c.File)
		require.NotEmpty(t, c.Reason, c.ID)
		verdicts[c.Rule][c.Fires]++
		corners[c.Corner]++
	}
	require.GreaterOrEqual(t, len(ids), 200)
	for rule, seen := range verdicts {
		require.Positive(t, seen[true], "rule %d has no case that fires", rule)
		require.Positive(t, seen[false], "rule %d has no case that does not fire", rule)
	}
	require.Equal(t, []string{"", "emptiness", "invalid-filter", "invalid-utf8", "json-text", "quoting", "unicode", "unknown-value"},
		slices.Sorted(maps.Keys(corners)))
}
