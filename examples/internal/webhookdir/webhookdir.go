// Package webhookdir reads the webhooks of the example programs from a folder. The folder has
// one file <organizationId>.json per organization, with a response to
// GET /organization/{organizationId}/webhook, {"results":[…]}, or another form of webhooks
// that testdata/README.md lists. Files with the projects and environments of an organization
// may be next to it; package projects reads them.
package webhookdir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Organization is the content of one file.
type Organization struct {
	ID       uuid.UUID             // from the file's name
	File     string                // the file's path, quoted if it is not printable
	Webhooks []*webhook.Webhook    // in the file's order, with distinct ids
	Problems []*webhook.FieldError // as [webhook.DecodeList] returns them
	// NotCreated has the ids of the webhooks that are requests to create or edit a webhook.
	// Such an id is derived from the organization and the webhook's description or, if it has
	// none, its index in the file.
	NotCreated map[uuid.UUID]bool

	source *source // keeps the text of the file
}

// Read returns the organizations in dir in the order of their files' names. A webhook
// that cannot be decoded is left out, and reported in Problems. Read does not validate
// filters. Files that do not end in .json are ignored. A request to create or edit a
// webhook, which has no id, is a problem too.
//
// If a file cannot be read as a whole, Read returns no organizations and an error. The same goes for
// a file whose name is not an organization's id, a file that is not a regular file, and a second
// file of the same organization. The error names such files, up to ten, and then has the number of
// the others. It has the line of a syntax error, or of a first element that is not a webhook. A folder
// without a file <organizationId>.json is an error too.
func Read(dir string) (organizations []Organization, err error) { return read(dir, false) }

// ReadWithRequests is like Read, for programs that only judge webhooks. It returns a request as
// a webhook, with an id that is listed in NotCreated. It is a problem if two requests have the
// same description.
func ReadWithRequests(dir string) (organizations []Organization, err error) { return read(dir, true) }

func read(dir string, requests bool) (organizations []Organization, err error) {
	files, err := ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var errs []error
	seen := make(map[uuid.UUID]string)
	for _, file := range files {
		stem, isJSON := strings.CutSuffix(file.Name(), ".json")
		if !isJSON || besides(stem) {
			continue
		}
		path := jsonvalue.Printable(filepath.Join(dir, file.Name()))
		id, err := webhook.ParseID(stem)
		if err != nil || id == uuid.Nil {
			errs = append(errs, fmt.Errorf("%s: the file's name is not an organization's id", path))
			continue
		}
		if other, ok := seen[id]; ok {
			errs = append(errs, fmt.Errorf("%s: the organization already has the file %s", path, other))
			continue
		}
		seen[id] = path
		o := Organization{ID: id, File: path}
		text, err := ReadFile(filepath.Join(dir, file.Name()))
		if err == nil {
			err = o.decode(text, requests)
		}
		if err != nil {
			var at *jsonvalue.Error
			if errors.As(err, &at) {
				path = fmt.Sprintf("%s:%d", path, o.source.positions.At(at.Offset).Line)
			}
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
		}
		organizations = append(organizations, o)
	}
	if errs != nil {
		return nil, Joined(errs)
	}
	if organizations == nil {
		return nil, fmt.Errorf("%s: no file <organizationId>.json in the folder", jsonvalue.Printable(dir))
	}
	return organizations, nil
}

// Suffixes that follow the organization's id in the names of the files
// <organizationId>.projects.json and <organizationId>.environments.json.
const (
	ProjectsSuffix     = ".projects"
	EnvironmentsSuffix = ".environments"
)

// besides reports whether a file with the name stem.json has the projects or environments of
// an organization.
func besides(stem string) bool {
	id, projects := strings.CutSuffix(stem, ProjectsSuffix)
	id, environments := strings.CutSuffix(id, EnvironmentsSuffix)
	_, err := webhook.ParseID(id)
	return err == nil && projects != environments
}

// Joined returns one error, with a text of one line, for the errors of files: the first ten, and
// the number of the others. errs must not be empty.
func Joined(errs []error) error {
	err := errs[0]
	for _, next := range errs[1:min(len(errs), maxShown)] {
		err = fmt.Errorf("%w; %w", err, next)
	}
	if more := len(errs) - maxShown; more > 0 {
		err = fmt.Errorf("%w; and %d more files", err, more)
	}
	return err
}

const maxShown = 10

var errNotRegular = errors.New("not a regular file")

// ReadDir is [os.ReadDir], but its error has the path in the form of [jsonvalue.Printable].
func ReadDir(dir string) ([]os.DirEntry, error) {
	entries, err := os.ReadDir(dir)
	return entries, Printable(err)
}

// Printable returns err unchanged unless err is an [os.PathError]. For an os.PathError, it returns an
// error whose text has the path in the form of [jsonvalue.Printable].
func Printable(err error) error {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		return fmt.Errorf("%s %s: %w", pathError.Op, jsonvalue.Printable(pathError.Path), pathError.Err)
	}
	return err
}

// ReadFile returns the content of a regular file. The error does not name the file.
func ReadFile(path string) ([]byte, error) {
	// Opening a named pipe may block forever.
	switch info, err := os.Stat(path); {
	case err != nil:
		return nil, withoutPath(err)
	case !info.Mode().IsRegular():
		return nil, errNotRegular
	}
	text, err := os.ReadFile(path)
	return text, withoutPath(err)
}

// withoutPath returns err without the path of an [os.PathError], because the callers of ReadFile name
// the file.
func withoutPath(err error) error {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// Reports returns an error for each webhook that has Problems. The error names the file, the
// line of the first problem, and all problems of the webhook in one line.
func (o Organization) Reports() (reports []error) {
	for rest := o.Problems; len(rest) > 0; {
		n := 1
		for n < len(rest) && elementOf(rest[n]) == elementOf(rest[0]) {
			n++
		}
		where, problems := fmt.Sprintf("%s:%d", o.File, o.Position(uuid.Nil, rest[0]).Line), rest[:n]
		if id := rest[0].WebhookID; o.NotCreated[id] {
			where += ":" + o.request(id) // the id is derived, so the description names the webhook
			problems = make([]*webhook.FieldError, n)
			for i, p := range rest[:n] {
				problems[i] = &webhook.FieldError{Field: p.Field, Value: p.Value, Err: p.Err}
			}
		}
		reports = append(reports, fmt.Errorf("%s: %w", where, webhook.JoinFieldErrors(problems)))
		rest = rest[n:]
	}
	return reports
}

// Name returns the id of a webhook. If the webhook is a request, whose id is derived, Name adds its
// description, and that it does not exist yet.
func (o Organization) Name(id uuid.UUID) string {
	if o.NotCreated[id] {
		return id.String() + o.request(id)
	}
	return id.String()
}

// request returns a suffix for the name of a request, such as ` "Pager" (not created yet)`. Without
// a description, it is " (not created yet)".
func (o Organization) request(id uuid.UUID) (name string) {
	if description := o.Description(id); description != "" {
		name = " " + jsonvalue.Quote(description)
	}
	return name + " (not created yet)"
}

// Report puts the file, the line and the webhook in front of err, as in
// "webhooks/….json:3: webhook 3c90c3cc-…: …". err must have at least one FieldError about the webhook
// with the given id. The line is that of the first FieldError.
func (o Organization) Report(id uuid.UUID, err error) error {
	return fmt.Errorf("%s:%d: webhook %s: %w", o.File, o.Position(id, webhook.FieldErrors(err)[0]).Line, o.Name(id), err)
}

// Undecodable returns the number of elements of the file that cannot be decoded as a webhook. It
// does not count elements whose only problem is that a later webhook has the same id.
func (o Organization) Undecodable() (n int) {
	last := ""
	for _, p := range o.Problems {
		if element := elementOf(p); !Earlier(p) && element != last {
			n, last = n+1, element
		}
	}
	return n
}

// elementOf returns the element of the list that problem is about, such as results[3].
func elementOf(problem *webhook.FieldError) string {
	element, _, _ := strings.Cut(problem.Field, ".")
	return element
}
