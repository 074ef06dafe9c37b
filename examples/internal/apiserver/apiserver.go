// Package apiserver has what the example servers share around a handler: limits, and an
// end that cuts nobody off.
package apiserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// ShutdownTimeout is longer than any request of [New] may take.
const ShutdownTimeout = 30 * time.Second

// New returns a server that has a limit for each thing that a client can be slow or big
// with, and leaves every answer to handler, OPTIONS * too.
func New(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		// Both begin with the request, and an answer may have to wait for the rest of
		// a body that never comes: it needs time after that.
		WriteTimeout:   20 * time.Second,
		IdleTimeout:    time.Minute,
		MaxHeaderBytes: 16 << 10, // twice the longest token
		ErrorLog:       slog.NewLogLogger(logger.Handler(), slog.LevelWarn),

		DisableGeneralOptionsHandler: true,
	}
}

// Shutdown ends server when the requests at hand are answered, or cuts them off after
// timeout.
func Shutdown(server *http.Server, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(fmt.Errorf("requests still running after %v: %w", timeout, err), server.Close())
	}
	return err
}

// Reachable is the address of a listener as a client on this machine dials it.
func Reachable(a *net.TCPAddr) string {
	if a.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", a.Port)
	}
	return a.String()
}
