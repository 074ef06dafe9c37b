// Package form recognizes the forms in which the vendor's API and CLI give webhooks, events,
// projects and environments. testdata/README.md lists them.
package form

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// List returns the list in a document: the document itself, or the member results of an
// object. ok is false if there is no such list.
func List(root jsonvalue.Value) (list jsonvalue.Value, ok bool) {
	switch root.Kind() {
	case '[':
		return root, true
	case '{':
		for name, value := range root.Members() {
			if name.String() == "results" && value.Kind() == '[' {
				return value, true
			}
		}
	}
	return list, false
}

// Name says what an object is, as in "a project", by the names of its members. It returns
// "" for an object that it does not recognize, and for any other value.
func Name(v jsonvalue.Value) string {
	if v.Kind() != '{' {
		return ""
	}
	members := make(map[string]jsonvalue.Value)
	for name, value := range v.Members() {
		members[name.String()] = value
	}
	has := func(names ...string) bool {
		for _, name := range names {
			if _, ok := members[name]; !ok {
				return false
			}
		}
		return true
	}
	switch {
	case has("target_url"):
		return "a webhook"
	case has("organization_id", "events") && !has("id"):
		return "a file of expectations"
	case has("organization_id", "event_type"), has("event_type", "project_name"):
		return "an event"
	case has("events"):
		return "a webhook"
	case has("specversion"):
		return "a CloudEvents envelope"
	case has("matched_event"), has("target_url_used"):
		return "a past delivery"
	case has("event_type", "payload"):
		return "a delivered request"
	case has("project", "mode"):
		return "an environment"
	case has("organization", "name"):
		return "a project"
	case has("results"):
		if members["results"].Kind() != '[' {
			return "a response of a list call whose results are not a list"
		}
		return "a response of a list call"
	case has("status") && !has("id"):
		if status := members["status"]; '0' <= status.Kind() && status.Kind() <= '9' {
			return "an error response, status " + jsonvalue.Short(status.String())
		}
		return "an error response"
	case has("message") && !has("id"), has("error") && !has("id"):
		return "an error response"
	}
	return ""
}

// Not returns an error if Name(v) is neither "" nor wanted: for example, if Name(v) is "a project"
// and wanted is "a webhook".
func Not(wanted string, v jsonvalue.Value) error {
	switch name := Name(v); {
	case name == "" || name == wanted:
		return nil
	case strings.HasPrefix(name, "an error response"):
		return fmt.Errorf("want %s, got %s: %s", wanted, name, repeat)
	default:
		return fmt.Errorf("want %s, got %s", wanted, name)
	}
}

const repeat = "check the URL and the token, and repeat the call, with curl --fail"

// NotJSON returns an error that names what text is, if it is empty, HTML or plain text.
// Otherwise it returns nil; text may be invalid JSON all the same.
func NotJSON(text []byte) error {
	text = bytes.TrimSpace(text)
	first, _ := utf8.DecodeRune(text)
	switch {
	case len(text) == 0:
		return errors.New("empty: repeat the call that wrote it, with curl --fail")
	case IsHTML(text):
		return errors.New("HTML, not JSON: " + repeat)
	case unicode.IsLetter(first) && !bytes.HasPrefix(text, []byte("true")) && !bytes.HasPrefix(text, []byte("false")) && !bytes.HasPrefix(text, []byte("null")):
		return errors.New("plain text, not JSON: the vendor's CLI prints JSON with --json; otherwise " + repeat)
	}
	return nil
}

// IsHTML reports whether text begins like a page of HTML or a document of XML.
func IsHTML(text []byte) bool { return markup.Match(text) }

var markup = regexp.MustCompile("^<[A-Za-z!?]")
