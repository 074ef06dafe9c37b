package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/events"
	"github.com/hookfilter/hookfilter/webhook"
)

// With synctest, the tests wait until all goroutines are blocked, instead of for a fixed time. They
// fail if a goroutine of run is left after the input of run has ended.

func TestOutputIsNotDelayed(t *testing.T) {
	dir, id := oneWebhook(t)
	half := started("half")[:50]
	var many, manyWant strings.Builder
	for i := range 3000 {
		many.WriteString(started("many"))
		manyWant.WriteString(outputLine(7+i, "many", id))
	}
	require.Greater(t, many.Len(), 5*events.MaxBlock)
	for name, args := range map[string][]string{"-json": {"-json"}, "text": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in, feed := io.Pipe()
				var stdout, stderr bytes.Buffer
				done := make(chan error)
				go func() {
					done <- run(t.Context(), append(args, "-webhooks", dir, "-events", "-"), in, &stdout, &stderr)
				}()
				var seen int
				for _, step := range []struct{ write, want, report string }{
					{"", "", ""},
					{started("a"), outputLine(1, "a", id), ""},
					{started("b") + started("c") + half, outputLine(2, "b", id) + outputLine(3, "c", id), ""},
					{started("half")[50:], outputLine(4, "half", id), ""},
					{"?\n\n", "", "stdin:5: not JSON: want a value, got '?'\n"},
					{many.String(), manyWant.String(), ""},
					{strings.Repeat("x", events.MaxLine+1), "", fmt.Sprintf("stdin:3007: longer than %d bytes\n", events.MaxLine)},
					{"xx\n" + started("z"), outputLine(3008, "z", id), ""},
				} {
					stderr.Reset()
					_, err := io.WriteString(feed, step.write)
					require.NoError(t, err)
					synctest.Wait()
					if name == "-json" {
						require.Equal(t, step.want, stdout.String()[seen:])
					} else {
						require.Equal(t, 2*strings.Count(step.want, "\n"), strings.Count(strings.TrimPrefix(stdout.String()[seen:], textHeader), "\n"))
					}
					require.Equal(t, step.report, stderr.String())
					seen = stdout.Len()
				}
				require.NoError(t, feed.Close())
				require.ErrorIs(t, <-done, cli.ErrReported)
			})
		})
	}
}

func TestStopsWhileItWaitsForInput(t *testing.T) {
	dir, id := oneWebhook(t)
	for _, tc := range []struct {
		name, input, stdout, stderr string
		status                      int
	}{
		{"before any input", "", "", "events 0, fired 0, deliveries 0, malformed lines 0, invalid webhooks 0\n", 0},
		{"between lines", started("a"), outputLine(1, "a", id),
			"events 1, fired 1, deliveries 1, malformed lines 0, invalid webhooks 0\n", 0},
		{"within a line", started("a") + `{"org`, outputLine(1, "a", id),
			"events 1, fired 1, deliveries 1, malformed lines 0, invalid webhooks 0\n", 0},
		{"after a malformed line", started("a") + "?\n", outputLine(1, "a", id),
			"stdin:2: not JSON: want a value, got '?'\nevents 1, fired 1, deliveries 1, malformed lines 1, invalid webhooks 0\n", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, interrupt := context.WithCancel(t.Context())
				in, feed := io.Pipe()
				var stdout, stderr bytes.Buffer
				done := make(chan error)
				go func() { done <- run(ctx, []string{"-webhooks", dir, "-events", "-", "-json"}, in, &stdout, &stderr) }()
				_, err := io.WriteString(feed, tc.input)
				require.NoError(t, err)
				synctest.Wait()
				interrupt()
				require.Equal(t, tc.status, cli.Status("dispatch", <-done, &stderr))
				require.Equal(t, tc.stdout, stdout.String())
				require.Equal(t, tc.stderr, stderr.String())
				require.NoError(t, feed.Close())
			})
		})
	}
}

// repeated is a reader that repeats lines and ends after left bytes.
type repeated struct {
	lines string
	pos   int
	left  int
	at    map[int]func() // functions to call, by the number of bytes left at that time
}

func (r *repeated) Read(p []byte) (int, error) {
	if f := r.at[r.left]; f != nil {
		f()
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.left)], r.lines[r.pos:])
	r.pos = (r.pos + n) % len(r.lines)
	r.left -= n
	return n, nil
}

const endless = math.MaxInt

// brokenWriter fails after a number of writes.
type brokenWriter struct {
	bytes.Buffer
	left int
	err  error
}

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left == 0 {
		return 0, w.err
	}
	w.left--
	return w.Buffer.Write(p)
}

func TestStopsWhenTheOutputFails(t *testing.T) {
	dir, _ := oneWebhook(t)
	closed := &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}
	full := &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
	for _, tc := range []struct {
		name   string
		args   []string
		writes int
		input  int
		err    error
		status int
		stderr string
	}{
		{"closed, header", nil, 0, endless, closed, 0, ""},
		{"closed, first block", nil, 1, endless, closed, 0, ""},
		{"closed, summary", nil, 1, 0, closed, 0, ""},
		{"closed, -json", []string{"-json"}, 0, endless, closed, 0, ""},
		{"closed later, -json -why", []string{"-json", "-why"}, 10, endless, closed, 0, ""},
		{"closed io.Pipe, -json", []string{"-json"}, 3, endless, io.ErrClosedPipe, 0, ""},
		{"full, header", nil, 0, endless, full, 2, "dispatch: write /dev/stdout: no space left on device\n"},
		{"full, -json", []string{"-json"}, 4, endless, full, 2, "dispatch: write /dev/stdout: no space left on device\n"},
		{"full, summary", nil, 1, 0, full, 2, "dispatch: write /dev/stdout: no space left on device\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stdout := &brokenWriter{left: tc.writes, err: tc.err}
				var stderr bytes.Buffer
				in := &repeated{lines: strings.Repeat(started("a"), 500), left: tc.input}
				err := run(t.Context(), append(tc.args, "-webhooks", dir, "-events", "-"), in, stdout, &stderr)
				require.Equal(t, tc.status, cli.Status("dispatch", err, &stderr))
				require.Equal(t, tc.stderr, stderr.String())
				require.Zero(t, stdout.left)
			})
		})
	}
}

func TestInputThatFails(t *testing.T) {
	dir, id := oneWebhook(t)
	broken := &os.PathError{Op: "read", Path: "/dev/stdin", Err: syscall.EIO}
	in, feed := io.Pipe()
	go func() {
		_, _ = io.WriteString(feed, started("a"))
		feed.CloseWithError(broken)
	}()
	got := dispatch(in, "-webhooks", dir, "-events", "-", "-json")
	require.Equal(t, result{outputLine(1, "a", id), "dispatch: " + broken.Error() + "\n", 2}, got)
}

func TestStopsInTheMiddleOfAStream(t *testing.T) {
	dir, _ := oneWebhook(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		in := &repeated{lines: strings.Repeat(started("a"), 500), left: endless}
		in.at = map[int]func(){endless - 50*len(in.lines): interrupt}
		var stdout, stderr bytes.Buffer
		require.NoError(t, run(ctx, []string{"-webhooks", dir, "-events", "-", "-json"}, in, &stdout, &stderr))
		n := strings.Count(stdout.String(), "\n")
		require.Equal(t, fmt.Sprintf("events %d, fired %d, deliveries %d, malformed lines 0, invalid webhooks 0\n", n, n, n), stderr.String())
		require.True(t, strings.HasSuffix(stdout.String(), "]}\n"), "the output ends with a whole line")
	})
}

// interruptingWriter cancels the context of run in Write, and waits until all other
// goroutines are blocked.
type interruptingWriter struct{ interrupt func() }

func (w interruptingWriter) Write(p []byte) (int, error) {
	w.interrupt()
	synctest.Wait()
	return len(p), nil
}

// The program ends correctly if the goroutine that reads the input stops before stream notices the
// interrupt.
func TestStopsAfterItsReader(t *testing.T) {
	dir, _ := oneWebhook(t)
	for range 300 { // the order of the two is random
		synctest.Test(t, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			in := &repeated{lines: started("a"), left: endless}
			require.NoError(t, run(ctx, []string{"-webhooks", dir, "-events", "-", "-json"}, in, interruptingWriter{interrupt}, io.Discard))
		})
	}
}

// memory returns the memory statistics after a garbage collection.
func memory() (stats runtime.MemStats) {
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats
}

// measured runs the program, and returns the memory statistics at the times when the given
// numbers of bytes of input were left to read.
func measured(t *testing.T, in *repeated, left ...int) []runtime.MemStats {
	t.Helper()
	dir, _ := oneWebhook(t)
	stats := make([]runtime.MemStats, len(left))
	in.at = make(map[int]func())
	for i, left := range left {
		in.at[left] = func() { stats[i] = memory() }
	}
	err := run(t.Context(), []string{"-webhooks", dir, "-events", "-", "-json"}, in, io.Discard, io.Discard)
	require.True(t, err == nil || errors.Is(err, cli.ErrReported), err)
	for _, s := range stats {
		require.NotZero(t, s.Mallocs, "not measured")
	}
	return stats
}

// The program retains about 100 kB while it reads 13 MB, and allocates 14 to 16 times per line.
func TestMemoryOfALongStream(t *testing.T) {
	lines := strings.Repeat(started("checkout"), 1000)
	in := &repeated{lines: lines, left: 100 * len(lines)}
	stats := measured(t, in, 90*len(lines), 0)
	require.Less(t, int64(stats[1].HeapAlloc)-int64(stats[0].HeapAlloc), int64(2<<20), "bytes retained after reading %d", 90*len(lines))
	require.Less(t, (stats[1].Mallocs-stats[0].Mallocs)/90_000, uint64(32), "allocations per line")
}

// callAfter calls a function in the Write that reaches a number of bytes.
type callAfter struct {
	left int
	call func()
}

func (w *callAfter) Write(p []byte) (int, error) {
	if w.left > 0 && w.left <= len(p) {
		w.call()
	}
	w.left -= len(p)
	return len(p), nil
}

// The output of a block of lines may be large: here 31 kB per line, and 9 MB for the 300 lines
// that each Read returns. The memory is measured while the program does not allocate: in the first
// Read, and in a Write for the fourth block. Between them, the heap shrinks by 1 MB, which was used
// to read the webhooks.
func TestMemoryOfLargeOutput(t *testing.T) {
	dir := t.TempDir()
	var all []webhook.Webhook
	for range 100 {
		all = append(all, webhook.Webhook{ID: uuid.New(), Enabled: true, Events: []webhook.EventType{"DEPLOYMENT_STARTED"},
			ProjectNamesFilter: []string{"another project, with a name that is long", "and one more with such a name"}})
	}
	writeOrganization(t, dir, organization, all...)
	lines := strings.Repeat(started("checkout"), 300)
	var before, after runtime.MemStats
	in := &repeated{lines: lines, left: 4 * len(lines), at: map[int]func(){4 * len(lines): func() { before = memory() }}}
	out := &callAfter{30 << 20, func() { after = memory() }}
	require.NoError(t, run(t.Context(), []string{"-webhooks", dir, "-events", "-", "-json", "-why"}, in, out, io.Discard))
	require.NotZero(t, after.Mallocs, "not measured")
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(2<<20), "bytes retained")
}

// Nothing is allocated for the rest of a line that is too long.
func TestMemoryOfAnOverlongLine(t *testing.T) {
	const length = 64 << 20
	in := &repeated{lines: strings.Repeat("7", 64<<10), left: length}
	stats := measured(t, in, length-4<<20, 0)
	require.Less(t, stats[1].TotalAlloc-stats[0].TotalAlloc, uint64(1<<20), "bytes allocated for a line of %d bytes", length)
}
