package main

import (
	"testing"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/benchmarks/peers"
)

// one prints the cost of deciding whether an event fires one webhook.
func (r *report) one() error {
	if err := peers.CheckOne(peers.One()); err != nil {
		return err
	}
	w, e := peers.Example()
	var calls []func(int)
	var allocations []int
	for _, p := range peers.One() {
		match, err := p.Compile(w)
		if err != nil {
			return err
		}
		calls = append(calls, func(n int) {
			for range n {
				match(e)
			}
		})
		allocations = append(allocations, int(testing.AllocsPerRun(1000, func() { match(e) })))
	}
	medians := r.Medians(calls...)
	r.table("One webhook, one event", "", "time", "allocations", "÷ hookfilter", "agrees on")
	for i, p := range peers.One() {
		r.row(p.Name, measure.Duration(medians[i]), measure.Count(allocations[i]), times(medians[i], medians[0]), p.Agrees.Name)
	}
	return nil
}
