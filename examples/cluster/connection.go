package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// connection says how to reach JetStream.
type connection struct {
	url                       string // empty: a server of our own
	creds, nkey, ca, crt, key string
	replicas                  int
}

func (c *connection) flags(flags *flag.FlagSet, url string) {
	usage := "`URL`s of the servers, separated by commas"
	if url == "" {
		usage += "; without it the program runs one itself, in a temporary folder"
	}
	flags.StringVar(&c.url, "nats", url, usage)
	flags.StringVar(&c.creds, "creds", "", "`file` of the user's credentials")
	flags.StringVar(&c.nkey, "nkey", "", "`file` of the user's NKey seed")
	flags.StringVar(&c.ca, "tlsca", "", "`file` of the certificates to trust")
	flags.StringVar(&c.crt, "tlscert", "", "`file` of the client's certificate")
	flags.StringVar(&c.key, "tlskey", "", "`file` of the client's key")
	flags.IntVar(&c.replicas, "replicas", 1, "`number` of servers that keep the bucket and each stream, where they are made")
}

// open connects. The caller calls close when it is done.
func (c *connection) open() (js jetstream.JetStream, close func(), err error) {
	options := []nats.Option{nats.Name("hookfilter cluster"), nats.MaxReconnects(-1), nats.ReconnectWait(100 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond)}
	if c.creds != "" {
		options = append(options, nats.UserCredentials(c.creds))
	}
	if c.nkey != "" {
		option, err := nats.NkeyOptionFromSeed(c.nkey)
		if err != nil {
			return nil, nil, err
		}
		options = append(options, option)
	}
	if c.ca != "" {
		options = append(options, nats.RootCAs(c.ca))
	}
	if c.crt != "" || c.key != "" {
		options = append(options, nats.ClientCert(c.crt, c.key))
	}
	stop := func() {}
	if c.url == "" {
		var s *server.Server
		if s, stop, err = embedded(); err != nil {
			return nil, nil, err
		}
		options = append(options, nats.InProcessServer(s))
	}
	nc, err := nats.Connect(c.url, options...)
	if err != nil {
		stop()
		return nil, nil, err
	}
	js, err = jetstream.New(nc, jetstream.WithPublishAsyncTimeout(answerWait), jetstream.WithPublishAsyncMaxPending(maxUnstored))
	return js, func() { nc.Close(); stop() }, err
}

// maxUnstored is how many messages may be on their way to the servers at once. What
// comes beyond waits for them.
const maxUnstored = 4000

// answerWait is how long the answer to a message may take. It is more than any answer
// takes; but when a server ends, or others elect a leader, answers are lost.
const answerWait = 1500 * time.Millisecond

// embedded runs a server in this process, which nothing outside of it can reach, with
// its store in a temporary folder that stop removes.
func embedded() (s *server.Server, stop func(), err error) {
	folder, err := os.MkdirTemp("", "hookfilter-cluster-")
	if err != nil {
		return nil, nil, err
	}
	stop = func() { _ = os.RemoveAll(folder) }
	s, err = server.NewServer(&server.Options{JetStream: true, StoreDir: folder, DontListen: true, NoSigs: true, NoLog: true})
	if err != nil {
		stop()
		return nil, nil, err
	}
	s.Start()
	stop = func() {
		s.Shutdown()
		s.WaitForShutdown()
		_ = os.RemoveAll(folder)
	}
	if !s.ReadyForConnections(10 * time.Second) {
		stop()
		return nil, nil, errors.New("the embedded server does not start")
	}
	return s, stop, nil
}

// again calls f until it succeeds, for as long as an election may take, and then some.
// Whatever it does has to be safe to repeat. Each call has a time of its own: a request
// that comes to a server without a leader is not answered at all.
func again(ctx context.Context, f func(context.Context) error) error {
	for start := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		attempt, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := f(attempt)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Since(start) > 30*time.Second:
			return fmt.Errorf("given up after 30 s: %w", err)
		}
	}
}
