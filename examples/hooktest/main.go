// Hooktest keeps an organization's webhooks honest: it holds a folder of webhooks
// to files that say which webhooks an event must fire. It is made for CI.
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
// must_fire names the webhooks that the event must fire, each by its id or its
// description, and must_not_fire those that it must not. Where must_not_fire is
// absent, no other webhook of the organization may fire; "must_not_fire": []
// leaves all others free. Where must_fire is absent, none has to fire. One of the
// two has to be there. testdata/README.md has the details.
//
// For each event that differs it prints what fired and should not have, with the
// entries that made it, and what should have fired and did not, with the clause
// that stopped it.
//
// It also prints what is invalid in any webhook of the folder, and with -lint what
// is suspicious; the files may then be left out. With -against it also prints, for
// the same events, which deliveries the webhooks add and remove compared with
// another folder. Nothing of this changes the exit status: that is 0 if every event
// is as expected, 1 if one differs, and 2, with nothing judged, if a part of the
// input is unusable: bad arguments, a folder or a file that cannot be read whole, a
// reference to no webhook or to more than one. A webhook that does not compile is
// no such part: it fires for nothing.
//
// go run makes 1 of every status but 0, and prints the real one. Where that
// matters, as in CI, build the program first:
//
//	go build -o hooktest ./examples/hooktest
//	./hooktest -webhooks testdata/webhooks testdata/expect/*.json
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

var (
	// errDiffers is status 1: an event is not as expected, as was reported.
	errDiffers = errors.New("an event is not as expected")
	// errUsage is status 2: the arguments were no good, as was reported.
	errUsage = errors.New("bad arguments")
)

func main() {
	os.Exit(exitStatus(run(os.Args[1:], os.Stdout, os.Stderr), os.Stderr))
}

// exitStatus returns the status for what run returned, and reports an error that
// run did not.
func exitStatus(err error, stderr io.Writer) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errDiffers):
		return 1
	case !errors.Is(err, errUsage):
		fmt.Fprintln(stderr, err)
	}
	return 2
}

// run is the program.
func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("hooktest", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: hooktest -webhooks DIR [-against OLDDIR] [-lint] [-json] EXPECT.json...")
		flags.PrintDefaults()
	}
	dir := flags.String("webhooks", "", "`folder` of the webhooks, a file <organizationId>.json an organization")
	var oldDir string
	flags.Func("against", "`folder` of other webhooks, to print which deliveries are added and removed", func(dir string) error {
		if dir == "" {
			return errors.New("no folder")
		}
		oldDir = dir
		return nil
	})
	withLint := flags.Bool("lint", false, "print what is suspicious in the webhooks")
	asJSON := flags.Bool("json", false, "write one JSON object")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return errUsage
	case *dir == "" || flags.NArg() == 0 && (!*withLint || oldDir != ""):
		flags.Usage()
		return errUsage
	}

	organizations, err := load(*dir)
	if err != nil {
		return err
	}
	var old []organization
	if oldDir != "" {
		if old, err = load(oldDir); err != nil {
			return err
		}
	}
	expectations, err := readExpectations(flags.Args(), organizations)
	if err != nil {
		return err
	}

	r := report{Events: []outcome{}, Findings: []finding{}}
	for _, x := range expectations {
		o := x.judge()
		if oldDir != "" {
			o.impact(x, find(old, x.organization.ID))
		}
		r.add(o)
	}
	r.check(organizations, *withLint)
	if *asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(r)
	} else {
		_, err = stdout.Write(r.text(oldDir, *withLint))
	}
	if err == nil && r.Summary.Differing > 0 {
		return errDiffers
	}
	return err
}
