package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// health answers /healthz and /readyz.
type health struct {
	database func(context.Context) error // returns an error if the database does not answer
	access   func() error                // returns an error if no credential can be checked
	timeout  time.Duration               // of the database's answer
}

// beside returns a handler of the two paths that passes all other requests to next.
func (h health) beside(next http.Handler) http.Handler {
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

// ready says what this process lacks to serve requests, but not the error, which may be
// confidential.
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
