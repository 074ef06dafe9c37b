// Hooktest tests a folder of webhooks against files of expectations: lists of events, each
// with the webhooks that it must fire. It is meant for CI.
//
//	go run ./examples/hooktest -webhooks testdata/webhooks testdata/expect/*.json
//
// An expectation file is about one organization of the folder:
//
//	{
//	  "organization_id": "8f36c487-4e75-4da9-a5bc-d7916f1acda0",
//	  "events": [
//	    {
//	      "event_type": "DEPLOYMENT_FAILURE",
//	      "project_name": "checkout",
//	      "environment_mode": "PRODUCTION",
//	      "must_fire": ["Pager for failed deployments", "462c9596-1554-4409-9c8a-0f3b48451efe"],
//	      "must_not_fire": ["Old build server, switched off"]
//	    }
//	  ]
//	}
//
// Instead of one event, an expectation may be about all events that fit a description:
// {"every": {"event_type": …, "project_name": "prod-*"}, "must_fire": […]}. If some of them are
// not as expected, one is printed.
//
// must_fire lists the webhooks that the event must fire, and must_not_fire the webhooks
// that it must not fire, each by its id or its description. If must_not_fire is absent, no
// other webhook of the organization may fire, unless the expectation has the field every.
// "must_not_fire": [] allows all others to fire. If must_fire is absent, no webhook has to
// fire. At least one of the two is required.
//
// testdata/README.md has the details, and the forms of webhooks that are read. A request to
// create a webhook is tested like a webhook, and named by its description.
//
// For each event that is not as expected, hooktest prints the webhooks that should not have
// fired, with the entries that matched, and the webhooks that should have fired, with the
// clause that stopped them.
//
// It also prints the following, which does not change the exit status without -fail-on:
//
//   - undocumented types and modes of events, with the documented value that was probably
//     meant; they are not errors, and are compared like any other value
//   - the invalid values of all webhooks of the folder, and with -lint the suspicious ones
//   - with -against, a comparison with the webhooks of another folder: the deliveries of the
//     same events that were added or removed; and each webhook that fires for other events
//     than in that folder, with an example event, which need not be in a file
//   - if the folder has the projects and environments of an organization: with -lint, the entries of
//     project_names_filter that match no project, and the pairs of project and mode whose
//     failures fire no webhook; with -against, the deliveries of all existing pairs that were
//     added or removed. testdata/README.md has the names of the files
//   - the webhooks and entries of project_names_filter that the expectations do not
//     exercise: no event is expected to fire the webhook, or the entry matches no event's name
//
// With -deliveries WEBHOOK=FILE, it checks that a webhook fires for the deliveries that the
// vendor made to it, and prints the deliveries for which the webhook does not fire. README.md
// describes the limits.
//
// With -lint, -fail-on, -against or -deliveries, the files of expectations are optional.
//
// The exit status is 0 if every event is as expected, and 1 if one differs or, with -deliveries, if
// a delivery is invalid or the webhook does not fire for it, unless the webhook was edited after
// the delivery. It is also 1 if projects or environments that -lint or -fail-on needs are invalid
// or missing. With -fail-on it is also 1 if there is a finding of a kind in the list, unless
// -allow accepts it. README.md has the table of kinds, the formats of the output and the steps
// for CI.
//
// The exit status is 2, and no event is evaluated, if the arguments are invalid, a folder or
// a file cannot be read as a whole, or a reference does not resolve to exactly one webhook. If
// an expectation names a webhook by an id or a description that only the folder of -against has,
// the event is not as expected, and the exit status is 1 instead of 2. An invalid
// webhook is reported and fires for nothing, even if it cannot be decoded. The exit status is
// also 2 if the output, or the file of -junit or -sarif, cannot be written.
//
// go run reports every failure as exit status 1, and prints the real one. If the status
// matters, as in CI, build the program first:
//
//	go build -o hooktest ./examples/hooktest
//	./hooktest -webhooks testdata/webhooks testdata/expect/*.json
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
)

func main() {
	cli.Exit("hooktest", run(os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// run is the program. It prints errors itself, without the program's name, because most
// lines begin with a file or a flag.
func run(args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	o, err := parse(args, getenv, stderr)
	if err != nil {
		return err
	}
	annotations := stdout
	if o.json {
		annotations = stderr
	}
	if o.github {
		stdout, stderr = &withoutCommands{to: stdout}, &withoutCommands{to: stderr}
	}
	err = test(o, stdin, stdout, stderr, annotations)
	if err != nil && err != cli.ErrReported {
		fmt.Fprintln(stderr, err)
		return cli.ErrUsage
	}
	return err
}

// test compares the webhooks with the expectations and writes the report.
func test(o options, stdin io.Reader, stdout, stderr, annotations io.Writer) (err error) {
	in := folders{dir: o.dir}
	if in.now, err = load(o.dir); err != nil {
		return err
	}
	if o.against != "" {
		if in.old, err = load(o.against); err != nil {
			return err
		}
		printReports(stderr, in.old)
	}
	if err := in.readExisting(o, stderr); err != nil {
		return err
	}
	expectations, err := in.readExpectations(o.files, stdin)
	if err = errors.Join(err, in.open(o.deliveries, stdin)); err != nil {
		printReports(stderr, in.now) // an argument or an expectation may name a webhook that cannot be decoded
		return err
	}

	text := stdout
	if o.json {
		text = nil
	}
	if err := in.judge(o.deliveries, text, stderr); err != nil {
		return err
	}
	r := report{Events: []outcome{}, Deliveries: o.deliveries, Findings: []finding{}, Unexercised: []unexercised{}, Summary: summary{Failed: []string{}}}
	for _, x := range expectations {
		result := x.evaluate()
		if o.against != "" {
			result.compare(x)
		}
		r.addEvent(result)
	}
	if o.against != "" {
		r.Changes = in.changes()
		r.Summary.Changed = len(r.Changes)
	}
	r.incomplete, r.Summary.Incomplete = in.incomplete, len(in.incomplete)
	r.Summary.addPairs(in, r.Changes)
	r.addFindings(in, o)
	r.addUnexercised(unexercisedBy(expectations, in.now))
	r.allow(o.allow)
	for _, k := range o.failOn {
		if k.countIn(&r) > 0 {
			r.Summary.Failed = append(r.Summary.Failed, k.name)
		}
	}
	if err := r.write(o, stdout, annotations); err != nil {
		return err
	}
	if r.Summary.Differing+r.Summary.Incomplete > 0 || len(r.Summary.Failed) > 0 || slices.ContainsFunc(o.deliveries, (*recording).differs) {
		return cli.ErrReported
	}
	return nil
}

// write writes the report in all formats that o asks for. If one fails, it writes the others.
func (r *report) write(o options, stdout, annotations io.Writer) error {
	text, err := r.text(o.against, o.lint), error(nil)
	if o.json {
		text, err = indented(r)
	}
	if err == nil {
		_, err = stdout.Write(text)
	}
	errs := []error{err}
	if o.github {
		errs = append(errs, writeAnnotations(annotations, r.issues(o)))
	}
	for _, file := range []struct {
		flag, name string
		format     func(options) ([]byte, error)
	}{
		{"-junit", o.junit, r.junit},
		{"-sarif", o.sarif, r.sarif},
	} {
		if file.name == "" {
			continue
		}
		text, err := file.format(o)
		if err == nil {
			err = os.WriteFile(file.name, text, 0o666)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file.flag, webhookdir.Printable(err)))
		}
	}
	return errors.Join(errs...)
}

// printReports prints the webhooks that cannot be decoded.
func printReports(to io.Writer, organizations []*organization) {
	for _, o := range organizations {
		for _, report := range o.Reports() {
			fmt.Fprintln(to, report)
		}
	}
}
