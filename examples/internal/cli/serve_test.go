package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServerLimits(t *testing.T) {
	server := NewServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	require.Positive(t, server.ReadHeaderTimeout)
	require.Positive(t, server.ReadTimeout)
	require.Positive(t, server.WriteTimeout)
	require.Positive(t, server.IdleTimeout)
	require.Greater(t, server.MaxHeaderBytes, 8<<10, "the longest token fits")
	require.Less(t, server.MaxHeaderBytes, http.DefaultMaxHeaderBytes)
	require.True(t, server.DisableGeneralOptionsHandler)
	require.Greater(t, shutdownTimeout, server.ReadHeaderTimeout+server.WriteTimeout, "a pending request can end before the shutdown's timeout")
}

// pipes is a listener for connections in memory, so that a server can run in a synctest bubble.
type pipes chan net.Conn

func (l pipes) Accept() (net.Conn, error) {
	conn, ok := <-l
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (l pipes) Close() error {
	close(l)
	return nil
}

func (pipes) Addr() net.Addr { return nil }

func (l pipes) dial() net.Conn {
	client, server := net.Pipe()
	l <- server
	return client
}

// A request whose body never arrives gets its response: net/http waits for the body, up to
// ReadTimeout, before it sends the response, so WriteTimeout must be longer.
func TestBodyThatNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "answered")
		}), slog.New(slog.DiscardHandler))
		listener := make(pipes)
		go server.Serve(listener)
		defer server.Close()
		const clients = 40 // if both timeouts ended at the same time, some responses might be sent by chance
		answers := make(chan string, clients)
		for range clients {
			go func() {
				conn := listener.dial()
				_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
				answer, err := io.ReadAll(conn)
				answers <- fmt.Sprint(string(answer), err)
			}()
		}
		for range clients {
			answer := <-answers
			require.Contains(t, answer, "HTTP/1.1 200 OK")
			require.Contains(t, answer, "answered<nil>")
		}
	})
}

// At the shutdown's timeout, the connections of requests that have not ended are closed.
func TestShutdownTimeout(t *testing.T) {
	asked, ended := make(chan struct{}), make(chan error)
	server := NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
		ended <- r.Context().Err()
	}), slog.New(slog.DiscardHandler))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- serve(ctx, time.Millisecond, []Listening{{Server: server, Listener: listener}}) }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	<-asked
	end()
	require.ErrorContains(t, <-served, "requests still running after 1ms")
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Empty(t, answer)
	require.ErrorIs(t, <-ended, context.Canceled)
}

// All servers share the shutdown's timeout, and the later ones respond while the earlier ones
// wait for pending requests.
func TestShutdownOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := http.NewServeMux()
		handler.HandleFunc("GET /slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		handler.HandleFunc("GET /fast", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "answered") })
		api, metrics := make(pipes), make(pipes)
		ctx, end := context.WithCancel(t.Context())
		served := make(chan error)
		go func() {
			served <- Serve(ctx, Listening{Server: &http.Server{Handler: handler}, Listener: api},
				Listening{Server: &http.Server{Handler: handler}, Listener: metrics})
		}()
		request := func(conn net.Conn, path string) {
			_, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			require.NoError(t, err)
		}
		for _, l := range []pipes{api, metrics} {
			conn := l.dial()
			defer conn.Close()
			request(conn, "/slow")
		}
		synctest.Wait()
		began := time.Now()
		end()
		synctest.Wait()
		_, open := <-api
		require.False(t, open, "the first server accepts no connection")
		conn := metrics.dial()
		defer conn.Close()
		request(conn, "/fast")
		answer, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.Contains(t, string(answer), "answered")
		require.ErrorContains(t, <-served, "requests still running after 30s")
		require.Equal(t, shutdownTimeout, time.Since(began))
	})
}

// listener is a net.Listener that has only an address.
type listener struct {
	net.Listener
	address net.Addr
}

func (l listener) Addr() net.Addr { return l.address }

func TestReachable(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:80": "127.0.0.1:80", "[::1]:80": "[::1]:80", "0.0.0.0:80": "localhost:80", "[::]:80": "localhost:80",
	} {
		a, err := net.ResolveTCPAddr("tcp", address)
		require.NoError(t, err)
		require.Equal(t, want, Reachable(listener{address: a}), address)
	}
}

// If one server fails, the others are shut down.
func TestServeEndsAll(t *testing.T) {
	var servers []Listening
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		servers = append(servers, Listening{Server: NewServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler)), Listener: l})
	}
	ended := make(chan error)
	go func() { ended <- Serve(t.Context(), servers...) }()
	require.NoError(t, servers[0].Listener.Close())
	require.ErrorIs(t, <-ended, net.ErrClosed)
	require.ErrorIs(t, servers[1].Listener.Close(), net.ErrClosed, "the other listener is already closed")
}
