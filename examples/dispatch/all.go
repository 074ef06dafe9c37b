package main

import (
	"bufio"
	"context"
	"io"

	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/webhook"
)

// writeAll writes the output for all events of the existing pairs: the four documented types of
// each pair. Like stream, it retains no output.
func (d *dispatcher) writeAll(ctx context.Context, all []projects.Existing, stdout io.Writer) (total tally, err error) {
	out := bufio.NewWriterSize(stdout, 64<<10)
	for _, o := range all {
		for _, pair := range o.Pairs {
			for _, t := range webhook.EventTypes() {
				d.write(total.events+1, o.OrganizationID, pair.Event(t), &total, out)
			}
			if _, err := out.Write(nil); err != nil || ctx.Err() != nil { // out remembers an error of an earlier write
				return total, closedOr(out.Flush())
			}
		}
	}
	return total, closedOr(out.Flush())
}
