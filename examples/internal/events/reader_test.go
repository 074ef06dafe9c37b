package events_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/events"
)

// named returns the line of an event of a project, with a newline.
func named(project string) string { return edited("shop", project) + "\n" }

// read returns the blocks of r, each as one string with lines as in `3 shop` or `4: error`, and
// the final error unless it is io.EOF.
func read(r io.Reader) (blocks []string, err error) {
	reader := events.NewReader(r, nil)
	var b events.Block
	for err == nil {
		err = reader.Read(&b)
		var lines []string
		for line, lineErr := range b.Lines() {
			if lineErr != nil {
				lines = append(lines, fmt.Sprintf("%d: %v", line.Number, lineErr))
			} else {
				lines = append(lines, fmt.Sprintf("%d %s", line.Number, line.ProjectName))
			}
		}
		blocks = append(blocks, strings.Join(lines, " / "))
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return blocks, err
}

func TestReader(t *testing.T) {
	long := strings.Replace(line, "}", `,"x":"`+strings.Repeat("x", events.MaxLine-len(line)-len(`,"x":""`))+`"}`, 1)
	require.Len(t, long, events.MaxLine)
	const tooLong = ": longer than 1048576 bytes"
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"empty input", "", nil},
		{"lines", named("a") + "\n \t\r\n" + named("b") + named("c"), []string{"1 a", "4 b", "5 c"}},
		{"no newline at the end", named("a") + line, []string{"1 a", "2 shop"}},
		{"byte order mark", "\ufeff" + named("a") + "\ufeff" + named("b"),
			[]string{"1 a", "2: not JSON: want a value, got '\\ufeff'"}},
		{"byte order mark alone", "\ufeff", nil},
		{"longest", long + "\n" + named("b"), []string{"1 shop", "2 b"}},
		{"longest at the end", long, []string{"1 shop"}},
		{"too long", named("a") + long + " \n" + named("b"), []string{"1 a", "2" + tooLong, "3 b"}},
		{"too long and first", long + " \n" + named("b"), []string{"1" + tooLong, "2 b"}},
		{"much too long, at the end", named("a") + strings.Repeat(" ", 3*events.MaxLine), []string{"1 a", "2" + tooLong}},
		{"a list and an open object later", edited(org, "") + "\n[]\n{\n", []string{`1: organization_id: want a UUID of 36 characters, got ""`,
			"2: want an object, got a list", "3: not JSON: unexpected end"}},
		{"a first line that is cut off in a string", line[:50] + "\n" + named("b"), []string{"1: not JSON: unexpected end", "2 b"}},
		{"a first line that is cut off after a brace", "{\n" + named("b"), []string{"1: not JSON: unexpected end", "2 b"}},
		{"a first line that is cut off after a comma", line[:58] + "\n" + named("b") + named("c"), []string{"1: not JSON: unexpected end", "2 b", "3 c"}},
		{"a first line that is cut off after a name", "\n" + line[:18] + "\n" + named("b"), []string{"2: not JSON: unexpected end", "3 b"}},
		{"a first line that is text", "Name | Mode\n" + named("b") + "hello\n", []string{"1: not JSON: want a value, got 'N'", "2 b", "3: not JSON: want a value, got 'h'"}},
		{"one line that is cut off", line[:50], []string{"1: not JSON: unexpected end"}},
		{"a first line that is not JSON", "<13> hello\n" + named("b"), []string{"1: not JSON: want a value, got '<'", "2 b"}},
		{"null", "\n null \n", nil},
		{"null and a line", "null\n" + named("b"), []string{"1: want an object, got null", "2 b"}},
		{"results that are null", `{"results":null}`, []string{"1: want an event, got a response of a list call whose results are not a list"}},
		{"an error body", `{"status":401,"message":"no"}`,
			[]string{"1: want an event, got an error response, status 401: check the URL and the token, and repeat the call, with curl --fail"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, cut := range []func(io.Reader) io.Reader{
				func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader,
			} {
				blocks, err := read(cut(strings.NewReader(tc.text)))
				require.NoError(t, err)
				var lines []string
				for _, block := range blocks {
					if block != "" {
						lines = append(lines, strings.Split(block, " / ")...)
					}
				}
				require.Equal(t, tc.want, lines)
			}
		})
	}
}

// Each line has the id of its own event.
func TestReaderID(t *testing.T) {
	var b events.Block
	err := events.NewReader(strings.NewReader(edited("{", `{"id":"a\u0062",`)+"\n"+line+"\n"), nil).Read(&b)
	require.NoError(t, err)
	var ids []string
	for line, err := range b.Lines() {
		require.NoError(t, err)
		ids = append(ids, line.ID)
	}
	require.Equal(t, []string{"ab", ""}, ids)
}

// A block consists of one line that Read waits for, and the whole lines that are already
// available.
func TestReaderBlocks(t *testing.T) {
	in, feed := io.Pipe()
	go func() {
		for _, text := range []string{named("a"), named("b") + named("c") + line[:20], line[20:] + "\n"} {
			_, _ = io.WriteString(feed, text)
		}
		feed.CloseWithError(io.ErrUnexpectedEOF)
	}()
	blocks, err := read(in)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, []string{"1 a", "2 b / 3 c", "4 shop", ""}, blocks)

	lines := 10 * events.MaxBlock / len(named("a"))
	blocks, err = read(strings.NewReader(strings.Repeat(named("a"), lines)))
	require.NoError(t, err)
	require.InDelta(t, 10, len(blocks), 2)
}

// Input that is not JSON is an error, and no line is read.
func TestReaderNotJSON(t *testing.T) {
	const html = "HTML, not JSON: check the URL and the token, and repeat the call, with curl --fail"
	const plain = "plain text, not JSON: the vendor's CLI prints JSON with --json; otherwise check the URL and the token, and repeat the call, with curl --fail"
	for text, want := range map[string]string{
		"\x1f\x8b\x08\x00":                            "compressed by gzip: decompress it, as gunzip does",
		"\xff\xfe{\x00":                               "UTF-16: convert it, as iconv -f UTF-16 -t UTF-8 does",
		" \n<!DOCTYPE html>\n" + line:                 html,
		"<html><body>401</body></html>":               html,
		"<?xml version='1.0'?>\n<Error/>":             html,
		"<h1>Log in</h1>\n" + line:                    html,
		"\n\nName | Mode\nshop | PRODUCTION\n" + line: plain,
		"Name": plain,
		strings.Repeat("x", 2*events.MaxLine) + "\n" + line: plain,
	} {
		blocks, err := read(strings.NewReader(text))
		require.EqualError(t, err, want)
		require.Equal(t, []string{""}, blocks)
	}
}
