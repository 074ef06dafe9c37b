package engine_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
)

// repeated returns a list of n copies of text.
func repeated(text string, n int) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }

// A table ends where it becomes too large, and says how much it leaves out.
func TestTableIsBounded(t *testing.T) {
	long := strings.Repeat("a", 1000)
	for _, test := range []struct {
		name, webhooks, names string
		rows                  int // how many of the names the table has
		broken                string
	}{
		{"a million names", hook(id1, ""), strings.Repeat("a\n", 1_000_000), 10_000, ""},
		{"a thousand webhooks", list(repeated("{}", 1000)), strings.Repeat(long+"\n", 1000), 536, ""},
		{"too many webhooks", list(repeated("{}", 1001)), "a", 1, "want a list of at most 1000 webhooks, got 1001"},
		{"long entries", filtered(id1, repeated(`"`+strings.Repeat("*a", 100)+`b"`, 1000)), strings.Repeat(long+"\n", 10), 2, ""},
		{"a long name", filtered(id1, repeated(`"`+strings.Repeat("*a", 100)+`b"`, 1000)), strings.Repeat(long, 10), 0, ""},
		{"a large organization", list(repeated(`{"project_names_filter": ["checkout-*", "*-storefront"]}`, 300)), strings.Repeat("checkout-storefront-preview\n", 1500), 1500, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := ask(test.webhooks, test.names)
			got := table(t, new(engine.Engine), q)
			require.Equal(t, test.rows, len(got.Names))
			require.Equal(t, len(engine.Names(test.names))-test.rows, got.MoreNames)
			require.Equal(t, test.broken != "", got.Broken)
			if got.Broken {
				require.Equal(t, test.broken, got.Notes[0].Message)
			}
			for _, w := range got.Webhooks {
				require.Len(t, w.Cells, test.rows)
			}
			q.OrganizationID = id3
			if got.MoreNames > 0 {
				require.Contains(t, expectations(t, q).Error, "too many names: want")
			}

			// The webhooks of the baseline are bounded in the same way.
			q.Webhooks, q.Baseline = hook(id2, ""), test.webhooks
			require.InDelta(t, test.rows, len(table(t, new(engine.Engine), q).Names), 1)
		})
	}
}

func TestNotesAndEntriesAreBounded(t *testing.T) {
	q := ask(filtered(id1, repeated(`"a"`, 5000)), "b")
	got := table(t, new(engine.Engine), q)
	require.Equal(t, 1000, len(got.Notes))
	require.Equal(t, 3999, got.MoreNotes, "every entry but the first is a duplicate")
	x := explain(t, q, 0, 0)
	require.Equal(t, 1000, len(x.Notes))
	require.Equal(t, 3999, x.MoreNotes)
	require.Equal(t, 50, len(x.Entries))
	require.Equal(t, 4950, x.MoreEntries)
}

func TestStateIsBounded(t *testing.T) {
	q := ask(hook(id1, ""), strings.Repeat("a", 1<<19))
	q.Ask = "state"
	require.Contains(t, answer(t, new(engine.Engine), q).Error, "too large for a link: want 524288 bytes at most, got")
	q.Names = q.Names[1000:]
	require.NotEmpty(t, answer(t, new(engine.Engine), q).Text)
}
