//go:build !race

package events_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/events"
)

// repeated is a stream of a text that is repeated.
type repeated struct {
	text string
	left int // times
	at   int
}

func (r *repeated) Read(p []byte) (n int, err error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n = copy(p, r.text[r.at:])
	if r.at += n; r.at == len(r.text) {
		r.at = 0
		r.left--
	}
	return n, nil
}

// Streams of 1 GB take constant memory: in either form, with long elements, and with one
// element of that size.
func TestStreamsOfAGigabyte(t *testing.T) {
	const size = 1 << 30
	filler := strings.Repeat("x", events.MaxLine/2)
	element := strings.Replace(line, "{", `{"x":"`+filler+`",`, 1)
	repeat := func(text string) (io.Reader, int) {
		return &repeated{text: text, left: size / len(text)}, size / len(text)
	}
	for _, tc := range []struct {
		name, before, text, after string
		want                      func(times int) (events, invalid int)
		err                       string // "" is io.EOF
	}{
		{"lines", "", element + "\n", line, func(n int) (int, int) { return n + 1, 0 }, ""},
		{"list", "[", element + ",", line + "]", func(n int) (int, int) { return n + 1, 0 }, ""},
		{"one element in results", `{"results":[` + line + `,"`, filler, `",` + line + "]}", func(int) (int, int) { return 2, 1 }, ""},
		{"a member after results", "{\n\"results\":[" + line + "],\n\"x\":\"", filler, `"}`, func(int) (int, int) { return 1, 0 }, "line 3: the members beside results are longer than 1048576 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			middle, times := repeat(tc.text)
			reader := events.NewReader(io.MultiReader(strings.NewReader(tc.before), middle, strings.NewReader(tc.after)), nil)
			var b events.Block
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			count, invalid := 0, 0
			var err error
			for err == nil {
				err = reader.Read(&b)
				for l, lineErr := range b.Lines() {
					if lineErr != nil {
						require.EqualError(t, lineErr, "longer than 1048576 bytes", fmt.Sprint(l.Number))
						invalid++
						continue
					}
					count++
				}
			}
			if tc.err == "" {
				tc.err = "EOF"
			}
			require.EqualError(t, err, tc.err)
			wantCount, wantInvalid := tc.want(times)
			require.Equal(t, [2]int{wantCount, wantInvalid}, [2]int{count, invalid})
			runtime.GC()
			runtime.ReadMemStats(&after)
			require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(16<<20))
			runtime.KeepAlive(reader)
		})
	}
}
