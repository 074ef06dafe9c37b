// Package measure is how the commands of this module measure.
package measure

import (
	"flag"
	"runtime"
	"slices"
	"time"
)

// Options say how long to measure.
type Options struct {
	Runs  int           // of which the median counts
	Least time.Duration // that a run takes
}

// Flags defines a flag for each option.
func (o *Options) Flags(flags *flag.FlagSet) {
	flags.IntVar(&o.Runs, "runs", 5, "measure `n` times, the median counts")
	flags.DurationVar(&o.Least, "time", 200*time.Millisecond, "measure for at least `d` each time")
}

// leastCalls is the number of calls that a run has at least.
const leastCalls = 8

// Medians returns how long one call takes, for each function that makes n calls:
// the median of the runs, in nanoseconds.
func (o Options) Medians(calls ...func(n int)) []float64 {
	medians := make([]float64, len(calls))
	for i, times := range o.Times(calls...) {
		medians[i] = Median(times)
	}
	return medians
}

// Times returns how long one call takes, for each function that makes n calls and
// each run, in nanoseconds. The functions run in turn, so that what else the machine
// does concerns all of them.
func (o Options) Times(calls ...func(n int)) [][]float64 {
	counts := make([]int, len(calls))
	for i, call := range calls {
		counts[i] = o.count(call)
	}
	times := make([][]float64, len(calls))
	for range o.Runs {
		for i, call := range calls {
			times[i] = append(times[i], float64(elapsed(call, counts[i]))/float64(counts[i]))
		}
	}
	return times
}

// count returns how many calls a run is.
func (o Options) count(call func(n int)) int {
	runtime.GC()
	for n := leastCalls; ; n *= 2 {
		if t := elapsed(call, n); 4*t >= o.Least {
			return max(leastCalls, int(float64(n)*float64(o.Least)/float64(t)))
		}
	}
}

func elapsed(call func(n int), n int) time.Duration {
	start := time.Now()
	call(n)
	return time.Since(start)
}

// Median returns the median, or the greater one of two.
func Median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }

// Grown returns what build returns, and by how many bytes the heap has grown then.
func Grown[T any](build func() T) (T, float64) {
	before := Heap()
	v := build()
	grown := Heap() - before
	runtime.KeepAlive(v)
	runtime.KeepAlive(build) // what it uses was there before
	return v, grown
}

// Heap returns the bytes of the heap that are in use.
func Heap() float64 {
	runtime.GC()
	runtime.GC() // what is in a sync.Pool lives one collection longer
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// Allocated returns the bytes that were ever allocated on the heap.
func Allocated() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.TotalAlloc)
}
