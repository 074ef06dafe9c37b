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

// NewServer returns a server with limits on the time and the header size of a request. The
// handler answers every request, including OPTIONS *.
func NewServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		// Longer than ReadTimeout, which starts no later: net/http reads the rest of a
		// body before it sends the response.
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

// Serve serves until ctx is done or one of the servers fails, and then shuts all of them
// down after the pending requests are answered.
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
	for _, s := range servers {
		err = errors.Join(err, shutdown(s.Server, timeout))
	}
	for range running {
		<-ended // wait: if Serve begins after Shutdown, only Serve closes the listener
	}
	return err
}

// shutdown shuts server down after the pending requests are answered. After timeout it
// closes their connections.
func shutdown(server *http.Server, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(fmt.Errorf("requests still running after %v: %w", timeout, err), server.Close())
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
