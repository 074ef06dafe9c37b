package filtertest

import (
	"strings"
	"unicode/utf8"

	"github.com/hookfilter/hookfilter/webhook"
)

// The oracle implements the rules of filter/doc.go in the simplest form, without code of
// package filter. Tests compare package filter with it.

// Fires implements rules 1 to 6 and 13.
func Fires(w *webhook.Webhook, e webhook.Event) bool {
	if !ValidLists(w) || !w.Enabled {
		return false
	}
	subscribed := false
	for _, t := range w.Events {
		subscribed = subscribed || t == e.Type
	}
	named := len(w.ProjectNamesFilter) == 0
	for _, entry := range w.ProjectNamesFilter {
		named = named || MatchName(entry, e.ProjectName)
	}
	inMode := len(w.EnvironmentTypesFilter) == 0
	for _, m := range w.EnvironmentTypesFilter {
		inMode = inMode || m == e.EnvironmentMode
	}
	return subscribed && named && inMode
}

// ValidLists reports whether rule 13 accepts the lists of w.
func ValidLists(w *webhook.Webhook) bool {
	valid := true
	for _, t := range w.Events {
		valid = valid && t != ""
	}
	for _, entry := range w.ProjectNamesFilter {
		valid = valid && ValidEntry(entry)
	}
	for _, m := range w.EnvironmentTypesFilter {
		valid = valid && m != ""
	}
	return valid
}

func ValidEntry(entry string) bool {
	return entry != "" && len(entry) <= webhook.MaxProjectNamesFilterEntry && utf8.ValidString(entry)
}

// MatchName implements rules 7 to 11 for one valid entry. For each character of the entry,
// it computes the lengths of the prefixes of name that the entry up to there matches.
func MatchName(entry, name string) bool {
	characters := []rune(name) // an invalid byte becomes U+FFFD
	matched := make([]bool, len(characters)+1)
	matched[0] = true
	next := make([]bool, len(matched))
	for _, p := range entry {
		next[0] = p == '*' && matched[0]
		for n, c := range characters {
			switch p {
			case '*':
				next[n+1] = matched[n+1] || next[n]
			case '?':
				next[n+1] = matched[n]
			default:
				next[n+1] = matched[n] && strings.EqualFold(string(p), string(c))
			}
		}
		matched, next = next, matched
	}
	return matched[len(characters)]
}
