package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/events"
	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// recording is an argument of -deliveries, and its JSON form: a file with the deliveries that
// the vendor made to a webhook.
type recording struct {
	reference string // to the webhook
	hook      hook.Hook
	in        io.ReadCloser

	File           string     `json:"file"`
	OrganizationID uuid.UUID  `json:"organization_id"`
	WebhookID      uuid.UUID  `json:"webhook_id"`
	Description    string     `json:"description"`
	NotCreated     bool       `json:"not_created,omitempty"`
	Deliveries     []recorded `json:"deliveries"`
	Summary        tally      `json:"summary"`
}

// tally counts the deliveries of a file. Each is in one of the counts from Firing to Invalid.
type tally struct {
	Deliveries int `json:"deliveries"`
	Firing     int `json:"firing"`
	Differing  int `json:"differing"` // the webhook does not fire for them
	Edited     int `json:"edited"`    // the webhook was edited later
	NotJudged  int `json:"not_judged"`
	Invalid    int `json:"invalid"`
	// Slack counts the deliveries that are not judged because they are to a SLACK webhook.
	Slack int `json:"slack"`
	// Mismatched counts the deliveries whose matched_event is not the request's event_type.
	Mismatched int `json:"mismatched"`
}

// parseRecording parses WEBHOOK=FILE. A description may contain =, so FILE begins after the last =.
func parseRecording(argument string) (*recording, error) {
	i := strings.LastIndexByte(argument, '=')
	if i <= 0 || i == len(argument)-1 {
		return nil, errors.New("want WEBHOOK=FILE, with an id or a description of a webhook")
	}
	return &recording{reference: argument[:i], File: argument[i+1:], Deliveries: []recorded{}}, nil
}

// open finds the webhooks and opens the files. The file - is stdin. It returns an error with
// every problem.
func (f folders) open(recordings []*recording, stdin io.Reader) error {
	var errs []error
	for _, r := range recordings {
		o, h, err := f.resolve(r.reference)
		if err != nil {
			errs = append(errs, fmt.Errorf("-deliveries: %w", err))
		} else {
			r.hook, r.OrganizationID, r.WebhookID, r.Description, r.NotCreated = h, o.ID, h.ID, h.Description, h.NotCreated
		}
		if r.File == "-" {
			r.in, r.File = io.NopCloser(stdin), "stdin"
			continue
		}
		file, err := os.Open(r.File)
		if err != nil {
			errs = append(errs, webhookdir.Printable(err))
			continue
		}
		r.in, r.File = file, jsonvalue.Printable(r.File)
	}
	return errors.Join(errs...)
}

// resolve returns the one webhook of all organizations that has reference as its id or its
// description.
func (f folders) resolve(reference string) (o *organization, h hook.Hook, err error) {
	var descriptions []string
	for _, next := range f.now {
		descriptions = append(descriptions, next.descriptions()...)
		id, err := next.resolve(reference)
		switch {
		case errors.Is(err, errUnknown):
			continue
		case err != nil:
			return nil, h, fmt.Errorf("%s: %w", next.File, err)
		case o != nil:
			return nil, h, fmt.Errorf("webhook %s of %s and webhook %s of %s have the id or the description %s: use an id",
				h.ID, o.File, id, next.File, jsonvalue.Quote(reference))
		}
		o = next
		h, _ = o.hook(id)
	}
	if o == nil {
		err = fmt.Errorf("no webhook in the folder %s has the id or the description %s%s", jsonvalue.Printable(f.dir), jsonvalue.Quote(reference), didYouMean(reference, descriptions))
	}
	return o, h, err
}

// judge judges the deliveries of the files. If out is nil, it retains them in the recordings.
// Otherwise it writes the ones that a user should see, and a summary of each file. If a file
// cannot be read, it judges the others, and returns an error that names every such file.
func (f folders) judge(recordings []*recording, out, stderr io.Writer) error {
	if len(recordings) == 0 {
		return nil
	}
	if f.projects == nil {
		read, reports, err := projects.Read(f.dir)
		if err != nil {
			return webhookdir.Printable(err)
		}
		for _, report := range reports {
			fmt.Fprintln(stderr, report)
		}
		f.projects = read
	}
	var errs []error
	text := bufio.NewWriter(io.Discard)
	if out != nil {
		text.Reset(out)
	}
	for _, r := range recordings {
		err := r.read(f.projects, func(d recorded) {
			r.Summary.add(d)
			if out == nil {
				r.Deliveries = append(r.Deliveries, d)
			} else {
				_, _ = text.Write(d.appendText(nil, r))
			}
		})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		_, _ = text.Write(r.appendSummary(nil))
	}
	_, _ = text.WriteString("deliveries that the vendor did not make are not recorded, and cannot be compared\n")
	return errors.Join(append(errs, text.Flush())...)
}

// wanted is what a file of -deliveries must be.
const wanted = "a list of past deliveries, as GET /organization/{organizationId}/webhook/{webhookId}/event or qovery webhook list-event --json writes it"

// read calls the function each for every delivery of the file.
func (r *recording) read(known map[uuid.UUID]*projects.Organization, each func(recorded)) error {
	defer r.in.Close()
	reader := events.NewReader(r.in, known)
	var b events.Block
	for first := true; ; {
		readErr := reader.Read(&b)
		for l, err := range b.Lines() {
			if first {
				if err := notDeliveries(l, err, reader.List()); err != nil {
					return fmt.Errorf("%s:%d: %w", r.File, l.Number, err)
				}
			}
			first = false
			each(r.judge(l, err))
		}
		var pathError *os.PathError
		switch {
		case readErr == io.EOF && !reader.List():
			return fmt.Errorf("%s: want %s, got nothing", r.File, wanted)
		case readErr == io.EOF:
			return nil
		case errors.As(readErr, &pathError):
			return webhookdir.Printable(readErr) // it names the file
		case readErr != nil:
			return fmt.Errorf("%s: %w", r.File, readErr)
		}
	}
}

// notDeliveries returns an error if the first line or element of a file shows that the file does
// not have a list of deliveries. lineErr is the error of the line.
func notDeliveries(first events.Line, lineErr error, isList bool) error {
	v, syntax := jsonvalue.Parse(first.Original)
	switch {
	case syntax != nil && !isList:
		return fmt.Errorf("want %s: %w", wanted, lineErr)
	case syntax != nil, isList && form.Name(v) == pastDelivery:
		return nil
	}
	if err := form.Not(wanted, v); err != nil || isList {
		return err
	}
	return fmt.Errorf("want %s", wanted)
}

// differs reports whether the webhook does not fire for a delivery, or a delivery is invalid.
func (r *recording) differs() bool { return r.Summary.Differing+r.Summary.Invalid > 0 }
