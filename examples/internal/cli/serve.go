package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// shutdownTimeout is longer than any request of [NewServer] may take.
const shutdownTimeout = 30 * time.Second

// NewServer returns a server that bounds everything that a client can be slow or large
// with, and leaves every answer to handler, also to OPTIONS *.
func NewServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		// Both begin with the request, and net/http reads the rest of a body before it
		// sends the answer: the answer needs time after that.
		WriteTimeout:   20 * time.Second,
		IdleTimeout:    time.Minute,
		MaxHeaderBytes: 16 << 10, // twice the longest token
		ErrorLog:       slog.NewLogLogger(logger.Handler(), slog.LevelWarn),

		DisableGeneralOptionsHandler: true,
	}
}

// Listening is a server and its listener. It speaks TLS if Cert and Key are set.
type Listening struct {
	*http.Server
	net.Listener
	Cert, Key string
}

// Serve serves until ctx is done or one of the servers fails, and then ends all of them
// when the requests at hand are answered.
func Serve(ctx context.Context, servers ...Listening) error {
	return serve(ctx, shutdownTimeout, servers)
}

func serve(ctx context.Context, timeout time.Duration, servers []Listening) error {
	ended := make(chan error, len(servers))
	for _, s := range servers {
		go func() {
			if s.Cert != "" {
				ended <- s.ServeTLS(s.Listener, s.Cert, s.Key)
			} else {
				ended <- s.Serve(s.Listener)
			}
		}()
	}
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	for _, s := range servers {
		err = errors.Join(err, shutdown(s.Server, timeout))
	}
	return err
}

// shutdown ends server when the requests at hand are answered, or cuts them off after
// timeout.
func shutdown(server *http.Server, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(fmt.Errorf("requests still running after %v: %w", timeout, err), server.Close())
	}
	return err
}

// Reachable returns the address of a listener as a client on this machine dials it.
func Reachable(l net.Listener) string {
	a := l.Addr().(*net.TCPAddr)
	if a.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", a.Port)
	}
	return a.String()
}
