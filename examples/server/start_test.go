package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStartFails(t *testing.T) {
	good := folder(t, map[string]string{acme: list("")})
	tokensOf := func(content string) string {
		file := filepath.Join(t.TempDir(), "tokens.json")
		write(t, file, content)
		return file
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel() // what starts after all ends at once
	const notToken = "tokens.json: the token is not of the form of RFC 6750"
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"an unknown flag":        {[]string{"-x"}, "bad arguments"},
		"an argument":            {[]string{"x"}, "bad arguments"},
		"no folder":              {[]string{"-webhooks", "absent"}, "open absent: no such file or directory"},
		"no webhook":             {[]string{"-webhooks", folder(t, map[string]string{acme: `{"results":[]}`})}, "no webhook that a token may read"},
		"no token for a webhook": {[]string{"-webhooks", good, "-tokens", tokensOf(`{"tok-secret":["` + other + `"]}`)}, "no webhook that a token may read"},
		"an address in words":    {[]string{"-webhooks", good, "-addr", "nowhere"}, "address nowhere: missing port"},
		"no tokens file":         {[]string{"-webhooks", good, "-tokens", "absent"}, "open absent: no such file or directory"},
		"no tokens":              {[]string{"-webhooks", good, "-tokens", tokensOf(`{}`)}, "not a JSON object from token to the list"},
		"a token with a space":   {[]string{"-webhooks", good, "-tokens", tokensOf(`{"tok-secret x":["` + acme + `"]}`)}, notToken},
		"an empty token":         {[]string{"-webhooks", good, "-tokens", tokensOf(`{"":["` + acme + `"]}`)}, notToken},
		"tokens in a list":       {[]string{"-webhooks", good, "-tokens", tokensOf(`["tok-secret"]`)}, "not a JSON object from token to the list"},
		"no list":                {[]string{"-webhooks", good, "-tokens", tokensOf(`{"tok-secret":"` + acme + `"}`)}, "not a JSON object from token to the list"},
		"the wrong way round":    {[]string{"-webhooks", good, "-tokens", tokensOf(`{"` + acme + `":["tok-secret-012345678901234567890123456789012"]}`)}, "not a JSON object from token to the list"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(ended, c.args, io.Discard, io.Discard)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "tok-secret")
		})
	}
	require.NoError(t, run(t.Context(), []string{"-h"}, io.Discard, io.Discard))
	for name, token := range map[string]string{
		"a space":      "tok-secret x",
		"a line end":   "tok-secret\n",
		"not ASCII":    "tok-secret-pässwort",
		"padding":      "tok-secret=x",
		"only padding": "==",
		"too long":     "tok-secret" + strings.Repeat("x", 8<<10),
	} {
		t.Run("HOOKFILTER_TOKEN with "+name, func(t *testing.T) {
			t.Setenv("HOOKFILTER_TOKEN", token)
			err := run(ended, []string{"-webhooks", good}, io.Discard, io.Discard)
			require.ErrorContains(t, err, "HOOKFILTER_TOKEN: the token is not of the form of RFC 6750")
			require.NotContains(t, err.Error(), token)
		})
	}
}

func TestServerLimits(t *testing.T) {
	server := newServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	require.Positive(t, server.ReadHeaderTimeout)
	require.Positive(t, server.ReadTimeout)
	require.Positive(t, server.WriteTimeout)
	require.Positive(t, server.IdleTimeout)
	require.Greater(t, server.MaxHeaderBytes, 8<<10, "the longest token fits")
	require.Less(t, server.MaxHeaderBytes, http.DefaultMaxHeaderBytes)
	require.True(t, server.DisableGeneralOptionsHandler)
	require.Greater(t, shutdownTimeout, server.ReadHeaderTimeout+server.WriteTimeout, "requests at hand can end")
}

// TestBodyThatNeverComes: net/http reads the rest of a request before it sends the
// answer, so the time to write has to outlast the time to read. The server's own limits
// are used, a twentieth of each.
func TestBodyThatNeverComes(t *testing.T) {
	server := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "answered")
	}), slog.New(slog.DiscardHandler))
	server.ReadTimeout /= 20
	server.WriteTimeout /= 20
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer server.Close()
	go server.Serve(listener)
	var clients sync.WaitGroup
	answers := make(chan string, 40)
	for range cap(answers) {
		clients.Go(func() {
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				answers <- err.Error()
				return
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
			answer, err := io.ReadAll(conn)
			answers <- fmt.Sprint(string(answer), err)
		})
	}
	clients.Wait()
	close(answers)
	for answer := range answers {
		require.Contains(t, answer, "HTTP/1.1 200 OK")
		require.Contains(t, answer, "answered")
	}
}

// TestShutdownTimeout: a request that does not end is cut off.
func TestShutdownTimeout(t *testing.T) {
	asked, ended := make(chan struct{}), make(chan error)
	server := newServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
		ended <- r.Context().Err()
	}), slog.New(slog.DiscardHandler))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go server.Serve(listener)
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	<-asked
	require.ErrorContains(t, shutdown(server, time.Millisecond), "requests still running after 1ms")
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Empty(t, answer)
	require.ErrorIs(t, <-ended, context.Canceled)
}

// TestAnyAddress: a curl line for an address that nobody can dial would not work.
func TestAnyAddress(t *testing.T) {
	p := start(t, "-webhooks", folder(t, map[string]string{acme: list("")}), "-addr", ":0")
	require.Contains(t, p.url, "http://localhost:")
	status, _ := get(t, "GET", p.url, p.header)
	require.Equal(t, 200, status)
	p.end(syscall.SIGTERM)
}
