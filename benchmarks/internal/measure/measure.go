// Package measure measures time and memory for the commands of this module.
package measure

import (
	"flag"
	"runtime"
	"slices"
	"time"
)

// Options says how long to measure.
type Options struct {
	Runs  int           // number of runs
	Least time.Duration // minimum time of a run
}

// Flags defines a flag for each option.
func (o *Options) Flags(flags *flag.FlagSet) {
	flags.IntVar(&o.Runs, "runs", 5, "measure `n` times and print the median")
	flags.DurationVar(&o.Least, "time", 200*time.Millisecond, "measure for at least `d` each time")
}

// leastCalls is the minimum number of calls in a run.
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
// each run, in nanoseconds. The functions run in turn, so that other load on the machine
// affects all of them.
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

// Median returns the median; of an even number of values, the upper one.
func Median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }

// Grown returns the result of build, and by how many bytes it has made the heap grow.
func Grown[T any](build func() T) (T, float64) {
	before := Heap()
	v := build()
	grown := Heap() - before
	runtime.KeepAlive(v)
	runtime.KeepAlive(build) // its captured variables were counted before
	return v, grown
}

// Heap returns the bytes of the heap that are in use.
func Heap() float64 {
	runtime.GC()
	runtime.GC() // objects in a sync.Pool survive one collection
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// Allocated returns the total of bytes allocated on the heap, including freed ones.
func Allocated() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.TotalAlloc)
}
