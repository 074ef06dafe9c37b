package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Results of an event.
const (
	fired    = "fired"
	none     = "none"
	rejected = "rejected"
)

// metrics holds the metrics of one dispatcher. The number of label values does not grow
// with organizations, webhooks, projects or event types.
type metrics struct {
	registry   *prometheus.Registry
	events     *prometheus.CounterVec
	deliveries prometheus.Counter
	decide     prometheus.Histogram
	*trouble
	health
}

func newMetrics(log *slog.Logger) *metrics {
	m := &metrics{
		trouble:  newTrouble(log),
		registry: prometheus.NewRegistry(),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hookfilter_events_total",
			Help: "Events whose acknowledgement was confirmed, by result."}, []string{"result"}),
		deliveries: prometheus.NewCounter(prometheus.CounterOpts{Name: "hookfilter_deliveries_total",
			Help: "Deliveries whose storage the servers acknowledged, without duplicates."}),
		decide: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "hookfilter_decide_seconds",
			Help: "Time to find the webhooks that an event fires.", Buckets: prometheus.ExponentialBuckets(250e-9, 4, 10)}),
	}
	for _, result := range []string{fired, none, rejected} {
		m.events.WithLabelValues(result)
	}
	gauge := func(name, help string, notReady float64, value func(feed) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			if f := m.getFeed(); f != nil {
				return value(f)
			}
			return notReady
		})
	}
	m.registry.MustRegister(m.events, m.deliveries, m.decide, m.errors,
		gauge("hookfilter_feed_age_seconds", "Seconds since the feed was last confirmed complete; +Inf until it is ready.", math.Inf(1), func(f feed) float64 { return f.Age().Seconds() }),
		gauge("hookfilter_feed_revision", "Revision of the bucket up to which the feed knows all changes.", 0, func(f feed) float64 { return float64(f.Revision()) }),
		gauge("hookfilter_webhooks", "Webhooks in the index. If there are none, no event fires.", 0, func(f feed) float64 { return float64(f.Index().Len()) }),
		gauge("hookfilter_invalid_webhooks", "Invalid webhooks in the bucket, which fire for nothing.", 0, func(f feed) float64 { return float64(f.Invalid()) }))
	return m
}

// serve serves /metrics and /healthz until ctx is done, unless the address is empty.
func (m *metrics) serve(ctx context.Context, address string) error {
	if address == "" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("-metrics: %w", err)
	}
	m.log.Info("serving metrics", "address", listener.Addr())
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if problem := m.problem(); problem != "" {
			http.Error(w, problem, http.StatusServiceUnavailable)
		}
	})
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	go func() {
		if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(err) // not expected: only s uses the listener
		}
	}()
	return nil
}
