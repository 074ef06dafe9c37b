package engine_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
)

// Every input has a response. The offsets of every note are in the text and agree with its
// line and column, and a link has no target URL.
func FuzzAnswer(f *testing.F) {
	for _, text := range []string{"", "{", "[]", "17", "\"\xbd\xbd", `{"results": [17, null, {}, {"results": []}]}`, list(hook(id1, ""), filtered(id2, `"", "a*b", "é\u00e9𝄞"`)),
		"\ufeff" + filtered(id1, `"a", "a"`), `{"Events": [[{}]], "events": {"a": [1]}, "target_url": ["https://x/SECRET"]}`, "{\"a\": \"\xff\"}", "{\"events\": [\n1,]}",
		hook(id1, `, "target_url": "https://x/SECRET", "description": "https://x/SECRET"`), "\ufeff", strings.Repeat("[", 1001), `{"Results": [], "results": [1]}`,
		list(hook(id1, `, "id": 5, "Target_URL": "https://x/SECRET", "target_url": "https://x/SECRET"`), hook(id2, `, "Events": 5, "Events": []`), hook(id2, "")), "\ufeff" + list(project(1, "é"), "17")} {
		f.Add(text, hook(id1, ""), "a\n\"\\u0000\"\n\xff", 0, 0)
		f.Add(hook(id1, ""), text, "a", 1, 0)
	}
	f.Fuzz(func(t *testing.T, webhooks, baseline, names string, column, row int) {
		e := new(engine.Engine)
		q := ask(webhooks, names)
		q.Baseline, q.Webhook, q.Name, q.OrganizationID = baseline, column, row, id3
		got := table(t, e, q)
		for _, w := range got.Webhooks {
			require.Len(t, w.Cells, len(got.Names))
		}
		text := []rune(webhooks) // with U+FFFD for each invalid byte, as in JSON
		units := utf16.Encode(text)
		last := 0
		for _, n := range got.Notes {
			require.LessOrEqual(t, last, n.Start, "in order")
			require.LessOrEqual(t, n.Start, n.End)
			require.LessOrEqual(t, n.End, len(units))
			before := string(utf16.Decode(units[:n.Start]))
			require.Equal(t, n.Line, 1+strings.Count(before, "\n"))
			require.Equal(t, n.Column, 1+utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]))
			last = n.Start
		}

		q.Ask, q.Projects = "existing", webhooks
		for _, n := range answer(t, e, q).Existing.Projects.Notes {
			require.LessOrEqual(t, n.Start, n.End)
			require.LessOrEqual(t, n.End, len(units))
		}

		q.Ask = "explanation"
		r := answer(t, e, q)
		inside := column >= 0 && column < len(got.Webhooks) && row >= 0 && row < len(got.Names)
		require.Equal(t, inside, r.Explanation != nil, r.Error)

		q.Ask = "expectations"
		if r := answer(t, e, q); r.Error == "" {
			require.True(t, json.Valid([]byte(r.Text)))
		}

		q.Ask = "state"
		r = answer(t, e, q)
		require.Equal(t, got.Broken, r.Error != "")
		if !got.Broken {
			var s state
			require.NoError(t, json.Unmarshal([]byte(r.Text), &s))
			for _, text := range []string{s.Webhooks, s.Baseline} {
				require.NotRegexp(t, `(?i)"target_url": "[^"]`, text)
			}
			linked := table(t, e, ask(s.Webhooks, names))
			require.False(t, linked.Broken)
		}
	})
}
