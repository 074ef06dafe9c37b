package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/google/uuid"
	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

func TestTextOfStrings(t *testing.T) {
	for _, tc := range []struct{ name, s, want string }{
		{"plain", "checkout", `checkout`},
		{"inner spaces and punctuation", `[PR] 128 "x" \ <a>`, `[PR] 128 "x" \ <a>`},
		{"letters of any script", "日本-Straße", `日本-Straße`},
		{"newline", "a\n1       forged", `"a\n1       forged"`},
		{"carriage return", "a\rb", `"a\rb"`},
		{"terminal escape", "\x1b[2Jx", `"\x1b[2Jx"`},
		{"C1 escape", "\u009b2Jx", `"\u009b2Jx"`},
		{"tab", "a\tb", `"a\tb"`},
		{"delete", "a\x7f", `"a\x7f"`},
		{"right-to-left override", "a\u202eb", `"a\u202eb"`},
		{"zero width", "a\u200bb", `"a\u200bb"`},
		{"line separator", "a\u2028b", `"a\u2028b"`},
		{"no-break space", "a\u00a0b", `"a\u00a0b"`},
		{"space before", " a", `" a"`},
		{"space after", "a ", `"a "`},
		{"looks quoted", `"a"`, `"\"a\""`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir, id := t.TempDir(), uuid.New()
			writeOrganization(t, dir, organization, webhook.Webhook{ID: id, Enabled: true, Description: tc.s, Events: webhook.EventTypes()[:1]})
			got := dispatch(strings.NewReader(started(tc.s)), "-webhooks", dir, "-events", "-")
			require.Equal(t, textHeader+
				"1       "+organization.String()+"  DEPLOYMENT_STARTED     PRODUCTION   "+tc.want+"\n"+
				"  fires "+id.String()+"  "+tc.want+"\n"+
				"events 1, fired 1, deliveries 1, malformed lines 0, invalid webhooks 0\n", got.stdout)
		})
	}
}

func TestJSONOfEveryCharacter(t *testing.T) {
	dir, id := oneWebhook(t)
	var input, want strings.Builder
	for r := range rune(0x3000) {
		input.WriteString(started("a" + string(r) + "b"))
		want.WriteString(outputLine(1+int(r), "a"+string(r)+"b", id))
	}
	got := dispatch(strings.NewReader(input.String()), "-webhooks", dir, "-events", "-", "-json")
	require.True(t, want.String() == got.stdout) // too long to print
}

// For events with arbitrary strings, the -json output equals the output of encoding/json, and the
// text output has no additional line and no unprintable character.
func TestArbitraryStrings(t *testing.T) {
	dir, _ := oneWebhook(t)
	special := gen.OneConstOf("a", " ", "\"", "\\", "<", ">", "&", "\n", "\x00", "\x1b", "\x7f", "\u2028", "\ufffd", "\xff", "日", "ſ")
	text := gen.OneGenOf(special, gen.SliceOfN(2, special).Map(func(two []string) string { return two[0] + two[1] }),
		gen.AnyString(), gen.AlphaString())
	properties := gopter.NewProperties(nil)
	properties.Property("output", prop.ForAll(func(eventType, project, mode string) string {
		// The strings of an event must not be empty.
		eventType, project, mode = eventType+"!", project+"!", mode+"!"
		valid := func(s string) string { return string([]rune(s)) } // with U+FFFD, as it is decoded
		v := verdictJSON{1, organization.String(), "known", valid(eventType), valid(project), valid(mode), []string{}, nil}
		var line bytes.Buffer
		if err := json.NewEncoder(&line).Encode(eventJSON{v.Organization, eventType, project, mode}); err != nil {
			return err.Error()
		}
		var want bytes.Buffer
		if err := json.NewEncoder(&want).Encode(v); err != nil {
			return err.Error()
		}
		got := dispatch(bytes.NewReader(line.Bytes()), "-webhooks", dir, "-events", "-", "-json")
		if expected := strings.Replace(want.String(), `,"skipped":null`, "", 1); got.stdout != expected {
			return "got " + got.stdout + ", want " + expected
		}
		got = dispatch(bytes.NewReader(line.Bytes()), "-webhooks", dir, "-events", "-")
		hidden := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
		if strings.Count(got.stdout, "\n") != 4 || strings.ContainsFunc(got.stdout, hidden) {
			return got.stdout
		}
		return ""
	}, text, text, text))
	properties.TestingRun(t)
}
