package main

import (
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/benchmarks/workload"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// readers prints what a writer costs those who read at the same time, also if the
// collector may let the heap grow further before it looks for garbage.
func (r *report) readers() error {
	r.table("A reader on every core, and a writer that replaces 10,000 webhooks a second",
		"webhooks", "GOGC", "events a second without the writer", "with it", "of that", "replaced a second", "bytes that a Put allocates")
	for _, n := range []int{1000, 100_000, 1_000_000} {
		l, err := newLoad(r.size(n))
		if err != nil {
			return err
		}
		for _, percent := range []int{100, 400} {
			if err := r.readersRow(l, percent); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *report) readersRow(l *load, percent int) error {
	defer debug.SetGCPercent(debug.SetGCPercent(percent))
	long := 25 * r.Least // of 1,000,000 webhooks the collector has one round in 3 s
	// The heap grows to its size, which takes time of its own.
	if _, _, err := l.readAndWrite(2 * long); err != nil {
		return err
	}
	var without, with, replaced, allocated []float64
	for range r.Runs {
		without = append(without, l.read(long))
		before := measure.Allocated()
		events, writes, err := l.readAndWrite(long)
		if err != nil {
			return err
		}
		// Readers allocate nothing.
		allocated = append(allocated, (measure.Allocated()-before)/(writes*long.Seconds()))
		with, replaced = append(with, events), append(replaced, writes)
	}
	before, after := measure.Median(without), measure.Median(with)
	r.row(measure.Count(l.index.Len()), measure.Count(percent), measure.Number(before), measure.Number(after), measure.Number(100*after/before)+" %", measure.Number(measure.Median(replaced)), measure.Number(measure.Median(allocated)))
	return nil
}

// load is an index, and what to ask it for and to replace in it.
type load struct {
	index        *filter.Index
	ids          []uuid.UUID
	events       []webhook.Event
	replacements []*webhook.Webhook // their ids do not count
}

func newLoad(n int) (*load, error) {
	g := workload.New(seed, workload.Narrow)
	l := &load{index: filter.NewIndex()}
	for w := range measure.Webhooks(g, n) {
		if err := l.index.Put(organization, w); err != nil {
			return nil, err
		}
		l.ids = append(l.ids, w.ID)
	}
	l.events = measure.Events(g, 1024)
	l.replacements = slices.Collect(measure.Webhooks(g, 10_000))
	return l, nil
}

// read returns how many events a second the readers judge.
func (l *load) read(d time.Duration) float64 {
	var stop atomic.Bool
	var judged atomic.Int64
	var reading sync.WaitGroup
	start := time.Now()
	for range runtime.GOMAXPROCS(0) {
		reading.Go(func() {
			var dst []*webhook.Webhook
			n := 0
			for i := rand.IntN(len(l.events)); n == 0 || !stop.Load(); i = (i + 1) % len(l.events) {
				dst = l.index.AppendMatches(dst[:0], organization, l.events[i])
				n++
			}
			judged.Add(int64(n))
		})
	}
	time.Sleep(d)
	stop.Store(true)
	reading.Wait()
	return float64(judged.Load()) / time.Since(start).Seconds()
}

// readAndWrite is read beside a writer. It returns also how many webhooks a second
// the writer replaced.
func (l *load) readAndWrite(d time.Duration) (events, writes float64, err error) {
	var stop atomic.Bool
	var writing sync.WaitGroup
	writing.Go(func() {
		const rate = 10_000
		start, n := time.Now(), 0
		for ; !stop.Load(); time.Sleep(time.Millisecond) {
			// What the writer has slept through, it catches up with.
			for due := int(rate * time.Since(start).Seconds()); n < due && err == nil; n++ {
				w := *l.replacements[n%len(l.replacements)]
				w.ID = l.ids[rand.IntN(len(l.ids))]
				err = l.index.Put(organization, &w)
			}
		}
		writes = float64(n) / time.Since(start).Seconds()
	})
	events = l.read(d)
	stop.Store(true)
	writing.Wait()
	return events, writes, err
}
