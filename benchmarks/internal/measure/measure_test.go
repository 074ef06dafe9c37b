package measure_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/benchmarks/peers"
	"github.com/hookfilter/hookfilter/benchmarks/workload"
	"github.com/hookfilter/hookfilter/webhook"
)

// The clock of synctest advances only while the functions sleep.
func TestMediansRunInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type run struct{ call, n int }
		var runs []run
		call := func(i int, d time.Duration) func(int) {
			return func(n int) {
				runs = append(runs, run{i, n})
				time.Sleep(time.Duration(n) * d)
			}
		}
		medians := measure.Options{Runs: 2, Least: 100 * time.Microsecond}.Medians(call(0, time.Microsecond), call(1, 50*time.Microsecond))
		require.Equal(t, []float64{1000, 50_000}, medians)
		require.Equal(t, []run{
			{0, 8}, {0, 16}, {0, 32}, // until a quarter of the time is reached
			{1, 8},
			{0, 100}, {1, 8}, {0, 100}, {1, 8},
		}, runs)
	})
}

func TestMedian(t *testing.T) {
	require.Equal(t, 2., measure.Median([]float64{9, 1, 2}))
	require.Equal(t, 3., measure.Median([]float64{4, 1, 3, 2}))
}

// Other parts of the process use some kilobytes of the heap. If Grown counted what build has
// dropped, the result would be eleven times as large.
func TestGrown(t *testing.T) {
	kept, grown := measure.Grown(func() []byte {
		for range 10 {
			_ = append([]byte(nil), make([]byte, 1<<20)...)
		}
		return make([]byte, 1<<20)
	})
	require.Len(t, kept, 1<<20)
	require.InEpsilon(t, 1<<20, grown, 0.5)
}

func TestMany(t *testing.T) {
	m, err := measure.Options{Runs: 1, Least: time.Millisecond}.Many(2000, measure.Workload{Projects: workload.Narrow})
	require.NoError(t, err)
	require.Equal(t, 2000, m.Webhooks)
	g := workload.New(1, workload.Narrow)
	loop, err := peers.Many()[1].Compile(measure.Webhooks(g, 2000))
	require.NoError(t, err)
	events := measure.Events(g, 1024)
	require.Equal(t, measure.Matches(len(events), func(dst []*webhook.Webhook, i int) []*webhook.Webhook {
		return loop(dst, events[i])
	}), m.Matches)
	require.Len(t, m.Times, len(measure.Contenders()))
	for _, times := range m.Times {
		require.Len(t, times, 1)
		require.Positive(t, times[0])
	}
	require.Positive(t, m.Overhead)
	require.Greater(t, m.Bytes, m.Overhead)
}

func TestFormats(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 0.0123: "0.0123", 1: "1", 12.345: "12.3", 999.4: "999", 999.5: "1,000", 1234567.8: "1,234,568"} {
		require.Equal(t, want, measure.Number(x))
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		require.Equal(t, want, measure.Count(n))
	}
	for ns, want := range map[float64]string{0.5: "0.5 ns", 12.34: "12.3 ns", 999.6: "1 µs", 1500: "1.5 µs", 2e6: "2 ms", 3e9: "3 s", 4e12: "4,000 s"} {
		require.Equal(t, want, measure.Duration(ns))
	}
}
