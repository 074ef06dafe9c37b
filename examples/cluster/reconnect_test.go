//go:build linux

package main

import (
	"context"
	"log/slog"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/internal/tests/natstest"
)

// TestSendWhileDisconnected: a delivery that is sent while the connection is cut fails at
// once, and is not stored when the connection is back.
func TestSendWhileDisconnected(t *testing.T) {
	line := startProxy(t, natstest.Start(t, 1).Servers[0].URL)
	c := connection{url: line.url()}
	js, disconnect, err := c.open(newMetrics(slog.New(slog.DiscardHandler)).connectionOptions()...)
	require.NoError(t, err)
	defer disconnect()
	q, err := newQueue(js, 1)
	require.NoError(t, err)
	_, err = q.open(t.Context())
	require.NoError(t, err)

	line.set(true)
	eventually(t, js.Conn().IsReconnecting)
	_, err = q.send(&nats.Msg{Subject: "deliveries.x.y"})
	require.Error(t, err)
	require.Equal(t, "no answer", kindOf(err).name)
	line.set(false)
	eventually(t, js.Conn().IsConnected)
	require.NoError(t, js.Conn().Flush())
	require.Zero(t, count(t, js, deliveriesStream))
}

// TestInterruptedStart: a dispatcher that is interrupted while it starts has nothing to
// finish, so it succeeds.
func TestInterruptedStart(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	var output buffer
	require.NoError(t, run(ctx, []string{"dispatch", "-nats", natstest.Start(t, 1).URL()}, nil, &output, &output))
	require.NotContains(t, output.String(), "msg=started")
}
