package measure

import (
	"math"
	"strconv"
)

// Number formats x with three significant digits, or all digits before the point.
func Number(x float64) string {
	if math.Abs(x) < 999.5 {
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
	return Count(int(math.Round(x)))
}

// Count formats n with thousands separators.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Duration formats nanoseconds in a suitable unit.
func Duration(ns float64) string {
	for _, unit := range []string{"ns", "µs", "ms"} {
		if ns < 999.5 {
			return Number(ns) + " " + unit
		}
		ns /= 1000
	}
	return Number(ns) + " s"
}
