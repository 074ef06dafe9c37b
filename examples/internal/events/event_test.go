package events_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/events"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	org  = "5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21"
	line = `{"organization_id":"` + org + `","event_type":"DEPLOYMENT_STARTED","project_name":"shop","environment_mode":"PRODUCTION"}`
)

// edited returns line with old replaced.
func edited(old, replacement string) string { return strings.Replace(line, old, replacement, 1) }

func TestParse(t *testing.T) {
	want := webhook.Event{Type: webhook.DeploymentStarted, ProjectName: "shop", EnvironmentMode: webhook.Production}
	for name, text := range map[string]string{
		"plain":                      line,
		"white space":                " \t" + edited(`":"DEPL`, "\" : \n\"DEPL") + "\r\n",
		"escapes":                    edited("shop", `\u0073h\u006fp`),
		"escaped name":               edited("project_name", `project\u005fname`),
		"organization in upper case": edited("5a0a3c9e", "5A0A3C9E"),
		"unknown fields first":       edited("{", `{"project":{"project_name":["x\\",{}]},"at":1e9,"up":false,"project_name ":"x","":[],`),
		"unknown fields last":        edited("}", `,"Project_Name":"x","x":"}\"","x":null}`),
		"an id":                      edited("{", `{"id":"deployment 7",`),
	} {
		t.Run(name, func(t *testing.T) {
			id, e, err := events.Parse([]byte(text))
			require.NoError(t, err)
			require.Equal(t, uuid.MustParse(org), id)
			require.Equal(t, want, e)
		})
	}
	_, e, err := events.Parse([]byte(edited("shop", "a\xffb")))
	require.NoError(t, err)
	require.Equal(t, "a\ufffdb", e.ProjectName)
}

func TestParseMalformed(t *testing.T) {
	for _, tc := range []struct{ name, line, want string }{
		{"words", "hello", "not JSON: want a value, got 'h'"},
		{"null", "null", "want an object, got null"},
		{"array", "[" + line + "]", "want an object, got a list"},
		{"string", `"{}"`, `want an object, got the string "{}"`},
		{"control characters", "\x1b[2J", `not JSON: want a value, got '\x1b'`},
		{"a no-break space is not a blank line", "\u00a0", "not JSON: want a value, got '\\u00a0'"},
		{"truncated", edited(`"}`, ""), "not JSON: unexpected end"},
		{"text after the object", edited("}", "} x"), "not JSON: want the end of the text, got 'x'"},
		{"two objects", line + line, "not JSON: want the end of the text, got '{'"},
		{"raw escape in a string", edited("shop", "\x1b[2J"), `not JSON: control character '\x1b' in a string`},
		{"empty object", "{}", "organization_id: required; event_type: required; project_name: required; environment_mode: required"},
		{"a field in another case", edited("project_name", "Project_Name"), "project_name: required"},
		{"a field that is repeated", edited("}", `,"project_name":"shop"}`), `"project_name" is repeated`},
		{"a field that is repeated, once escaped", edited("{", `{"project\u005fname":"a",`), `"project_name" is repeated`},
		{"no organization", edited("organization_id", "organisation_id"), "organization_id: required"},
		{"no type", edited("event_type", "type"), "event_type: required"},
		{"no project", edited("project_name", "name"), "project_name: required"},
		{"no mode", edited("environment_mode", "mode"), "environment_mode: required"},
		{"null project", edited(`"shop"`, "null"), "project_name: want a string, got null"},
		{"id is a number", edited("}", `,"id":7}`), "id: want a string, got the number 7"},
		{"empty id", edited("}", `,"id":""}`), "id: empty: want an id, or no such field"},
		{"repeated id", edited("}", `,"id":"a","id":"a"}`), `"id" is repeated`},
		{"several problems", `{"organization_id":"x","event_type":5,"project_name":""}`,
			`organization_id: want a UUID of 36 characters, got "x"; event_type: want a string, got the number 5; project_name: required; environment_mode: required`},
		{"organization is a number", edited(`"`+org+`"`, "17"), "organization_id: want a string, got the number 17"},
		{"type is a list", edited(`"DEPLOYMENT_STARTED"`, `["DEPLOYMENT_STARTED"]`), "event_type: want a string, got a list"},
		{"project is a boolean", edited(`"shop"`, "true"), "project_name: want a string, got true"},
		{"mode is an object", edited(`"PRODUCTION"`, "{}"), "environment_mode: want a string, got an object"},
		{"empty UUID", edited(org, ""), `organization_id: want a UUID of 36 characters, got ""`},
		{"UUID of 32 digits", edited(org, strings.ReplaceAll(org, "-", "")), `organization_id: want a UUID of 36 characters, got "5a0a3c9e7d424b8f9e0d6f0b9a7c1e21"`},
		{"UUID in braces", edited(org, "{"+org+"}"), `organization_id: want a UUID of 36 characters, got "{` + org + `}"`},
		{"UUID as URN", edited(org, "urn:uuid:"+org), `organization_id: want a UUID of 36 characters, got "urn:uuid:` + org + `"`},
		{"UUID with a wrong digit", edited(org, strings.Replace(org, "5", "g", 1)), `organization_id: want a UUID of 36 characters, got "ga0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21"`},
		{"hostile UUID", edited(org, `\u001b[2J`+strings.Repeat("x", 1000)), `organization_id: want a UUID of 36 characters, got "\x1b[2J` + strings.Repeat("x", 76) + `…"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, e, err := events.Parse([]byte(tc.line))
			require.EqualError(t, err, tc.want)
			require.Zero(t, e)
		})
	}
}
