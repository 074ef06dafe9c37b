// Package peers implements the task of package filter with other libraries, for comparison.
package peers

import (
	"strings"
	"unicode"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// Peer is one way to decide whether an event fires a webhook.
type Peer struct {
	Name   string
	Agrees Domain // the entries and names for which it agrees with package filter
	// Compile does the work that is independent of events. The webhook must be enabled
	// and have events.
	Compile func(*webhook.Webhook) (Match, error)
}

// Match reports whether an event fires the webhook it was compiled from.
type Match func(webhook.Event) bool

// Domain is a set of entries and project names.
type Domain struct {
	Name     string
	Contains func(string) bool
}

var (
	anyText = Domain{"any text", func(string) bool { return true }}
	ascii   = Domain{"ASCII", isASCII}
	segment = Domain{"ASCII without /", func(s string) bool { return isASCII(s) && !strings.Contains(s, "/") }}
)

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// One returns the peers for one webhook. The first one is filter.Filter.
func One() []Peer {
	return []Peer{
		{"hookfilter", anyText, func(w *webhook.Webhook) (Match, error) {
			f, err := filter.Compile(w)
			return f.Match, err
		}},
		{"tidwall/match, MatchNoCase", ascii, compileTidwall},
		{"gobwas/glob behind strings.ToLower", ascii, compileGobwas},
		{"path.Match behind strings.ToLower", segment, compilePath},
		{"bmatcuk/doublestar behind strings.ToLower", segment, compileDoublestar},
		{"regexp, one (?i) alternation", anyText, compileRegexp},
		{"expr-lang/expr with that regexp", anyText, compileExpr},
		{"cel-go with that regexp", anyText, compileCEL},
		{"hashicorp/go-bexpr with that regexp", anyText, compileBexpr},
	}
}
