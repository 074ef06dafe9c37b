// Dispatch prints the webhooks that each deployment event of a stream fires, as text or, with
// -json, as NDJSON.
//
//	go run ./examples/dispatch
//	tail -f events.ndjson | go run ./examples/dispatch -events - -json -why
//
// testdata/README.md describes the forms of the two inputs, webhooks and events. An invalid line or webhook is reported on
// standard error, and the rest is processed; an invalid webhook fires for nothing. Lines of
// standard input are reported as stdin:LINE. A request to create a webhook is judged like a
// webhook, and the output says that it is not created yet. An event type or a mode of a
// webhook that the API does not document is reported too, and compared like any other, because
// a newer API may document it. A file of webhooks that cannot be read as a whole ends the program.
//
// With -all, it judges every event that the organizations can have today, in place of -events: the
// four documented types for each project name and each mode of the project's environments, which
// are in <organizationId>.projects.json and <organizationId>.environments.json. The events are
// sorted by organization id, project name and mode, and numbered from 1. An organization without
// one of the files, and an environment of an unknown project, is reported.
//
//	go run ./examples/dispatch -all
//
// An event fires nothing if its organization has no file or if no webhook matches. The -json
// output distinguishes the two: "organization" is "unknown" or "known".
//
// The exit status is 0 on success or if the reader of the output closes the pipe, and 1 if a
// line, a webhook, a project or an environment is invalid, or with -all if projects or environments
// are missing. It is 2 if the arguments are invalid, if a file is missing or unreadable, if a document
// of events has a syntax error, or if reading or writing failed; and with -all if no organization
// has both a file of projects and a file of environments. An interrupt ends the input. go run reports
// every failure as exit status 1; build the program if that matters.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

func main() {
	// Otherwise a write to a closed standard output kills the program.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := cli.Signals(context.Background())
	defer stop()
	cli.Exit("dispatch", run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run runs the program. When ctx is done, it returns after a whole line of output, even while
// it waits for input; the pending read may continue afterwards.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := cli.Flags("Usage of dispatch:", "0 on success, 1 if a line, a webhook, a project or an environment is invalid, or with -all projects or environments are missing, 2 if the arguments or a whole file are invalid, or on any other error", stderr)
	dir := flags.String("webhooks", "testdata/webhooks", "`folder` of the webhooks, one file <organizationId>.json per organization")
	file := flags.String("events", "testdata/events.ndjson", "`file` of the events, one JSON object per line or one document; - is standard input")
	asJSON := flags.Bool("json", false, "write NDJSON, and the summary to standard error")
	why := flags.Bool("why", false, "add the webhooks that an event does not fire, with the reason")
	all := flags.Bool("all", false, "in place of -events, judge every event of the projects and environments in the folder of the webhooks")
	if err := cli.Parse(flags, args); err != nil {
		return err
	}
	eventsGiven := false
	flags.Visit(func(f *flag.Flag) { eventsGiven = eventsGiven || f.Name == "events" })
	if *all && eventsGiven {
		return cli.Usage(flags, "want -all or -events, not both")
	}

	hooks, invalid, notes, err := load(*dir)
	if err != nil {
		return fmt.Errorf("-webhooks: %w", err)
	}
	var existing []projects.Existing
	events, source := stdin, "stdin"
	switch {
	case *all:
		var unknown []error
		if existing, unknown = projects.Pairs(*dir, hooks.projects, slices.Collect(maps.Keys(hooks.organizations))); existing == nil {
			return fmt.Errorf("-all: %s: %w", jsonvalue.Printable(*dir), projects.ErrNoPairs)
		}
		invalid = append(invalid, unknown...)
	case *file != "-":
		f, err := os.Open(*file)
		if err != nil {
			return fmt.Errorf("-events: %w", webhookdir.Printable(err))
		}
		defer f.Close()
		events, source = f, jsonvalue.Printable(*file)
	}
	for _, report := range slices.Concat(invalid, notes) {
		fmt.Fprintln(stderr, report)
	}

	d := dispatcher{hooks: hooks, source: source, why: *why, print: printText}
	summaryTo := stdout
	if *asJSON {
		d.print, summaryTo = printJSON, stderr
	} else if err := write(stdout, []byte(textHeader)); err != nil {
		return unlessClosed(err)
	}
	var total tally
	if *all {
		total, err = d.writeAll(ctx, existing, stdout)
	} else {
		total, err = d.stream(ctx, events, stdout, stderr)
	}
	if err != nil {
		return unlessClosed(err)
	}
	if err := write(summaryTo, total.summary(hooks.invalid)); err != nil {
		return unlessClosed(err)
	}
	if total.malformed > 0 || len(invalid) > 0 {
		return cli.ErrReported
	}
	return nil
}
