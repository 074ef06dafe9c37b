package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/benchmarks/workload"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// prefix is the common prefix of all entries in some hostile sets: 200 bytes.
var prefix = strings.Repeat("team-", 40)

// hostileSets lists sets of entries that are chosen to make queries slow. The name hit matches
// entries of the set, and the name miss matches none.
var hostileSets = []struct {
	name      string
	entry     func(i int) string
	hit, miss string
}{
	{"14 letters as in `*a*a*b*`", digits("*a", "*b"), strings.Repeat("ab", 14), strings.Repeat("a", 63)},
	{"common prefix of 200 bytes, then `123*`", func(i int) string { return prefix + strconv.Itoa(i) + "*" }, prefix + "7", prefix + "x"},
	{"common prefix of 200 bytes, then `123`", func(i int) string { return prefix + strconv.Itoa(i) }, prefix + "7", prefix + "x"},
	{"`?*?*`", func(int) string { return "?*?*" }, "checkout-api", "x"},
	{"1 to 200 `?`, then `*`", func(i int) string { return strings.Repeat("?", 1+i%200) + "*" }, prefix, ""},
	{"14 runs as in `?a??a*`", digits("?a", "??a"), strings.Repeat("a", 42), strings.Repeat("a", 28)},
}

// digits returns a function that writes i+1 as 14 binary digits, with the texts zero and one for the
// digits, and then a *.
func digits(zero, one string) func(i int) string {
	r := strings.NewReplacer("0", zero, "1", one)
	return func(i int) string { return r.Replace(fmt.Sprintf("%014b", i+1)) + "*" }
}

// hostile prints how time and memory grow with the number of hostile webhooks.
func (r *report) hostile() error {
	r.table("Hostile webhooks", "entries", "webhooks", "Put",
		"matches of a hit", "time of a hit", "growth", "time of a miss", "growth", "total (bytes/webhook)")
	for _, set := range hostileSets {
		var indexes []*hostileIndex
		var calls []func(int)
		for _, n := range []int{1250, 2500, 5000, 10_000} {
			x, err := newHostileIndex(set.entry, r.size(n))
			if err != nil {
				return err
			}
			hit, miss := x.find(set.hit), x.find(set.miss)
			x.matches = measure.Matches(1, hit)
			if missed := measure.Matches(1, miss); x.matches == 0 || missed > 0 {
				return fmt.Errorf("%s: name %q matches %v webhooks, want at least one; name %q matches %v, want none", set.name, set.hit, x.matches, set.miss, missed)
			}
			indexes, calls = append(indexes, x), append(calls, measure.Each(1, hit), measure.Each(1, miss))
		}
		medians := r.Medians(calls...)
		for i, x := range indexes {
			hit, miss := medians[2*i], medians[2*i+1]
			hitGrowth, missGrowth := "", ""
			if i > 0 {
				hitGrowth, missGrowth = times(hit, medians[2*i-2]), times(miss, medians[2*i-1])
			}
			r.row(set.name, measure.Count(x.Len()), measure.Duration(x.put), measure.Number(x.matches),
				measure.Duration(hit), hitGrowth, measure.Duration(miss), missGrowth, measure.Number(x.bytes))
		}
	}
	return nil
}

// hostileIndex is an index of webhooks with one entry each, in one organization.
type hostileIndex struct {
	*filter.Index
	put     float64 // the mean, in nanoseconds
	bytes   float64 // per webhook
	matches float64
}

func newHostileIndex(entry func(i int) string, n int) (*hostileIndex, error) {
	g := workload.New(seed, workload.Narrow)
	x := &hostileIndex{Index: filter.NewIndex()}
	var err error
	_, grown := measure.Grown(func() *filter.Index {
		start := time.Now()
		for i := range n {
			w := &webhook.Webhook{ID: g.ID(), Enabled: true, Events: webhook.EventTypes(), ProjectNamesFilter: []string{entry(i)}}
			err = errors.Join(err, x.Put(organization, w))
		}
		x.put = float64(time.Since(start)) / float64(n)
		return x.Index
	})
	x.bytes = grown / float64(n)
	return x, err
}

// find returns a function that finds the webhooks for a started deployment of a project.
func (x *hostileIndex) find(name string) measure.Find {
	e := webhook.Event{Type: webhook.DeploymentStarted, ProjectName: name, EnvironmentMode: webhook.Production}
	return func(dst []*webhook.Webhook, _ int) []*webhook.Webhook { return x.AppendMatches(dst, organization, e) }
}
