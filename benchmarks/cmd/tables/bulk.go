package main

import (
	"errors"
	"runtime"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/benchmarks/workload"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// bulk prints the cost of loading all webhooks at once, as at a start or a reload, compared
// with compiling them.
func (r *report) bulk() error {
	r.table("Loading all webhooks, compared with compiling them", "organizations × webhooks", "compile",
		"Replace, all new", "÷ compile", "Replace, unchanged", "÷ compile", "Put one by one", "÷ compile")
	for _, s := range []struct{ organizations, webhooks int }{{1, 200_000}, {2000, 100}, {200_000, 1}} {
		organizations, webhooks := s.organizations, s.webhooks
		if organizations > 1 {
			organizations = r.size(organizations)
		} else {
			webhooks = r.size(webhooks)
		}
		if err := r.bulkRow(organizations, webhooks); err != nil {
			return err
		}
	}
	return nil
}

func (r *report) bulkRow(organizations, webhooks int) error {
	g := workload.New(seed, workload.Wide)
	var ids []uuid.UUID
	var lists [][]*webhook.Webhook
	for range organizations {
		ids = append(ids, g.ID())
		var ws []*webhook.Webhook
		for w := range measure.Webhooks(g, webhooks) {
			ws = append(ws, w)
		}
		lists = append(lists, ws)
	}
	var err error
	var filters []*filter.Filter
	var x *filter.Index
	loads := []func(){
		func() {
			filters = filters[:0]
			for _, ws := range lists {
				for _, w := range ws {
					f, compileErr := filter.Compile(w)
					filters, err = append(filters, f), errors.Join(err, compileErr)
				}
			}
		},
		func() {
			x = filter.NewIndex()
			for i, ws := range lists {
				err = errors.Join(err, x.Replace(ids[i], ws))
			}
		},
		func() { // the same webhooks again
			for i, ws := range lists {
				err = errors.Join(err, x.Replace(ids[i], ws))
			}
		},
		func() {
			x = filter.NewIndex()
			for i, ws := range lists {
				for _, w := range ws {
					err = errors.Join(err, x.Put(ids[i], w))
				}
			}
		},
	}
	times := make([][]float64, len(loads))
	for range r.Runs {
		for i, load := range loads {
			runtime.GC()
			start := time.Now()
			load()
			times[i] = append(times[i], float64(time.Since(start)))
		}
	}
	if err != nil {
		return err
	}
	compile := measure.Median(times[0])
	cells := []string{measure.Count(organizations) + " × " + measure.Count(webhooks), measure.Duration(compile)}
	for _, t := range times[1:] {
		cells = append(cells, measure.Duration(measure.Median(t)), measure.Number(measure.Median(t)/compile)+" ×")
	}
	r.row(cells...)
	return nil
}
