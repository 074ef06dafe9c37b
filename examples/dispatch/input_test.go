package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// edited returns started("shop") without its newline, with the first occurrence of old replaced.
func edited(old, replacement string) string {
	return strings.TrimSuffix(strings.Replace(started("shop"), old, replacement, 1), "\n")
}

func TestMalformedLine(t *testing.T) {
	dir, id := oneWebhook(t)
	for _, tc := range []struct{ name, line, report string }{
		{"not JSON", "?", "not JSON: want a value, got '?'"},
		{"no fields", "{}", "organization_id: required; event_type: required; project_name: required; environment_mode: required"},
		{"one byte too long", edited("}", `,"x":"`+strings.Repeat("x", 1<<20+1-len(edited("}", `,"x":""}`)))+`"}`), "longer than 1048576 bytes"},
		{"far too long", strings.Repeat("x", 5<<20), "longer than 1048576 bytes"},
		{"too long and blank", strings.Repeat(" ", 1<<20+1), "longer than 1048576 bytes"},
	} {
		input := started("before") + "\n" + tc.line + "\n" + started("after")
		t.Run(tc.name, func(t *testing.T) {
			got := dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json")
			require.Equal(t, 1, got.status)
			require.Equal(t, "stdin:3: "+tc.report+"\n"+
				"events 2, fired 2, deliveries 2, malformed lines 1, invalid webhooks 0\n", got.stderr)
			require.Equal(t, outputLine(1, "before", id)+outputLine(4, "after", id), got.stdout)
		})
	}
	t.Run("in a file", func(t *testing.T) {
		path := writeFile(t, "my events", "\n\n5\n[]")
		got := dispatch(nil, "-webhooks", dir, "-events", path, "-json")
		require.Equal(t, path+":3: want an object, got the number 5\n"+path+":4: want an object, got a list\n"+
			"events 0, fired 0, deliveries 0, malformed lines 2, invalid webhooks 0\n", got.stderr)
		require.Equal(t, 1, got.status)
	})
}

// The name of a file or a folder cannot forge a line.
func TestNamesWithControlCharacters(t *testing.T) {
	dir, _ := oneWebhook(t)
	absent := filepath.Join(dir, "no\nfile")
	events := filepath.Join(dir, "my\nevents")
	if err := os.WriteFile(events, []byte("7\n"), 0o600); err != nil {
		t.Skip("the system does not allow the name")
	}
	folder := filepath.Join(dir, "my\nfolder")
	require.NoError(t, os.Mkdir(folder, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, organization.String()+".json"), []byte("[]"), 0o600))
	for _, test := range []struct {
		args   []string
		stderr string
	}{
		{[]string{"-webhooks", dir, "-events", events}, strconv.Quote(events) + ":1: want an object, got the number 7\n"},
		{[]string{"-webhooks", dir, "-events", absent}, "dispatch: -events: open " + strconv.Quote(absent) + ": "},
		{[]string{"-webhooks", dir, "-events", folder}, "dispatch: read " + strconv.Quote(folder) + ": "},
		{[]string{"-webhooks", absent}, "dispatch: -webhooks: open " + strconv.Quote(absent) + ": "},
		{[]string{"-webhooks", folder, "-all"}, "dispatch: -all: " + strconv.Quote(folder) + ": no organization has both "},
	} {
		got := dispatch(nil, test.args...)
		require.Equal(t, 1, strings.Count(got.stderr, "\n"), got.stderr)
		require.Contains(t, got.stderr, test.stderr)
	}
	require.NoError(t, os.Remove(filepath.Join(folder, organization.String()+".json")))
	require.Equal(t, "dispatch: -webhooks: "+strconv.Quote(folder)+": no file <organizationId>.json in the folder\n", dispatch(nil, "-webhooks", folder).stderr)
}

// outputLine returns the -json output for the event of started(project).
func outputLine(line int, project string, fires uuid.UUID) string {
	return fmt.Sprintf(`{"line":%d,%s,"fires":["%s"]}`+"\n", line, asOutput(started(project), "known"), fires)
}

// asOutput returns the members of an event's line as they are in the -json output.
func asOutput(line, state string) string {
	return strings.Replace(strings.Trim(line, "{}\n"), `,"event_type"`, `,"organization":"`+state+`","event_type"`, 1)
}

func TestValidLine(t *testing.T) {
	dir, id := oneWebhook(t)
	long := edited("}", `,"x":"`+strings.Repeat("x", 1<<20-len(edited("}", `,"x":""}`)))+`"}`)
	require.Len(t, long, 1<<20)
	for _, tc := range []struct{ name, input, want string }{
		{"no newline at the end", strings.TrimSuffix(started("shop"), "\n"), outputLine(1, "shop", id)},
		{"CRLF", edited("", "") + "\r\n\r\n" + started("b"), outputLine(1, "shop", id) + outputLine(3, "b", id)},
		{"blank lines count", "\n \t\n" + started("a") + "\n\n" + started("b") + "\n", outputLine(3, "a", id) + outputLine(6, "b", id)},
		{"spaces around", " \t" + edited("", "") + " \n", outputLine(1, "shop", id)},
		{"unknown fields", edited(`{`, `{"project":{"name":["x"]},"at":1e9,`), outputLine(1, "shop", id)},
		{"byte order mark", "\ufeff" + started("a"), outputLine(1, "a", id)},
		{"organization in upper case", edited("5a0a3c9e", "5A0A3C9E"), outputLine(1, "shop", id)},
		{"escapes", edited("shop", `\u0073h\u006fp`), outputLine(1, "shop", id)},
		{"invalid UTF-8 is read as U+FFFD", edited("shop", "a\xffb"), outputLine(1, `a`+"\ufffd"+`b`, id)},
		{"exactly 1 MiB", long + "\n" + started("b"), outputLine(1, "shop", id) + outputLine(2, "b", id)},
		{"exactly 1 MiB at the end", long, outputLine(1, "shop", id)},
		{"empty input", "", ""},
	} {
		for reads, cut := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "EOF with the last byte": iotest.DataErrReader,
		} {
			t.Run(tc.name+"/"+reads, func(t *testing.T) {
				got := dispatch(cut(strings.NewReader(tc.input)), "-webhooks", dir, "-events", "-", "-json")
				require.Equal(t, tc.want, got.stdout)
				require.Zero(t, got.status, got.stderr)
			})
		}
	}
}
