package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// health answers /healthz and /readyz.
type health struct {
	checks map[string]func(context.Context) error // by the name of the dependency
}

// pinger is a dependency that can be checked.
type pinger interface {
	Ping(ctx context.Context) error
}

func newHealth(store pinger, a *access) health {
	checks := map[string]func(context.Context) error{"database": store.Ping}
	if a.provider != nil {
		checks["provider"] = a.provider.Ping
	}
	return health{checks}
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

// ready names a dependency that does not answer, but not the error, which may be
// confidential.
func (h health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	for what, ping := range h.checks {
		if ping(ctx) != nil {
			http.Error(w, what+" unreachable", http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, "ok")
}
