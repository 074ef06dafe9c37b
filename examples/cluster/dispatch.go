package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
)

// dispatch is the command that runs one dispatcher until it is interrupted.
func (c *command) dispatch(ctx context.Context) error {
	m := newMetrics(c.logger(slog.LevelInfo))
	js, disconnect, err := c.open(m.connectionOptions()...)
	if err != nil {
		return err
	}
	defer disconnect()
	if err := m.serve(ctx, c.metrics); err != nil {
		return err
	}
	d, err := c.newDispatcher(ctx, js, m)
	if ctx.Err() != nil && err != nil {
		return nil // interrupted before it pulled an event
	}
	if err != nil {
		return err
	}
	defer d.close()
	d.run(ctx)
	return c.summarize(d, 0, d.feed.Invalid())
}

// all is the command without a name: it puts, publishes, and dispatches until every event
// is acknowledged.
func (c *command) all(ctx context.Context) error {
	m := newMetrics(c.logger(slog.LevelWarn))
	js, disconnect, err := c.open(m.connectionOptions()...)
	if err != nil {
		return err
	}
	defer disconnect()
	if err := m.serve(ctx, c.metrics); err != nil {
		return err
	}
	f, err := readFolder(webhookdir.Read, c.webhooks, c.stderr)
	if err != nil {
		return err
	}
	if _, err := openBucket(ctx, js, c.replicas); err != nil {
		return err
	}
	put, err := c.putFolder(ctx, js, f)
	if err != nil {
		return err
	}
	d, err := c.newDispatcher(ctx, js, m)
	if err != nil {
		return err
	}
	defer d.close()
	// The salt keeps the events of two runs against one server apart.
	published, err := c.publishFile(ctx, js, nuid.Next(), put.revision)
	if err != nil {
		return err
	}
	dispatching, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	running.Go(func() { d.run(dispatching) })
	if published.last > 0 {
		err = until(ctx, js, published.last)
	}
	stop()
	running.Wait()
	if err != nil {
		return err
	}
	return c.summarize(d, published.malformed, put.invalid)
}

// logger returns a logger for standard error.
func (c *command) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(c.stderr, &slog.HandlerOptions{Level: level}))
}

// newDispatcher returns a dispatcher whose feed is ready.
func (c *command) newDispatcher(ctx context.Context, js jetstream.JetStream, m *metrics) (*dispatcher, error) {
	if err := checkBucket(ctx, js); err != nil {
		return nil, err
	}
	if err := checkReplicas(ctx, js, c.replicas, bucketStream, eventsStream, deliveriesStream, rejectedStream, decisionsStream); err != nil {
		return nil, err
	}
	host, _ := os.Hostname()
	d := &dispatcher{metrics: m, name: fmt.Sprintf("%s-%d-%.6s", host, os.Getpid(), rand.Text()), out: newOutput(c.stdout, c.json)}
	for range loops {
		q, err := newQueue(js, c.replicas)
		if err != nil {
			d.close()
			return nil, err
		}
		d.queues = append(d.queues, q)
		if _, err := q.open(ctx); err != nil {
			d.close()
			return nil, err
		}
	}
	followed, err := natsfeed.Follow(ctx, js, bucket, natsfeed.WithLogger(m.log))
	if err != nil {
		d.close()
		return nil, err
	}
	d.feed = followed
	m.setFeed(d.feed)
	return d, nil
}

// close ends the feed and the loops' subscriptions. The dispatcher must not be running.
func (d *dispatcher) close() {
	for _, q := range d.queues {
		q.close()
	}
	if d.feed != nil {
		_ = d.feed.Close()
	}
}

// until returns when all events up to a sequence are acknowledged, by any dispatcher.
func until(ctx context.Context, js jetstream.JetStream, seq uint64) error {
	for {
		consumer, err := js.Consumer(ctx, eventsStream, consumerName)
		if err == nil && consumer.CachedInfo().AckFloor.Stream >= seq {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// summarize prints the summary. It returns [cli.ErrReported] if a line was malformed, a webhook
// invalid, or an event rejected.
func (c *command) summarize(d *dispatcher, malformed, invalid int) error {
	to := c.stdout
	if c.json {
		to = c.stderr
	}
	if _, err := fmt.Fprint(to, d.out.summary(malformed, invalid)); err != nil {
		return err
	}
	if malformed > 0 || invalid > 0 || d.out.rejected > 0 {
		return cli.ErrReported
	}
	return nil
}
