package wildcard

// Wildcards are the characters of a pattern that do not stand for themselves.
const Wildcards = "*?"

// Canonical returns the folded entry with each run of wildcards rewritten as all of
// its ? and then at most one *, which stands for the same names: "A*?*" gives "a?*".
// Entries that differ only in case or in that have the same canonical text. An
// entry that is canonical is returned as it is.
func Canonical(entry string) string {
	text := appendFold(make([]byte, 0, 64), entry)
	out, star := text[:0], false
	for _, c := range text {
		if c == '*' {
			star = true
			continue
		}
		if star && c != '?' {
			out, star = append(out, '*'), false
		}
		out = append(out, c)
	}
	if star {
		out = append(out, '*')
	}
	if string(out) == entry {
		return entry
	}
	return string(out)
}
