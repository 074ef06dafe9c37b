package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
)

// table begins a table below a heading.
func (r *report) table(heading string, columns ...string) {
	fmt.Fprintf(r.out, "\n## %s\n\n", heading)
	r.row(columns...)
	r.row(slices.Repeat([]string{"---"}, len(columns))...)
}

func (r *report) row(cells ...string) {
	fmt.Fprintf(r.out, "| %s |\n", strings.Join(cells, " | "))
}

// times returns the ratio of a to b.
func times(a, b float64) string { return measure.Number(a/b) + " ×" }
