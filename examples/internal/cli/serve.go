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

// shutdownTimeout is longer than the ReadHeaderTimeout plus the WriteTimeout of [NewServer], after
// which a request can no longer be answered.
const shutdownTimeout = 30 * time.Second

// NewServer returns a server with limits on the time and the header size of a request. The
// handler answers every request, including OPTIONS *.
func NewServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		// Longer than ReadTimeout, because net/http reads the rest of a body before it
		// sends the response. ReadTimeout starts no later than WriteTimeout.
		WriteTimeout:   20 * time.Second,
		IdleTimeout:    time.Minute,
		MaxHeaderBytes: 16 << 10, // twice the longest token
		ErrorLog:       slog.NewLogLogger(logger.Handler(), slog.LevelWarn),

		DisableGeneralOptionsHandler: true,
	}
}

// Listening is a server and its listener. It speaks TLS if Certificate is not nil.
type Listening struct {
	*http.Server
	net.Listener
	Certificate *Certificate
}

// Serve serves until ctx is done or one of the servers fails, and then shuts the servers down
// in order, each after its pending requests are answered. A server accepts requests until the
// servers before it are shut down: put one for metrics last, so that it can be scraped
// meanwhile. After 30 s in total, Serve closes the connections of the requests still running.
func Serve(ctx context.Context, servers ...Listening) error {
	return serve(ctx, shutdownTimeout, servers)
}

func serve(ctx context.Context, timeout time.Duration, servers []Listening) error {
	ended := make(chan error, len(servers))
	for _, s := range servers {
		go func() {
			if s.Certificate != nil {
				s.TLSConfig = s.Certificate.config()
				ended <- s.ServeTLS(s.Listener, "", "")
			} else {
				ended <- s.Serve(s.Listener)
			}
		}()
	}
	var err error
	running := len(servers)
	select {
	case err = <-ended:
		running--
	case <-ctx.Done():
	}
	deadline, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), timeout,
		fmt.Errorf("requests still running after %v: %w", timeout, context.DeadlineExceeded))
	defer cancel()
	for _, s := range servers {
		err = errors.Join(err, shutdown(deadline, s.Server))
	}
	for range running {
		<-ended // wait: if Serve begins after Shutdown, only Serve closes the listener
	}
	return err
}

// shutdown shuts server down after the pending requests are answered. At the deadline of ctx it
// closes their connections, and its error includes the cause of ctx.
func shutdown(ctx context.Context, server *http.Server) error {
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(context.Cause(ctx), server.Close())
	}
	return err
}

// Reachable returns the address at which a client on this machine can dial a listener.
func Reachable(l net.Listener) string {
	a := l.Addr().(*net.TCPAddr)
	if a.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", a.Port)
	}
	return a.String()
}
