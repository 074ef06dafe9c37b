package wildcard

import "sync"

// List is a list of compiled entries. It is immutable and safe for concurrent use. The
// zero List is empty.
type List struct {
	patterns []Pattern
	simple   bool // no pattern has parts
}

// CompileList compiles valid entries. It does not retain the slice.
func CompileList(entries []string) List {
	l := List{make([]Pattern, len(entries)), true}
	for i, entry := range entries {
		l.patterns[i] = Compile(entry)
		l.simple = l.simple && l.patterns[i].shape != shapeParts
	}
	return l
}

// Index returns the position of the first entry that matches name, which need not
// be folded, or -1. In steady state it allocates nothing.
func (l *List) Index(name string) int {
	if l.simple && len(name) <= shortName {
		var stack [3 * shortName]byte // an invalid byte folds to three bytes
		folded := asString(appendFold(stack[:0], name))
		for i := range l.patterns {
			if l.patterns[i].matchSimple(folded) {
				return i
			}
		}
		return -1
	}
	f := folders.Get().(*Folder)
	defer folders.Put(f)
	folded := f.Fold(name)
	for i := range l.patterns {
		if l.patterns[i].Match(folded) {
			return i
		}
	}
	return -1
}

// shortName is the length in bytes up to which Index folds a name on the stack. This is
// faster than a Folder from the pool; see BenchmarkMatch of package filter.
const shortName = 64

var folders = sync.Pool{New: func() any { return new(Folder) }}
