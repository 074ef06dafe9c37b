// Command tables measures package filter and its peers, and prints the results as Markdown.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
)

func main() {
	if buildInChild() {
		return
	}
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tables:", err)
		os.Exit(1)
	}
}

// report holds the options and the output that the tables share.
type report struct {
	measure.Options
	out          io.Writer
	divisor      int
	replacements int
}

// tables are the parts of the report, in order.
var tables = []struct {
	name  string
	print func(*report) error
}{
	{"one", (*report).one},
	{"many", (*report).many},
	{"organizations", (*report).organizations},
	{"bulk", (*report).bulk},
	{"build", (*report).build},
	{"readers", (*report).readers},
	{"hostile", (*report).hostile},
	{"names", (*report).names},
	{"churn", (*report).churn},
}

func run(args []string, out io.Writer) error {
	var names []string
	for _, t := range tables {
		names = append(names, t.name)
	}
	r := &report{out: out}
	flags := flag.NewFlagSet("tables", flag.ContinueOnError)
	r.Flags(flags)
	list := flags.String("tables", strings.Join(names, ","), "comma-separated `list` of the tables to print")
	flags.IntVar(&r.divisor, "divide", 1, "divide the numbers of webhooks and -churn by `n`, for a quick run")
	flags.IntVar(&r.replacements, "churn", 10_000_000, "number `n` of replacements in the table churn")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if r.Runs < 1 || r.Least <= 0 || r.divisor < 1 {
		return fmt.Errorf("-runs %d, -time %v, -divide %d: all must be positive", r.Runs, r.Least, r.divisor)
	}
	wanted := strings.Split(*list, ",")
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			return fmt.Errorf("unknown table %q: want one of %v", name, names)
		}
	}
	fmt.Fprintf(out, "%s; median of %d runs\n", measure.Machine(), r.Runs)
	for _, t := range tables {
		if !slices.Contains(wanted, t.name) {
			continue
		}
		if err := t.print(r); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return nil
}

// seed is the seed of workloads and random choices.
const seed = 1

// organization has all webhooks of a table that measures only one organization.
var organization = uuid.UUID{1}

// leastSize is the minimum number of webhooks or organizations to measure, except
// in the table many.
const leastSize = 10

// size returns n divided by the divisor, but at least leastSize.
func (r *report) size(n int) int { return max(leastSize, n/r.divisor) }
