package main

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/webhook"
)

// metrics measures requests and counts store errors. The labels have a fixed set of
// values, whatever clients send.
type metrics struct {
	requests    *prometheus.CounterVec
	durations   *prometheus.HistogramVec
	storeErrors *prometheus.CounterVec
}

func newMetrics(registry *prometheus.Registry, store *sqlstore.Store) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookfilter_requests_total", Help: "Requests by operation (one, list, other) and status code.",
		}, []string{"operation", "code"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hookfilter_request_duration_seconds", Help: "Time to answer a request, by operation.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"operation"}),
		storeErrors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookfilter_store_errors_total", Help: "Lookups and lists that failed: the database did not answer (unavailable), or another error (failed).",
		}, []string{"operation", "kind"}),
	}
	registry.MustRegister(m.requests, m.durations, m.storeErrors, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, operation := range []string{"one", "list"} {
		for _, kind := range []string{"unavailable", "failed"} {
			m.storeErrors.WithLabelValues(operation, kind) // export 0 before the first error
		}
	}
	gauge := func(name, help string, value func() float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "hookfilter_database_" + name, Help: help}, value))
	}
	counter := func(name, help string, value func() float64) {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "hookfilter_database_" + name, Help: help}, value))
	}
	gauge("connections_max", "Maximum number of connections in the pool.", func() float64 { return float64(store.Stats().MaxOpenConnections) })
	gauge("connections_in_use", "Connections in use by a query.", func() float64 { return float64(store.Stats().InUse) })
	gauge("connections_idle", "Idle connections.", func() float64 { return float64(store.Stats().Idle) })
	counter("waits_total", "Queries that waited for a connection.", func() float64 { return float64(store.Stats().WaitCount) })
	counter("wait_seconds_total", "Total time that queries waited for a connection.", func() float64 { return store.Stats().WaitDuration.Seconds() })
	return m
}

// providerUp registers the metric of the identity provider's state. The provider is up when
// the program starts.
func providerUp(registry *prometheus.Registry) prometheus.Gauge {
	up := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "hookfilter_provider_up", Help: "Whether the identity provider answered the last request for its keys: 1 or 0.",
	})
	registry.MustRegister(up)
	up.Set(1)
	return up
}

// metricsHandler serves the metrics at /metrics.
func metricsHandler(registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry}))
	return mux
}

type operationKey struct{}

// handler measures next.
func (m *metrics) handler(next http.Handler) http.Handler {
	label := promhttp.WithLabelFromCtx("operation", func(ctx context.Context) string { return ctx.Value(operationKey{}).(string) })
	next = promhttp.InstrumentHandlerCounter(m.requests, promhttp.InstrumentHandlerDuration(m.durations, next, label), label)
	// This mux only identifies the operation. It serves no request, because it would
	// answer some paths itself, for example with a redirect.
	patterns := map[string]string{
		"/organization/{organizationId}/webhook":             "list",
		"/organization/{organizationId}/webhook/{webhookId}": "one",
	}
	operations := http.NewServeMux()
	for pattern := range patterns {
		operations.Handle(pattern, next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := operations.Handler(r)
		operation := cmp.Or(patterns[pattern], "other")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), operationKey{}, operation)))
	})
}

// store counts the errors of s.
func (m *metrics) store(s *sqlstore.Store) httpapi.Store { return countedStore{s, m.storeErrors} }

type countedStore struct {
	*sqlstore.Store
	errors *prometheus.CounterVec
}

// Webhook implements httpapi.Store.
func (s countedStore) Webhook(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
	w, err := s.Store.Webhook(ctx, organizationID, webhookID)
	s.count("one", err)
	return w, err
}

// Webhooks implements httpapi.Store.
func (s countedStore) Webhooks(ctx context.Context, organizationID uuid.UUID) ([]*webhook.Webhook, error) {
	ws, err := s.Store.Webhooks(ctx, organizationID)
	s.count("list", err)
	return ws, err
}

func (s countedStore) count(operation string, err error) {
	switch {
	case err == nil, errors.Is(err, httpapi.ErrNotFound), errors.Is(err, context.Canceled): // not a store error, or the client has gone
	case errors.Is(err, httpapi.ErrUnavailable):
		s.errors.WithLabelValues(operation, "unavailable").Inc()
	default:
		s.errors.WithLabelValues(operation, "failed").Inc()
	}
}
