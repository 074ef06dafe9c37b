package main

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
)

// dispatch is the command that runs one dispatcher until it is interrupted.
func (c *command) dispatch(ctx context.Context) error {
	js, disconnect, err := c.open()
	if err != nil {
		return err
	}
	defer disconnect()
	m := newMetrics()
	if err := c.serve(ctx, m); err != nil {
		return err
	}
	d, err := c.newDispatcher(ctx, js, m)
	if err != nil {
		return err
	}
	defer d.feed.Close()
	if err := d.run(ctx); err != nil {
		return err
	}
	return c.summarize(d, 0, d.feed.Invalid())
}

// all is the command without a name: it puts, publishes, and dispatches until every event
// is acknowledged.
func (c *command) all(ctx context.Context) error {
	js, disconnect, err := c.open()
	if err != nil {
		return err
	}
	defer disconnect()
	m := newMetrics()
	if err := c.serve(ctx, m); err != nil {
		return err
	}
	if _, err := openBucket(ctx, js, c.replicas); err != nil {
		return err
	}
	put, err := putFolder(ctx, js, c.webhooks, c.stderr)
	if err != nil {
		return err
	}
	d, err := c.newDispatcher(ctx, js, m)
	if err != nil {
		return err
	}
	defer d.feed.Close()
	// The salt keeps the events of two runs against one server apart.
	published, err := c.publishFile(ctx, js, nuid.Next(), put.revision)
	if err != nil {
		return err
	}
	dispatching, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- d.run(dispatching) }()
	if published.last > 0 {
		err = d.until(ctx, published.last)
	}
	stop()
	if ended := <-ended; ended != nil || err != nil {
		return firstError(ended, err)
	}
	return c.summarize(d, published.malformed, put.invalid)
}

func firstError(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *command) serve(ctx context.Context, m *metrics) error {
	if c.metrics == "" {
		return nil
	}
	return m.serve(ctx, c.metrics)
}

// newDispatcher returns a dispatcher whose feed is ready.
func (c *command) newDispatcher(ctx context.Context, js jetstream.JetStream, m *metrics) (*dispatcher, error) {
	if _, err := openBucket(ctx, js, c.replicas); err != nil {
		return nil, err
	}
	consumer, batches, err := openQueue(ctx, js, c.replicas)
	if err != nil {
		return nil, err
	}
	feed, err := natsfeed.Follow(ctx, js, bucket)
	if err != nil {
		return nil, err
	}
	m.feed.Store(feed)
	return &dispatcher{js, consumer, batches, feed, m, newOutput(c.stdout, c.json)}, nil
}

// until returns when all events up to a sequence are acknowledged, by any dispatcher.
func (d *dispatcher) until(ctx context.Context, seq uint64) error {
	for {
		info, err := d.consumer.Info(ctx)
		if err == nil && info.AckFloor.Stream >= seq {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// summarize prints the summary.
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
