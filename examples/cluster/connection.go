package main

import (
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// connection holds the flags that say how to reach JetStream.
type connection struct {
	url                       string // empty: run an embedded server
	creds, nkey, ca, crt, key string
	retries                   retries
	replicas                  int // 0: 1 for what the program creates, any number for what exists
}

func (c *connection) flags(flags *flag.FlagSet, url string) {
	usage := "`URL`s of the servers, separated by commas"
	if url == "" {
		usage += "; if empty, the program runs an embedded server in a temporary folder"
	}
	flags.StringVar(&c.url, "nats", url, usage)
	flags.StringVar(&c.creds, "creds", "", "`file` of the user's credentials")
	flags.StringVar(&c.nkey, "nkey", "", "`file` of the user's NKey seed")
	flags.StringVar(&c.ca, "tlsca", "", "`file` of the certificates to trust")
	flags.StringVar(&c.crt, "tlscert", "", "`file` of the client's certificate")
	flags.StringVar(&c.key, "tlskey", "", "`file` of the client's key")
	flags.IntVar(&c.replicas, "replicas", 0, "`number` of replicas of the bucket and the streams; 0 creates them with 1, and accepts any number if they exist")
}

// open connects, with further options if there are any. The caller calls close when it is
// done.
func (c *connection) open(further ...nats.Option) (js jetstream.JetStream, close func(), err error) {
	options := []nats.Option{nats.Name("hookfilter cluster"), nats.MaxReconnects(-1), nats.ReconnectWait(100 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})} // the default prints each error; retry reports the last one
	if c.creds != "" {
		options = append(options, nats.UserCredentials(c.creds))
	}
	if c.nkey != "" {
		option, err := nats.NkeyOptionFromSeed(c.nkey)
		if err != nil {
			return nil, nil, fmt.Errorf("-nkey %q: %w", c.nkey, err)
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
	nc, err := nats.Connect(c.url, append(options, further...)...)
	if err != nil {
		stop()
		var invalid *url.Error
		switch {
		case errors.As(err, &invalid): // it quotes the URL, which may contain a password
			err = errors.New("-nats: invalid URL: want nats://HOST:PORT, with commas between several")
		case errors.Is(err, nats.ErrNoServers):
			err = fmt.Errorf("-nats %q: %w", hosts(c.url), err)
		}
		return nil, nil, err
	}
	c.retries.lastError = nc.LastError
	js, err = jetstream.New(nc, jetstream.WithPublishAsyncTimeout(answerWait), jetstream.WithPublishAsyncMaxPending(maxUnstored))
	return js, func() { nc.Close(); stop() }, err
}

// hosts returns the schemes and hosts of URLs that are separated by commas. The rest of
// a URL may contain a password.
func hosts(urls string) string {
	var all []string
	for one := range strings.SplitSeq(urls, ",") {
		if one = strings.TrimSpace(one); !strings.Contains(one, "://") {
			one = "nats://" + one // as nats.Connect does
		}
		if u, err := url.Parse(one); err == nil && u.Host != "" {
			all = append(all, u.Scheme+"://"+u.Host)
		}
	}
	return strings.Join(all, ",")
}

// maxUnstored limits the published messages that are not yet acknowledged. Further
// calls of PublishMsgAsync block.
const maxUnstored = 4000

// answerWait is the timeout for the answer to a message. Answers take less; but when a
// server ends or a leader is elected, answers are lost.
const answerWait = 1500 * time.Millisecond

// embedded runs a server in this process that does not listen on the network. Its store
// is a temporary folder, which stop removes.
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
		return nil, nil, errors.New("the embedded server did not start")
	}
	return s, stop, nil
}
