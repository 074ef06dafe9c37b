// Command chart draws the time of one event against the number of webhooks, as SVG, for
// package filter, its peers, and the lower bound of copying the result.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/benchmarks/workload"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "chart:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var options measure.Options
	flags := flag.NewFlagSet("chart", flag.ContinueOnError)
	options.Flags(flags)
	path := flags.String("o", "../docs/scaling.svg", "write `file`")
	largest := flags.Int("largest", 1_000_000, "measure from 10 to `n` webhooks")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if options.Runs < 1 {
		return errors.New("-runs must be positive")
	}
	lines := make([]plotter.XYs, len(measure.Contenders()))
	for n := 10; n <= *largest; n *= 10 {
		m, err := options.Many(n, measure.Workload{Projects: workload.Wide})
		if err != nil {
			return err
		}
		for i, t := range m.Times {
			lines[i] = append(lines[i], plotter.XY{X: float64(n), Y: measure.Median(t)})
		}
	}
	svg, err := scaling(measure.Contenders(), lines)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(*path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(*path, svg, 0o644)
}

// Colours that remain distinct with colour blindness, on the chart's white background.
var colours = []color.Color{
	color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff},
	color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff},
	color.RGBA{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff},
	color.RGBA{R: 0x66, G: 0x66, B: 0x66, A: 0xff},
}

var glyphs = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{}}

// scaling draws lines through points of webhooks and nanoseconds.
func scaling(names []string, lines []plotter.XYs) ([]byte, error) {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	p := plot.New()
	p.Title.Text = "Finding the webhooks that one event fires, 2 % of all"
	p.Title.TextStyle.Font.Size = 15
	p.Title.Padding = 8
	// The plot leaves room for a long label beyond the end of a logarithmic axis.
	p.X.Label.Text, p.Y.Label.Text = "webhooks", "time"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker = decades(func(x float64) string { return measure.Count(int(x)) })
	p.Y.Tick.Marker = decades(measure.Duration)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font.Size = 13
		axis.Label.Padding = 6
		axis.Tick.Label.Font.Size = 12
	}
	p.Legend.TextStyle.Font.Size = 13
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.XOffs, p.Legend.YOffs = 12, -8
	p.Legend.Padding = 3
	p.Legend.ThumbnailWidth = 28

	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{Y: 0xe0}, color.Gray{Y: 0xe0}
	p.Add(grid)
	for i, points := range lines {
		line, markers, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", names[i], err)
		}
		line.Color, line.Width = colours[i], 2
		markers.Color, markers.Shape, markers.Radius = colours[i], glyphs[i], 3.5
		p.Add(line, markers)
		p.Legend.Add(names[i], line, markers)
	}
	p.X.Max *= 2 // for the last label, in a wider typeface
	p.Y.Min = math.Pow10(int(math.Floor(math.Log10(p.Y.Min))))
	p.Y.Max = math.Pow10(int(math.Ceil(math.Log10(p.Y.Max))))

	w, err := p.WriterTo(8*vg.Inch, 5*vg.Inch, "svg")
	if err != nil {
		return nil, err
	}
	var svg bytes.Buffer
	if _, err := w.WriteTo(&svg); err != nil {
		return nil, err
	}
	// Few machines have that typeface; the others have the same metrics.
	return bytes.ReplaceAll(svg.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif")), nil
}

// decades puts labelled ticks at the powers of ten of a logarithmic axis.
type decades func(float64) string

func (label decades) Ticks(least, most float64) []plot.Tick {
	var ticks []plot.Tick
	for x := math.Pow10(int(math.Floor(math.Log10(least)))); x <= most; x *= 10 {
		for i := range 9 {
			tick := plot.Tick{Value: x * float64(i+1)}
			if i == 0 {
				tick.Label = label(x)
			}
			if least <= tick.Value && tick.Value <= most {
				ticks = append(ticks, tick)
			}
		}
	}
	return ticks
}
