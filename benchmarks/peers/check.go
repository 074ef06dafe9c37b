package peers

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/benchmarks/workload"
	"github.com/hookfilter/hookfilter/webhook"
)

// Example returns the webhook and the event with which the peers for one webhook are
// measured. The event fires the webhook.
func Example() (*webhook.Webhook, webhook.Event) {
	w := &webhook.Webhook{
		ID:                     uuid.UUID{1},
		Enabled:                true,
		Events:                 []webhook.EventType{webhook.DeploymentStarted, webhook.DeploymentFailure},
		ProjectNamesFilter:     []string{"product*", "*-api", "billing"},
		EnvironmentTypesFilter: []webhook.EnvironmentMode{webhook.Production, webhook.Staging},
	}
	return w, webhook.Event{Type: webhook.DeploymentStarted, ProjectName: "Checkout-API", EnvironmentMode: webhook.Production}
}

// verdicts lists the results of the rules for pairs of an entry and a project name.
var verdicts = []struct {
	entry, name string
	matches     bool
}{
	{"billing", "Billing", true},
	{"billing", "billing2", false},
	{"product*", "PRODUCT", true},
	{"product*", "my-product", false},
	{"*-api", "Checkout-API", true},
	{"*-api", "checkout-api-2", false},
	{"*-search-*", "Team-1-SEARCH-x", true},
	{"*-search-*", "search", false},
	{"team-12*-api", "Team-129-Public-API", true},
	{"team-12*-api", "team-12-ap", false},
	{"aba*aba", "aba", false},
	{"*", "", true},
	{"**", "x", true},
	{"?", "", false},
	{"a?c", "aBC", true},
	{"a?c", "ac", false},
	{"*?*?", "x", false},
	{"*a*b*c", "xAxBxC", true},
	{"[pr]*", "[PR] 12", true},
	{"[pr]*", "p", false},
	{"{a,b}", "a", false},
	{"{a,b}", "{A,B}", true},
	{"a-z!", "A-Z!", true},
	{`a\*`, `A\b`, true},
	{`a\*`, "a*", false},
	{"a.b+", "axb", false},
	{"a.b+", "A.B+", true},
	{`a"b'c`, `A"B'C`, true},
	{"a`b", "A`B", true},
	{"a*z", "a\nz", true},
	{"team*", "team/a/b", true},
	{"*?b", "a/b", true},
	{"é*", "École", true},
	{"k?s", "\u212aéſ", true},
	{"ΣΑΣ", "σας", true},
	{"Ⱥ", "ⱥ", true},
	{"ß", "ss", false},
	{"i", "İ", false},
	{"İ", "i", false},
	{"日?", "日本", true},
	{"a?b", "a\xffb", true},
	{"a??b", "a\xffb", false},
	{"a\ufffdb", "a\xffb", true},
	{"\ufffda*", "\xffab", true},
}

// CheckOne returns an error if a peer disagrees with the rules in its domain, or with the
// first peer on the example or on webhooks and events of the workload.
func CheckOne(peers []Peer) error {
	example, event := Example()
	webhooks, events := []*webhook.Webhook{example}, []webhook.Event{event}
	g := workload.New(1, workload.Narrow)
	for range 100 {
		webhooks, events = append(webhooks, g.Webhook()), append(events, g.Event())
	}
	for _, peer := range peers {
		for _, v := range verdicts {
			if !peer.Agrees.Contains(v.entry) || !peer.Agrees.Contains(v.name) {
				continue
			}
			w, e := *example, event
			w.ProjectNamesFilter, e.ProjectName = []string{v.entry}, v.name
			match, err := peer.Compile(&w)
			if err != nil {
				return fmt.Errorf("%s: compile %q: %w", peer.Name, v.entry, err)
			}
			if match(e) != v.matches {
				return fmt.Errorf("%s: entry %q and name %q: got %t, want %t", peer.Name, v.entry, v.name, !v.matches, v.matches)
			}
		}
	}
	for _, w := range webhooks {
		first, err := peers[0].Compile(w)
		if err != nil {
			return err
		}
		for _, peer := range peers[1:] {
			match, err := peer.Compile(w)
			if err != nil {
				return fmt.Errorf("%s: compile %v: %w", peer.Name, w, err)
			}
			for _, e := range events {
				if match(e) != first(e) {
					return fmt.Errorf("%s: event %+v and entries %q: got %t, want %t", peer.Name, e, w.ProjectNamesFilter, match(e), first(e))
				}
			}
		}
	}
	return nil
}

// CheckMany returns an error if two finders find different webhooks.
func CheckMany(name string, found, want AppendMatches, events []webhook.Event) error {
	for _, e := range events {
		if f, w := ids(found(nil, e)), ids(want(nil, e)); !slices.Equal(f, w) {
			i := 0
			for i < min(len(f), len(w)) && f[i] == w[i] {
				i++
			}
			return fmt.Errorf("%s: other webhooks found for %+v: got %d webhooks, want %d; the sorted ids first differ at position %d: got %v, want %v",
				name, e, len(f), len(w), i, f[i:min(i+1, len(f))], w[i:min(i+1, len(w))])
		}
	}
	return nil
}

func ids(webhooks []*webhook.Webhook) []uuid.UUID {
	var ids []uuid.UUID
	for _, w := range webhooks {
		ids = append(ids, w.ID)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return ids
}
