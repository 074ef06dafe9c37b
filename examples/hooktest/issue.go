package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// issue is a part of the report that a CI system shows beside a line of a file.
type issue struct {
	level level
	title string // "expectation", "deliveries", "projects", or a name that -fail-on accepts
	file  string // quoted if it is not printable, as in the text output
	jsonvalue.Position
	context string   // the webhook or the event
	lines   []string // what differs or is wrong, with at least one line
}

// level is the severity of an issue, in the words of SARIF.
type level string

const (
	levelError   level = "error" // it makes the exit status 1
	levelWarning level = "warning"
	levelNote    level = "note" // -allow accepts it
)

// level returns the level of a finding.
func (o options) level(code lint.Code, allowed bool) level {
	switch {
	case allowed:
		return levelNote
	case slices.ContainsFunc(o.failOn, func(k kind) bool { return k.covers(code) }):
		return levelError
	}
	return levelWarning
}

// issues returns the events that are not as expected, all findings, and, if they make the exit
// status 1, the files of -deliveries, the reports of projects and environments, the added and
// removed deliveries and the changed webhooks.
func (r *report) issues(o options) (all []issue) {
	fails := func(name string) bool { return slices.Contains(r.Summary.Failed, name) }
	for _, x := range r.Events {
		add := func(level level, title string, lines []string) {
			if len(lines) > 0 {
				all = append(all, issue{level, title, x.File, x.Position, x.heading(), lines})
			}
		}
		add(levelError, "expectation", x.wrong())
		for _, v := range x.Undocumented {
			add(o.level(lint.UnknownValue, v.Allowed), string(lint.UnknownValue), []string{v.message()})
		}
		if fails("diff") {
			add(levelError, "diff", x.diff())
		}
	}
	for _, d := range r.Deliveries {
		if d.differs() {
			all = append(all, issue{levelError, "deliveries", d.File, jsonvalue.Position{}, named(d.WebhookID, d.Description, d.NotCreated),
				[]string{fmt.Sprintf("deliveries for which the webhook does not fire %d, invalid %d", d.Summary.Differing, d.Summary.Invalid)}})
		}
	}
	for _, report := range r.incomplete {
		all = append(all, issue{levelError, "projects", jsonvalue.Printable(o.dir), jsonvalue.Position{}, "", []string{report.Error()}})
	}
	for _, c := range r.Changes {
		for _, part := range []struct {
			name  string
			lines []string
		}{{"change", c.lines()}, {"diff", c.pairLines()}} {
			if fails(part.name) && len(part.lines) > 0 {
				all = append(all, issue{levelError, part.name, c.File, c.Position, named(c.WebhookID, c.Description, c.NotCreated), part.lines})
			}
		}
	}
	for _, f := range r.Findings {
		all = append(all, issue{o.level(f.Code, f.Allowed), string(f.Code), f.File, f.Position, f.about(), []string{f.text()}})
	}
	return all
}

// message returns the context and all lines.
func (i issue) message() string {
	text := strings.Join(i.lines, "\n")
	if i.context == "" {
		return text
	}
	if len(i.lines) > 1 {
		return i.context + "\n" + text
	}
	return i.context + ": " + text
}

// writeAnnotations writes a workflow command of GitHub Actions for each issue.
func writeAnnotations(to io.Writer, issues []issue) error {
	var text bytes.Buffer
	for _, i := range issues {
		command := string(i.level)
		if i.level == levelNote {
			command = "notice"
		}
		fmt.Fprintf(&text, "::%s file=%s", command, escapedProperty.Replace(rawPath(i.file)))
		if i.Line > 0 {
			fmt.Fprintf(&text, ",line=%d,col=%d", i.Line, i.Column)
		}
		fmt.Fprintf(&text, ",title=%s::%s\n", escapedProperty.Replace("hooktest: "+i.title), escapedData.Replace(i.message()))
	}
	_, err := to.Write(text.Bytes())
	return err
}

var (
	escapedData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapedProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// withoutCommands is a writer of lines that changes its text so that GitHub Actions does not take a
// part of it, such as the description of a webhook, for a workflow command. In a string of JSON, the
// change is an escape.
type withoutCommands struct {
	to   io.Writer
	rest []byte // the start of the next line, which is written when the line is complete
}

func (w *withoutCommands) Write(text []byte) (int, error) {
	w.rest = append(w.rest, text...)
	end := bytes.LastIndexByte(w.rest, '\n') + 1
	inert := leadingColons.ReplaceAll(w.rest[:end], []byte(`$1\u003a:`))
	inert = bytes.ReplaceAll(inert, []byte("##["), []byte(`#\u0023[`)) // the older form of a command, anywhere in a line
	w.rest = append(w.rest[:0], w.rest[end:]...)
	if _, err := w.to.Write(inert); err != nil {
		return 0, err
	}
	return len(text), nil
}

// leadingColons matches the start of a command. GitHub Actions ignores white space before it.
var leadingColons = regexp.MustCompile(`((?:^|[\r\n])[\s\v\p{Z}\x{85}]*)::`)
