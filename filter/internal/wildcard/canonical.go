package wildcard

// Wildcards holds the characters that do not stand for themselves in a pattern.
const Wildcards = "*?"

// Canonical returns the folded entry, with each run of wildcards replaced by its ?
// characters and then at most one *, which matches the same names: "A*?*" gives "a?*".
// Entries that differ only in case or in such runs have the same canonical text. For an
// entry that is canonical, Canonical returns the entry itself.
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
