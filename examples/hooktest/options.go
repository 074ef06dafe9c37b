package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// options holds the arguments.
type options struct {
	dir, against string
	lint, json   bool
	github       bool
	junit, sarif string // files
	failOn       []kind
	allow        []kind
	deliveries   []*recording
	files        []string
}

// parse parses the arguments. It has already reported the error that it returns.
func parse(args []string, getenv func(string) string, stderr io.Writer) (o options, err error) {
	flags := cli.Flags("usage: hooktest -webhooks DIR [-against OLDDIR] [-lint] [-fail-on LIST] [-allow LIST] [-deliveries WEBHOOK=FILE] [-json] [-github] [-junit FILE] [-sarif FILE] EXPECT.json...",
		"0 on success, 1 if an event or a delivery differs, there is a finding of -fail-on, or projects or environments that a check needs are invalid or missing, 2 if the arguments or a whole file are invalid, or on any other error", stderr)
	flags.StringVar(&o.dir, "webhooks", "", "`folder` of the webhooks, one file <organizationId>.json per organization")
	path := func(to *string, want string) func(string) error {
		return func(value string) error {
			if value == "" {
				return errors.New("want " + want)
			}
			*to = value
			return nil
		}
	}
	flags.Func("against", "`folder` of other webhooks, to print which deliveries are added and removed, and which webhooks fire for other events", path(&o.against, "a folder"))
	flags.Func("junit", "also write the expectations to a `file` of JUnit XML, and the findings that make the exit status 1", path(&o.junit, "a file"))
	flags.Func("sarif", "also write the findings to a `file` of SARIF 2.1.0", path(&o.sarif, "a file"))
	flags.BoolVar(&o.github, "github", getenv("GITHUB_ACTIONS") == "true", "also write annotations of GitHub Actions, to standard output or, with -json, to standard error; on if GITHUB_ACTIONS=true")
	flags.BoolVar(&o.lint, "lint", false, "print suspicious values of the webhooks")
	flags.BoolVar(&o.json, "json", false, "write one JSON object")
	flags.Func("fail-on", "comma-separated `list` of findings that also make the exit status 1: "+kindNames(false), func(list string) (err error) {
		o.failOn, err = appendKinds(o.failOn, list, false)
		return err
	})
	flags.Func("allow", "comma-separated `list` of findings that never make the exit status 1: "+kindNames(true), func(list string) (err error) {
		o.allow, err = appendKinds(o.allow, list, true)
		return err
	})
	flags.Func("deliveries", "check that a webhook fires for the deliveries that the vendor made to it, as in `WEBHOOK=FILE`; may be repeated", func(argument string) error {
		r, err := parseRecording(argument)
		o.deliveries = append(o.deliveries, r)
		return err
	})
	if err := cli.ParseFlags(flags, args); err != nil {
		return o, err
	}
	o.files = flags.Args()
	o.lint = o.lint || slices.ContainsFunc(o.failOn, func(k kind) bool { return k.lint })
	isFlag := func(file string) bool { return len(file) > 1 && file[0] == '-' }
	reason := cmp.Or(o.unmet(false), o.conflict())
	switch late := slices.IndexFunc(o.files, isFlag); {
	case late >= 0:
		reason = fmt.Sprintf("flag %s after a file: flags must come first", jsonvalue.Printable(o.files[late]))
	case o.dir == "":
		reason = "-webhooks is required"
	case reason != "":
	case len(o.files) == 0 && o.against == "" && !o.lint && len(o.failOn) == 0 && o.deliveries == nil:
		reason = "want at least one file of expectations"
	default:
		return o, nil
	}
	return o, cli.Usage(flags, "%s", reason)
}

// conflict returns a message about a file that two arguments name, if one of them writes it or it is
// standard input. Otherwise it returns "".
func (o options) conflict() string {
	files := slices.Clone(o.files)
	for _, r := range o.deliveries {
		files = append(files, r.File)
	}
	inputs := make(map[string]bool)
	for _, file := range files {
		if file == "-" && inputs[file] {
			return "standard input, -, is named twice: want it once"
		}
		inputs[filepath.Clean(file)] = true
	}
	junit, sarif := filepath.Clean(o.junit), filepath.Clean(o.sarif)
	switch {
	case o.junit != "" && inputs[junit]:
		return fmt.Sprintf("-junit %s: the file is also an input", jsonvalue.Printable(o.junit))
	case o.sarif != "" && inputs[sarif]:
		return fmt.Sprintf("-sarif %s: the file is also an input", jsonvalue.Printable(o.sarif))
	case o.junit != "" && junit == sarif:
		return fmt.Sprintf("-junit and -sarif name the same file %s: want two files", jsonvalue.Printable(o.junit))
	}
	return ""
}
