package peers_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/benchmarks/peers"
	"github.com/hookfilter/hookfilter/benchmarks/workload"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestPeersForOneAgree(t *testing.T) {
	ours := peers.One()[0]
	for _, peer := range peers.One() {
		t.Run(peer.Name, func(t *testing.T) {
			require.NoError(t, peers.CheckOne([]peers.Peer{ours, peer}))
		})
	}
}

func TestCheckOneFindsPeersThatDiffer(t *testing.T) {
	ours := peers.One()[0]
	for name, compile := range map[string]func(w webhook.Webhook) (peers.Match, error){
		"does not compile": func(webhook.Webhook) (peers.Match, error) {
			return nil, errors.New("broken")
		},
		"always fires": func(webhook.Webhook) (peers.Match, error) {
			return func(webhook.Event) bool { return true }, nil
		},
		"never fires": func(webhook.Webhook) (peers.Match, error) {
			return func(webhook.Event) bool { return false }, nil
		},
		"ignores the type": func(w webhook.Webhook) (peers.Match, error) {
			w.Events = webhook.EventTypes()
			return ours.Compile(&w)
		},
		"ignores the mode": func(w webhook.Webhook) (peers.Match, error) {
			w.EnvironmentTypesFilter = nil
			return ours.Compile(&w)
		},
		"ignores the second entry": func(w webhook.Webhook) (peers.Match, error) {
			w.ProjectNamesFilter = w.ProjectNamesFilter[:min(1, len(w.ProjectNamesFilter))]
			return ours.Compile(&w)
		},
	} {
		t.Run(name, func(t *testing.T) {
			peer := peers.Peer{Name: "broken", Agrees: ours.Agrees, Compile: func(w *webhook.Webhook) (peers.Match, error) { return compile(*w) }}
			require.ErrorContains(t, peers.CheckOne([]peers.Peer{ours, peer}), "broken: ")
		})
	}
}

func TestPeersDifferOutsideTheirDomain(t *testing.T) {
	// From the largest to the smallest; each contains the next one.
	domains := []string{"any text", "ASCII", "ASCII without /"}
	byName := map[string]peers.Domain{}
	for _, peer := range peers.One() {
		byName[peer.Agrees.Name] = peer.Agrees
	}
	require.Len(t, byName, len(domains))
	for _, peer := range peers.One() {
		for _, wider := range domains[:slices.Index(domains, peer.Agrees.Name)] {
			t.Run(peer.Name+" on "+wider, func(t *testing.T) {
				peer.Agrees = byName[wider]
				require.Error(t, peers.CheckOne([]peers.Peer{peers.One()[0], peer}))
			})
		}
	}
}

func TestPeersForManyAgree(t *testing.T) {
	g := workload.New(2, workload.Narrow)
	webhooks := slices.Collect(measure.Webhooks(g, 2000))
	events := measure.Events(g, 1000)
	var ours peers.AppendMatches
	for _, finder := range peers.Many() {
		find, err := finder.Compile(slices.Values(webhooks))
		require.NoError(t, err)
		if ours == nil {
			ours = find
		}
		require.NoError(t, peers.CheckMany(finder.Name, find, ours, events))
	}
	// Match each webhook alone, to check the index too.
	each := func(dst []*webhook.Webhook, e webhook.Event) []*webhook.Webhook {
		for _, w := range webhooks {
			match, err := peers.One()[0].Compile(w)
			require.NoError(t, err)
			if match(e) {
				dst = append(dst, w)
			}
		}
		return dst
	}
	require.NoError(t, peers.CheckMany("hookfilter", ours, each, events[:20]))
}

func TestCheckManyFindsFindersThatDiffer(t *testing.T) {
	g := workload.New(2, workload.Narrow)
	events := measure.Events(g, 50)
	ours, err := peers.Many()[0].Compile(measure.Webhooks(g, 500))
	require.NoError(t, err)
	for name, change := range map[string]func([]*webhook.Webhook) []*webhook.Webhook{
		"one missing": func(found []*webhook.Webhook) []*webhook.Webhook { return found[:max(0, len(found)-1)] },
		"one twice":   func(found []*webhook.Webhook) []*webhook.Webhook { return append(found, found[:min(1, len(found))]...) },
		"one replaced": func(found []*webhook.Webhook) []*webhook.Webhook {
			return append(found[:max(0, len(found)-1)], g.Webhook())
		},
		"none": func([]*webhook.Webhook) []*webhook.Webhook { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			differs := func(dst []*webhook.Webhook, e webhook.Event) []*webhook.Webhook { return change(ours(dst, e)) }
			require.ErrorContains(t, peers.CheckMany("broken", differs, ours, events), "broken: other webhooks found")
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	w, e := peers.Example()
	for _, peer := range peers.One() {
		match, err := peer.Compile(w)
		require.NoError(b, err)
		b.Run(peer.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				match(e)
			}
		})
	}
}

func BenchmarkAppendMatches(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		g := workload.New(1, workload.Narrow)
		webhooks := slices.Collect(measure.Webhooks(g, n))
		events := measure.Events(g, 1024)
		for _, finder := range peers.Many() {
			b.Run(fmt.Sprintf("%d/%s", n, finder.Name), func(b *testing.B) {
				find, err := finder.Compile(slices.Values(webhooks))
				require.NoError(b, err)
				var dst []*webhook.Webhook
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					dst = find(dst[:0], events[i%len(events)])
				}
			})
		}
	}
}
