// Package measure measures time and memory for the commands of this module.
package measure

import (
	"flag"
	"runtime"
	"slices"
	"time"
)

// Options says how often and how long to measure.
type Options struct {
	Runs  int
	Least time.Duration // minimum time of a run
}

// Flags defines a flag for each option.
func (o *Options) Flags(flags *flag.FlagSet) {
	flags.IntVar(&o.Runs, "runs", 5, "measure `n` times and print the median")
	flags.DurationVar(&o.Least, "time", 200*time.Millisecond, "measure for at least the duration `d` in each run")
}

// leastCalls is the minimum number of calls in a run.
const leastCalls = 8

// Medians returns, for each of the functions, the median time of one call in nanoseconds. The
// argument of a function is the number of calls that it makes.
func (o Options) Medians(calls ...func(n int)) []float64 {
	medians := make([]float64, len(calls))
	for i, times := range o.Times(calls...) {
		medians[i] = Median(times)
	}
	return medians
}

// Times returns, for each of the functions and each run, the mean time of one call in
// nanoseconds. The functions run in turn, so that other load on the machine affects all of
// them.
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

// count returns the number of calls in a run.
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

// Median returns the median of values, or the upper median if their number is even.
func Median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }

// Grown returns the result of build, and the number of bytes by which the heap has grown.
func Grown[T any](build func() T) (T, float64) {
	before := Heap()
	v := build()
	grown := Heap() - before
	runtime.KeepAlive(v)
	runtime.KeepAlive(build) // its captured variables were counted before
	return v, grown
}

// Heap returns the size of the live heap in bytes.
func Heap() float64 {
	runtime.GC()
	runtime.GC() // objects in a sync.Pool survive one collection
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// Allocated returns the total number of bytes allocated on the heap, including freed memory.
func Allocated() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.TotalAlloc)
}
