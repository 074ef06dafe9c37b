package live

// append appends the values of l that have one of the query's tags and that it has
// not found yet.
func (l *literal[V]) append(dst []V, q *query) []V {
	if p := &l.first; p.tags&q.tags != 0 && q.first(p.slot) {
		dst = append(dst, p.value)
	}
	if l.more.isLeaf() {
		return appendPostings(dst, l.more.items(), q)
	}
	for postings := range l.more.leaves {
		dst = appendPostings(dst, postings, q)
	}
	return dst
}

// batch is how many postings are judged at once.
const batch = 32

// appendPostings appends the values of postings that have one of the query's tags and
// that it has not found yet.
//
// Whether a posting has one of the tags is a toss-up, which the processor would
// guess wrong time and again: so each is written down, and counted or not.
func appendPostings[V comparable](dst []V, postings []posting[V], q *query) []V {
	for len(postings) > 0 {
		some := postings[:min(batch, len(postings))]
		postings = postings[len(some):]
		var hits [batch]uint8
		n := 0
		for i := range some {
			hits[n&(batch-1)] = uint8(i)
			n += meet(some[i].tags, q.tags)
		}
		for _, i := range hits[:n] {
			if p := &some[i]; q.first(p.slot) {
				dst = append(dst, p.value)
			}
		}
	}
	return dst
}

// meet returns 1 if the sets have an element in common, and 0 if not.
func meet(a, b Tags) int {
	both := a & b
	return int((both | -both) >> (maxTag))
}
