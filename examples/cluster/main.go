// Cluster dispatches deployment events on any number of machines. Webhooks are in a
// NATS JetStream key-value bucket, events and deliveries in streams beside it.
//
//	go run .                        # everything, with an embedded server
//	go run . -json                  # one line per delivery
//	go run . put -webhooks DIR      # the commands of a real cluster; -nats URL names its servers
//	go run . publish -events FILE -after REVISION
//	go run . dispatch -metrics :9090
//	go run . why -event SEQ -webhook ID
//	go run . try -webhooks DIR -last 1000
//
// It decides which webhooks an event fires, and stores a delivery for each: a message on
// deliveries.<organizationId>.<webhookId>, without a target URL. The consumer of that
// queue looks up the URL and sends the HTTP request; this program does not.
//
// put refuses an invalid webhook, and the version in the bucket stays. If another client writes an
// invalid value to the bucket, the value replaces the valid one before it in every dispatcher, and
// fires for nothing.
//
// The exit status is 0 on success, 1 if part of the input was invalid and reported, or if the
// bucket or the stream that a command needs does not exist yet, and 2 if the arguments or the
// whole input were invalid or the servers failed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
)

const (
	sampleWebhooks = "../../testdata/webhooks"
	sampleEvents   = "../../testdata/events.ndjson"
)

func main() {
	ctx, stop := cli.Signals(context.Background())
	defer stop()
	cli.Exit("cluster", run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// command is one of the program's commands, with the values of its flags.
type command struct {
	connection
	webhooks, events string
	after            uint64
	json             bool
	metrics          string
	seq              uint64
	webhook          string
	last             uint64
	prune, dryRun    bool

	stdin          io.Reader
	stdout, stderr io.Writer
}

// run is the program. When ctx is done, it finishes the events that it has pulled.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	c := &command{stdin: stdin, stdout: stdout, stderr: stderr}
	name := ""
	if len(args) > 0 && len(args[0]) > 0 && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	flags := cli.Flags("Usage of "+strings.TrimSpace("cluster "+name)+":", "0 on success, 1 if a part of the input is invalid or the bucket or the stream does not exist yet, "+
		"2 if the arguments or a whole file are invalid, or on any other error", stderr)
	webhooks := func() {
		flags.StringVar(&c.webhooks, "webhooks", sampleWebhooks, "`folder` of the webhooks, one file <organizationId>.json per organization")
	}
	events := func() {
		flags.StringVar(&c.events, "events", sampleEvents, "`file` of the events, one JSON object per line or one document; - is standard input")
	}
	prune := func() {
		flags.BoolVar(&c.prune, "prune", false, "also delete the webhooks of organizations that have no file in the folder")
	}
	deliveries := func() {
		flags.BoolVar(&c.json, "json", false, "write one JSON object per delivery, and the summary to standard error")
		flags.StringVar(&c.metrics, "metrics", "", "serve /metrics and /healthz on this `address`")
	}
	url := "nats://127.0.0.1:4222"
	var do func(context.Context) error
	switch name {
	case "":
		do, url = c.all, ""
		webhooks()
		events()
		deliveries()
	case "put":
		do = c.put
		webhooks()
		prune()
		flags.BoolVar(&c.dryRun, "dry-run", false, "print what would change, and write nothing")
	case "publish":
		do = c.publish
		events()
		flags.StringVar(&c.webhooks, "webhooks", "", "`folder` of the webhooks, whose files of projects and environments supply the names and modes that events lack")
		flags.Uint64Var(&c.after, "after", 0, "minimum `revision` of the webhooks that decide the events")
	case "dispatch":
		do = c.dispatch
		deliveries()
	case "why":
		do = c.why
		flags.Uint64Var(&c.seq, "event", 0, "`sequence` of the event")
		flags.StringVar(&c.webhook, "webhook", "", "`id` of the webhook")
	case "try":
		do = c.try
		webhooks()
		prune()
		flags.Uint64Var(&c.last, "last", 0, "only the last `N` stored events; 0 is all")
	default:
		fmt.Fprintf(stderr, "unknown command %q: want put, publish, dispatch, why or try, or no command to run everything\n", name)
		return cli.ErrUsage
	}
	c.connection.flags(flags, url)
	if err := cli.Parse(flags, args); err != nil {
		return err
	}
	if c.replicas < 0 {
		return cli.Usage(flags, "-replicas %d: want a positive number, or 0", c.replicas)
	}
	c.retries.stderr = stderr
	err := do(context.WithValue(ctx, retriesKey{}, &c.retries))
	if errors.Is(err, errNoBucket) || errors.Is(err, errNoEvents) {
		fmt.Fprintf(stderr, "cluster: %v\n", err)
		return cli.ErrReported
	}
	return err
}
