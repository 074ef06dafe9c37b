package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/benchmarks/workload"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// built is the cost of building an index and of changing it.
type built struct {
	Peak                        float64 // peak resident memory after building, in bytes
	Build, Put, Replace, Delete watch
}

// watch accumulates the times of calls, in nanoseconds.
type watch struct{ Calls, Total, Worst float64 }

func (w *watch) time(call func() error) error {
	start := time.Now()
	err := call()
	t := float64(time.Since(start))
	w.Calls, w.Total, w.Worst = w.Calls+1, w.Total+t, max(w.Worst, t)
	return err
}

// build prints the cost of building a large index and of changing it. It measures in a
// child process, because peak memory is a property of a process.
func (r *report) build() error {
	n := r.size(1_000_000)
	var all []built
	for range r.Runs {
		b, err := buildChild(n)
		if err != nil {
			return err
		}
		all = append(all, b)
	}
	median := func(figure func(built) float64) float64 {
		var values []float64
		for _, b := range all {
			values = append(values, figure(b))
		}
		return measure.Median(values)
	}
	r.table("Building through Put", "webhooks", "total", "peak resident memory")
	r.row(measure.Count(n), measure.Duration(median(func(b built) float64 { return b.Build.Total })),
		measure.Number(median(func(b built) float64 { return b.Peak / 1e6 }))+" MB")
	r.table("One call at "+measure.Count(n)+" webhooks", "", "mean", "worst")
	for _, call := range []struct {
		name  string
		watch func(built) watch
	}{
		{"Put while building", func(b built) watch { return b.Build }},
		{"Put of a new webhook", func(b built) watch { return b.Put }},
		{"Put that replaces", func(b built) watch { return b.Replace }},
		{"Delete", func(b built) watch { return b.Delete }},
	} {
		r.row(call.name,
			measure.Duration(median(func(b built) float64 { return call.watch(b).Total / call.watch(b).Calls })),
			measure.Duration(median(func(b built) float64 { return call.watch(b).Worst })))
	}
	return nil
}

// childEnv is the environment variable that makes this program the child process. Its value
// is the number of webhooks to build.
const childEnv = "HOOKFILTER_TABLES_BUILD"

func buildChild(n int) (b built, err error) {
	program, err := os.Executable()
	if err != nil {
		return b, err
	}
	child := exec.Command(program)
	child.Env = append(os.Environ(), childEnv+"="+strconv.Itoa(n))
	child.Stderr = os.Stderr
	out, err := child.Output()
	if err == nil {
		err = json.Unmarshal(out, &b)
	}
	if err != nil {
		return b, fmt.Errorf("child process: %w", err)
	}
	return b, nil
}

// buildInChild reports whether this process is the child. If so, it measures and prints the
// result.
func buildInChild() bool {
	value, ok := os.LookupEnv(childEnv)
	if !ok {
		return false
	}
	b := built{}
	n, err := strconv.Atoi(value)
	if err == nil {
		err = b.measure(n)
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(b)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

// chunk is the number of webhooks that are generated at once, outside the measured time.
// It is small to save memory.
const chunk = 10_000

func (b *built) measure(n int) error {
	x, g := filter.NewIndex(), workload.New(seed, workload.Narrow)
	// each calls change for total webhooks.
	each := func(total int, change func(*webhook.Webhook) error) error {
		for done := 0; done < total; done += chunk {
			for _, w := range slices.Collect(measure.Webhooks(g, min(chunk, total-done))) {
				if err := change(w); err != nil {
					return err
				}
			}
		}
		return nil
	}
	put := func(w *webhook.Webhook, watch *watch) error {
		return watch.time(func() error { return x.Put(organization, w) })
	}
	err := each(n, func(w *webhook.Webhook) error { return put(w, &b.Build) })
	if err != nil {
		return err
	}
	if b.Peak, err = peakResident(); err != nil {
		return err
	}

	var ids []uuid.UUID
	for w := range x.All(organization) {
		ids = append(ids, w.ID)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	if err := each(max(n/10, leastSize), func(w *webhook.Webhook) error {
		w.ID = ids[random.IntN(len(ids))]
		return put(w, &b.Replace)
	}); err != nil {
		return err
	}
	return each(max(n/10, leastSize), func(w *webhook.Webhook) error {
		i := random.IntN(len(ids))
		if err := b.Delete.time(func() error {
			if !x.Delete(organization, ids[i]) {
				return fmt.Errorf("webhook %v not found", ids[i])
			}
			return nil
		}); err != nil {
			return err
		}
		ids[i] = w.ID
		return put(w, &b.Put)
	})
}

var vmHWM = regexp.MustCompile(`(?m)^VmHWM:\s*(\d+) kB$`)

// peakResident returns the peak resident memory of this process in bytes.
func peakResident() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	m := vmHWM.FindSubmatch(status)
	if m == nil {
		return 0, fmt.Errorf("/proc/self/status: no VmHWM")
	}
	kilobytes, err := strconv.ParseFloat(string(m[1]), 64)
	return 1024 * kilobytes, err
}
