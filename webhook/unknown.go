package webhook

import (
	"fmt"
	"slices"
	"strings"
)

// appendUnknown appends to errs a FieldError for each element of list that known
// does not contain.
func appendUnknown[S ~string](errs []error, field string, list, known []S) []error {
	for i, v := range list {
		if !slices.Contains(known, v) {
			errs = append(errs, unknown(fmt.Sprintf("%s[%d]", field, i), v, known))
		}
	}
	return errs
}

// unknown returns the FieldError of a value that known does not contain.
func unknown[S ~string](field string, v S, known []S) error {
	err := ErrUnknownValue
	if near := nearest(v, known); near != "" {
		err = fmt.Errorf("%w, did you mean %s?", err, near)
	}
	return &FieldError{field, string(v), err}
}

// nearest returns the element of known that v is most likely meant to be: the
// one with the smallest edit distance without case, if that is at most a quarter
// of v's length, or two. Otherwise it returns "".
func nearest[S ~string](v S, known []S) S {
	var best S
	limit := max(2, len(v)/4) + 1
	for _, k := range known {
		// The distance is at least the difference in length. Looking at that
		// first keeps a value of any length cheap.
		if abs := max(len(v)-len(k), len(k)-len(v)); abs >= limit {
			continue
		}
		if d := editDistance(strings.ToUpper(string(v)), string(k)); d < limit {
			best, limit = k, d
		}
	}
	return best
}

// editDistance is the Levenshtein distance of a and b in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := min(row[j], row[j+1]) + 1
			if a[i] == b[j] {
				d = diagonal
			} else {
				d = min(d, diagonal+1)
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}
