package wildcard

import "slices"

// A Comparer decides whether one pattern contains another, and counts in Steps the
// characters that it looks at.
type Comparer struct{ Steps int }

// Contains reports whether every name that q matches is matched by p, both in the
// form of [Canonical]. It looks at each character of both once, and compares at most
// len(p) × len(q).
//
// It reads q as a name. A ? of q is read as a letter that p does not have, which
// only a wildcard of p matches: there always is one, and if p misses some name of
// q, it also misses that name with this letter for all that q's wildcards stood
// for. So all that is open is how long the run is that each * of q stands for, and
// p has to match for every length.
//
// For given lengths, taking the parts of p between its * one by one, each as far
// left as it goes, finds a match if there is one. The lengths that are worst for p
// are known as that walk comes to a * of q. Where p is skipping characters (the ?
// that Canonical puts before a *), no part of p can lie across the run and a
// longer one only helps: the worst is the empty run. Elsewhere the worst is a run
// so long that no part of p lies across it: a shorter one could only add places
// where the next part fits.
func (c *Comparer) Contains(p, q []rune) bool {
	c.Steps += len(p) + len(q)
	for first := true; ; first = false {
		star := slices.Index(p, '*')
		if star < 0 {
			at := len(q) - len(p) // the last part ends where q does
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

// fits reports whether part, which has no *, matches the start of q, of which a *
// is never matched.
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
