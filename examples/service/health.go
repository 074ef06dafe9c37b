package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// health serves /healthz and /readyz.
type health struct {
	database func(context.Context) error // returns an error if the database does not respond
	access   func() error                // returns an error if no credential can be checked
	timeout  time.Duration               // of database
}

// wrap returns a handler that serves the two paths and passes all other requests to next.
func (h health) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz":
			fmt.Fprintln(w, "ok")
		case "/readyz":
			h.ready(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ready serves /readyz. The response names the part that prevents this process from serving
// requests, but does not contain the error, which may be confidential.
func (h health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), h.timeout)
	defer cancel()
	switch {
	case h.database(ctx) != nil:
		http.Error(w, "database unreachable", http.StatusServiceUnavailable)
	case h.access() != nil:
		http.Error(w, "the identity provider's keys are too old", http.StatusServiceUnavailable)
	default:
		fmt.Fprintln(w, "ok")
	}
}
