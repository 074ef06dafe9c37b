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

// readers prints how much a writer slows down concurrent readers, also with a higher GOGC
// and with fewer writes.
func (r *report) readers() error {
	r.table("A reader on every core, and a writer that replaces webhooks",
		"webhooks", "GOGC", "replaced per second", "events per second without the writer", "with the writer", "with ÷ without", "bytes allocated per Put")
	for _, n := range []int{1000, 100_000, 1_000_000} {
		l, err := newLoad(r.size(n))
		if err != nil {
			return err
		}
		for _, row := range []struct{ percent, rate int }{{100, 10_000}, {400, 10_000}, {100, 1000}} {
			if err := r.readersRow(l, row.percent, row.rate); err != nil {
				return err
			}
		}
	}
	return nil
}

// readersRow measures in turn with and without the writer, so that other load on the
// machine affects both. A turn is longer than a garbage collection, whose time grows with
// the number of webhooks.
func (r *report) readersRow(l *load, percent, rate int) error {
	defer debug.SetGCPercent(debug.SetGCPercent(percent))
	turn := r.Least + r.Least*time.Duration(l.index.Len())/20_000
	turns := max(1, int(25*r.Least/turn))
	// Warm up until the heap has its final size.
	if _, _, err := l.readAndWrite(max(turn, 25*r.Least), 10_000); err != nil {
		return err
	}
	var without, with, replaced, allocated []float64
	for range r.Runs {
		before := measure.Allocated()
		var alone, concurrent float64 // sums of events per second
		var writes int
		var writing time.Duration
		for range turns {
			alone += l.read(turn)
			start := time.Now()
			events, written, err := l.readAndWrite(turn, rate)
			if err != nil {
				return err
			}
			concurrent, writes, writing = concurrent+events, writes+written, writing+time.Since(start)
		}
		n, puts := float64(turns), float64(writes)
		without, with, replaced = append(without, alone/n), append(with, concurrent/n), append(replaced, puts/writing.Seconds())
		// Readers allocate nothing.
		allocated = append(allocated, (measure.Allocated()-before)/puts)
	}
	r.row(measure.Count(l.index.Len()), measure.Count(percent), measure.Number(measure.Median(replaced)), measure.Number(measure.Median(without)), measure.Number(measure.Median(with)), spread(with, without), measure.Number(measure.Median(allocated)))
	return nil
}

// load is an index, with the events and the replacements to measure with.
type load struct {
	index        *filter.Index
	ids          []uuid.UUID
	events       []webhook.Event
	replacements []*webhook.Webhook   // put with an id from ids
	buffers      [][]*webhook.Webhook // of the readers
}

func newLoad(n int) (*load, error) {
	g := workload.New(seed, workload.Narrow)
	l := &load{index: filter.NewIndex(), buffers: make([][]*webhook.Webhook, runtime.GOMAXPROCS(0))}
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

// read returns how many events per second the readers look up.
func (l *load) read(d time.Duration) float64 {
	var stop atomic.Bool
	var queries atomic.Int64
	var reading sync.WaitGroup
	start := time.Now()
	for r := range l.buffers {
		reading.Go(func() {
			dst, n := l.buffers[r], 0
			for i := rand.IntN(len(l.events)); n == 0 || !stop.Load(); i = (i + 1) % len(l.events) {
				dst = l.index.AppendMatches(dst[:0], organization, l.events[i])
				n++
			}
			queries.Add(int64(n))
			l.buffers[r] = dst
		})
	}
	time.Sleep(d)
	stop.Store(true)
	reading.Wait()
	return float64(queries.Load()) / time.Since(start).Seconds()
}

// readAndWrite is like read, with a concurrent writer that replaces rate webhooks per second,
// at least one. It also returns the number of writes.
func (l *load) readAndWrite(d time.Duration, rate int) (events float64, writes int, err error) {
	var stop atomic.Bool
	var writing sync.WaitGroup
	writing.Go(func() {
		for start := time.Now(); writes == 0 || !stop.Load(); time.Sleep(time.Millisecond) {
			// Catch up with the writes that are due after the sleep.
			for due := 1 + int(float64(rate)*time.Since(start).Seconds()); writes < due && err == nil; writes++ {
				w := *l.replacements[writes%len(l.replacements)]
				w.ID = l.ids[rand.IntN(len(l.ids))]
				err = l.index.Put(organization, &w)
			}
		}
	})
	events = l.read(d)
	stop.Store(true)
	writing.Wait()
	return events, writes, err
}
