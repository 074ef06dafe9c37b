package filter_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// conformanceEngines are all that decide whether an event fires a webhook.
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

// conformanceCase is a case of testdata/conformance, whose README says what the
// fields mean.
type conformanceCase struct {
	ID        string          `json:"id"`
	Rule      int             `json:"rule"`
	Corner    string          `json:"corner"`
	Reason    string          `json:"reason"`
	Webhook   json.RawMessage `json:"webhook"`
	Text      string          `json:"webhook_json"`
	Clause    json.RawMessage `json:"clause"`
	Event     json.RawMessage `json:"event"`
	Fires     bool            `json:"fires"`
	StoppedBy string          `json:"stopped_by"`
	Invalid   []string        `json:"invalid"`
}

// conformanceFiles returns the cases by file name.
func conformanceFiles(t *testing.T) map[string][]conformanceCase {
	t.Helper()
	paths, err := filepath.Glob("../testdata/conformance/[0-9]*.json")
	require.NoError(t, err)
	files := make(map[string][]conformanceCase)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		var file struct {
			Cases []conformanceCase `json:"cases"`
		}
		decodeStrictly(t, data, &file)
		files[filepath.Base(path)] = file.Cases
	}
	return files
}

func decodeStrictly(t *testing.T, data []byte, v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(v), "%s", data)
}

// webhook returns the webhook of the case, with an id if it has none, or the error of
// decoding it.
func (c conformanceCase) webhook(t *testing.T) (*webhook.Webhook, error) {
	t.Helper()
	data := []byte(c.Webhook)
	if c.Text != "" {
		data = []byte(c.Text)
	}
	var names struct {
		Base64 [][]byte `json:"project_names_filter_base64"`
	}
	if c.Clause != nil {
		require.NoError(t, json.Unmarshal(c.Clause, &names))
		fields := map[string]any{"enabled": true, "events": []string{"DEPLOYMENT_STARTED"}}
		require.NoError(t, json.Unmarshal(c.Clause, &fields))
		var err error
		data, err = json.Marshal(fields)
		require.NoError(t, err)
	}
	w := new(webhook.Webhook)
	if err := json.Unmarshal(data, w); err != nil {
		return nil, err
	}
	for _, name := range names.Base64 {
		w.ProjectNamesFilter = append(w.ProjectNamesFilter, string(name))
	}
	if w.ID == uuid.Nil {
		w.ID = uuid.New()
	}
	return w, nil
}

func (c conformanceCase) event(t *testing.T) webhook.Event {
	t.Helper()
	e := struct {
		webhook.Event
		Base64 []byte `json:"project_name_base64"`
	}{Event: webhook.Event{Type: webhook.DeploymentStarted, ProjectName: "shop", EnvironmentMode: webhook.Production}}
	decodeStrictly(t, c.Event, &e)
	if e.Base64 != nil {
		e.ProjectName = string(e.Base64)
	}
	return e.Event
}

func TestConformance(t *testing.T) {
	for _, cases := range conformanceFiles(t) {
		for _, c := range cases {
			t.Run(c.ID, func(t *testing.T) {
				w, err := c.webhook(t)
				if err != nil {
					require.False(t, c.Fires, c.Reason)
					require.Equal(t, c.Invalid, fieldsOf(err), c.Reason)
					return
				}
				e := c.event(t)
				for _, engine := range conformanceEngines {
					require.Equal(t, c.Fires, engine.fires(w, e), "%s: %s", engine.name, c.Reason)
				}
				f, err := filter.Compile(w)
				if err != nil {
					require.Equal(t, c.Invalid, fieldsOf(err), c.Reason)
					return
				}
				require.Empty(t, c.Invalid, c.Reason)
				stopped, _ := f.Explain(e).StoppedBy()
				require.Equal(t, c.StoppedBy, stopped.Name, c.Reason)
			})
		}
	}
}

// fieldsOf returns the fields of the FieldErrors in err.
func fieldsOf(err error) (fields []string) {
	for _, e := range webhook.FieldErrors(err) {
		fields = append(fields, e.Field)
	}
	return fields
}

// The files hold what their README promises: every rule of doc.go both ways, and
// every corner.
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
	for file, cases := range conformanceFiles(t) {
		for _, c := range cases {
			require.False(t, ids[c.ID], "the id %s is repeated", c.ID)
			ids[c.ID] = true
			require.Contains(t, verdicts, c.Rule, "%s: there is no such rule", c.ID)
			require.Regexp(t, fmt.Sprintf("^%02d-", c.Rule), c.ID)
			require.Equal(t, file[:3], c.ID[:3], "%s is in %s", c.ID, file)
			require.NotEmpty(t, c.Reason, c.ID)
			verdicts[c.Rule][c.Fires]++
			corners[c.Corner]++
		}
	}
	require.GreaterOrEqual(t, len(ids), 200)
	for rule, seen := range verdicts {
		require.Positive(t, seen[true], "rule %d has no case that fires", rule)
		require.Positive(t, seen[false], "rule %d has no case that does not fire", rule)
	}
	require.Equal(t, []string{"", "emptiness", "invalid-filter", "invalid-utf8", "json-text", "quoting", "unicode", "unknown-value"},
		slices.Sorted(maps.Keys(corners)))
}
