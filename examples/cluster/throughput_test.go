package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
)

// BenchmarkDispatch measures end-to-end events per second: an event is pulled and decided, its
// deliveries and the record of the decision are stored, and it is acknowledged with a
// confirmation. An operation is one event; each fires about 1.5 of 10,000 webhooks. Run it with -benchtime 100000x.
func BenchmarkDispatch(b *testing.B) {
	for _, servers := range []int{0, 1, 3} {
		for _, dispatchers := range []int{1, 2} {
			name := fmt.Sprintf("servers=%d/dispatchers=%d", servers, dispatchers)
			if servers == 0 {
				name = fmt.Sprintf("embedded/dispatchers=%d", dispatchers)
			}
			b.Run(name, func(b *testing.B) { benchmarkDispatch(b, servers, dispatchers) })
		}
	}
}

func benchmarkDispatch(b *testing.B, servers, dispatchers int) {
	ctx := b.Context()
	c := &command{connection: connection{replicas: max(servers, 1)}, stdout: io.Discard, stderr: io.Discard, events: "-", json: true}
	if servers > 0 {
		c.url = natstest.Start(b, servers).URL()
	}
	js, disconnect, err := c.open()
	require.NoError(b, err)
	b.Cleanup(disconnect)
	kv, err := openBucket(ctx, js, c.replicas)
	require.NoError(b, err)
	var organizations []uuid.UUID
	var puts sync.WaitGroup
	for range 100 {
		o := uuid.New()
		organizations = append(organizations, o)
		puts.Go(func() {
			for i := range 100 {
				// A project name matches 1.5 webhooks on average.
				_, err := natsfeed.Put(ctx, kv, o, newWebhook(fmt.Sprintf("project-%d", i*2/3)))
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	puts.Wait()
	var lines strings.Builder
	r := rand.New(rand.NewPCG(1, 1))
	for range b.N {
		lines.WriteString(eventLine(organizations[r.IntN(len(organizations))], fmt.Sprintf("PROJECT-%d", r.IntN(67))))
	}
	c.stdin = strings.NewReader(lines.String())
	_, err = openEvents(ctx, js, c.replicas)
	require.NoError(b, err)
	published, err := c.publishFile(ctx, js, "", 0)
	require.NoError(b, err)
	require.Equal(b, b.N, published.published)

	var all []*dispatcher
	for i := range dispatchers {
		mine := js
		if i > 0 && servers > 0 {
			var disconnect func()
			mine, disconnect, err = c.open()
			require.NoError(b, err)
			b.Cleanup(disconnect)
		}
		d, err := c.newDispatcher(ctx, mine, newMetrics(c.logger(slog.LevelWarn)))
		require.NoError(b, err)
		b.Cleanup(d.close)
		all = append(all, d)
	}
	dispatching, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	b.ResetTimer()
	start := time.Now()
	for _, d := range all {
		running.Go(func() { d.run(dispatching) })
	}
	require.NoError(b, until(ctx, js, published.last))
	took := time.Since(start)
	b.StopTimer()
	stop()
	running.Wait()
	events, deliveries := 0, 0
	for _, d := range all {
		events, deliveries = events+d.out.events, deliveries+d.out.deliveries
	}
	require.Equal(b, b.N, events)
	s, err := js.Stream(ctx, deliveriesStream)
	require.NoError(b, err)
	require.EqualValues(b, deliveries, s.CachedInfo().State.Msgs)
	records, err := js.Stream(ctx, decisionsStream)
	require.NoError(b, err)
	b.ReportMetric(float64(events)/took.Seconds(), "events/s")
	b.ReportMetric(float64(events)/float64(records.CachedInfo().State.Msgs), "events/record")
	b.ReportMetric(float64(deliveries)/float64(events), "deliveries/event")
	b.ReportMetric(0, "ns/op")
}
