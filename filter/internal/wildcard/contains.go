package wildcard

import "slices"

// A Comparer decides whether one pattern contains another. Steps counts its work: for each
// call the characters of both patterns, and each comparison of two characters.
type Comparer struct{ Steps int }

// Contains reports whether p matches every name that q matches. Both must be canonical: see
// [Canonical]. It makes at most len(p) × len(q) comparisons.
//
// It matches p against q as if q were a name in which each wildcard stands for a fresh
// letter: one that does not occur in p, so that only a wildcard of p matches it. Such names
// suffice: if p does not match a name that q matches, it still does not match after the
// characters at the wildcards of q are replaced by fresh letters. A * of q may stand for any
// number of fresh letters, and p must match for every number.
//
// If the number of fresh letters at each * of q is given, the parts of p between its stars are
// placed from left to right, each at the first position where it fits. This finds a match if
// there is one. A part ends before the ? that precede a star of p: these skip one character each,
// whatever it is. When the placement reaches a * of q, the number that is the worst for p is
// known:
//
//   - If p skips characters there, the worst number is zero. With more fresh letters, p would
//     skip these instead of later characters, and the next parts could be placed further left.
//   - If p places a part there, the worst number is so large that the part cannot begin before
//     the fresh letters and end after them. With fewer, the part might fit in more places.
func (c *Comparer) Contains(p, q []rune) bool {
	c.Steps += len(p) + len(q)
	for first := true; ; first = false {
		star := slices.Index(p, '*')
		if star < 0 {
			at := len(q) - len(p) // the last part must end where q ends
			return at >= 0 && (at == 0 || !first) && c.fits(p, q[at:])
		}
		end := star
		for end > 0 && p[end-1] == '?' {
			end--
		}
		part, skip := p[:end], star-end
		at := 0
		for !c.fits(part, q[at:]) {
			if at++; first || at+len(part) > len(q) {
				return false
			}
		}
		q = q[at+len(part):]
		for range skip {
			next := slices.IndexFunc(q, func(r rune) bool { return r != '*' })
			if next < 0 {
				return false
			}
			q = q[next+1:]
		}
		p = p[star+1:]
	}
}

// fits reports whether part, which has no *, matches the start of q. No character of part
// matches a * of q.
func (c *Comparer) fits(part, q []rune) bool {
	if len(part) > len(q) {
		return false
	}
	for i, r := range part {
		c.Steps++
		if r != q[i] && (r != '?' || q[i] == '*') {
			return false
		}
	}
	return true
}
