package live

// append appends the values of l that have one of the query's tags and that it has
// not found yet.
func (l *literal[V]) append(dst []V, q *query) []V {
	dst = appendPostings(dst, l.first[:], q)
	if l.more != nil {
		for postings := range l.more.leaves {
			dst = appendPostings(dst, postings, q)
		}
	}
	return dst
}

func appendPostings[V comparable](dst []V, postings []posting[V], q *query) []V {
	for i := range postings {
		p := &postings[i]
		if p.tags&q.tags != 0 && q.first(p.slot) {
			dst = append(dst, p.value)
		}
	}
	return dst
}
