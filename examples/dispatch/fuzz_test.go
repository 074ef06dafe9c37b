package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"github.com/stretchr/testify/require"
)

// FuzzInput feeds arbitrary bytes: regardless of how they arrive, the output is the same and
// printable. If the input is lines, each line that is not blank is either reported or has output. Goroutine scheduling affects the coverage, so
// fuzz it with -fuzzminimizetime 1x.
func FuzzInput(f *testing.F) {
	shipped, err := os.ReadFile(shippedEvents)
	require.NoError(f, err)
	f.Add(shipped[:2000])
	f.Add([]byte(started("a") + "\r\n\n?" + started("\x1b\xff\u2028<&>")))
	f.Add([]byte(edited(`"shop"`, "1") + "\n" + edited("}", "}}") + "\n" + strings.ToUpper(started("x")) + "{}\n[]"))
	f.Add([]byte("[\n" + started("a") + ", {}]"))
	dir, _ := oneWebhook(f)
	f.Fuzz(func(t *testing.T, input []byte) {
		run := func(cut func(io.Reader) io.Reader, args ...string) result {
			return dispatch(cut(bytes.NewReader(input)), append(args, "-webhooks", dir, "-events", "-")...)
		}
		whole := func(r io.Reader) io.Reader { return r }
		got := run(whole, "-json", "-why")
		require.Equal(t, got, run(iotest.OneByteReader, "-json", "-why"))

		hidden := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
		require.False(t, strings.ContainsFunc(got.stderr, hidden), "%q", got.stderr)
		text := run(whole)
		require.False(t, strings.ContainsFunc(text.stdout, hidden), "%q", text.stdout)
		if got.status == 2 || !beginsWithObject(input) {
			return // perhaps a document, which is not read by lines
		}
		var outputs, reports []int // line numbers
		for line := range strings.Lines(got.stdout) {
			var v verdictJSON
			require.NoError(t, json.Unmarshal([]byte(line), &v))
			outputs = append(outputs, v.Line)
		}
		lines := strings.SplitAfter(got.stderr, "\n")
		for _, line := range lines[:len(lines)-2] { // all but the summary
			reports = append(reports, reportedLine(t, line))
		}
		for i, line := range bytes.Split(input, []byte("\n")) {
			switch {
			case len(outputs) > 0 && outputs[0] == i+1:
				outputs = outputs[1:]
			case len(reports) > 0 && reports[0] == i+1:
				reports = reports[1:]
			default:
				require.Empty(t, bytes.Trim(line, " \t\r"), "line %d", i+1)
			}
		}
		require.Empty(t, outputs)
		require.Empty(t, reports)
	})
}

// beginsWithObject reports whether the first line that is not blank is an object without the
// member results.
func beginsWithObject(input []byte) bool {
	input = bytes.TrimPrefix(input, []byte("\ufeff"))
	first, _, _ := bytes.Cut(bytes.TrimLeft(input, " \t\r\n"), []byte("\n"))
	var members map[string]json.RawMessage
	return json.Unmarshal(first, &members) == nil && members != nil && members["results"] == nil
}

// reportedLine returns the line number of a report.
func reportedLine(t *testing.T, report string) int {
	t.Helper()
	number, _, found := strings.Cut(strings.TrimPrefix(report, "stdin:"), ": ")
	require.True(t, found, report)
	var n int
	require.NoError(t, json.Unmarshal([]byte(number), &n))
	return n
}
