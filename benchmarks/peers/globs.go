package peers

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/gobwas/glob"
	"github.com/tidwall/match"

	"github.com/hookfilter/hookfilter/webhook"
)

// The peers in this file match names. They compare the other lists like package filter.

// lists holds the events and modes of a webhook.
type lists struct {
	events []webhook.EventType
	modes  []webhook.EnvironmentMode
}

func newLists(w *webhook.Webhook) lists {
	return lists{slices.Clone(w.Events), slices.Clone(w.EnvironmentTypesFilter)}
}

func (l *lists) match(e webhook.Event) bool {
	return slices.Contains(l.events, e.Type) &&
		(len(l.modes) == 0 || slices.Contains(l.modes, e.EnvironmentMode))
}

// escape writes a backslash before the special characters of an entry.
func escape(entry, special string) string {
	var b strings.Builder
	for _, r := range entry {
		if strings.ContainsRune(special, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// globs is a webhook compiled with gobwas/glob.
type globs struct {
	lists
	patterns []*glob.Pattern
}

func newGlobs(w *webhook.Webhook) (globs, error) {
	g := globs{lists: newLists(w)}
	for _, entry := range w.ProjectNamesFilter {
		p, err := glob.Compile(escape(strings.ToLower(entry), `\[]{},!-`))
		if err != nil {
			return globs{}, err
		}
		g.patterns = append(g.patterns, p)
	}
	return g, nil
}

// matchName matches a name, which must be in lower case.
func (g *globs) matchName(name string) bool {
	for _, p := range g.patterns {
		if p.Match(name) {
			return true
		}
	}
	return len(g.patterns) == 0
}

func compileGobwas(w *webhook.Webhook) (Match, error) {
	g, err := newGlobs(w)
	return func(e webhook.Event) bool {
		return g.match(e) && g.matchName(strings.ToLower(e.ProjectName))
	}, err
}

// texts is a webhook whose patterns are parsed again for each name.
type texts struct {
	lists
	patterns []string
}

func newTexts(w *webhook.Webhook, special string) texts {
	t := texts{lists: newLists(w)}
	for _, entry := range w.ProjectNamesFilter {
		t.patterns = append(t.patterns, escape(strings.ToLower(entry), special))
	}
	return t
}

// tidwallSpecial are the special characters of tidwall/match other than wildcards.
const tidwallSpecial = `\`

// matchTidwall reports whether tidwall/match matches the name.
func (t *texts) matchTidwall(name string) bool {
	for _, p := range t.patterns {
		if match.MatchNoCase(name, p) {
			return true
		}
	}
	return len(t.patterns) == 0
}

func compileTidwall(w *webhook.Webhook) (Match, error) {
	t := newTexts(w, tidwallSpecial)
	return func(e webhook.Event) bool { return t.match(e) && t.matchTidwall(e.ProjectName) }, nil
}

func compilePath(w *webhook.Webhook) (Match, error) {
	t := newTexts(w, `\[`)
	for _, p := range t.patterns {
		if _, err := path.Match(p, ""); err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
	}
	return func(e webhook.Event) bool {
		if !t.match(e) {
			return false
		}
		name := strings.ToLower(e.ProjectName)
		for _, p := range t.patterns {
			if ok, _ := path.Match(p, name); ok {
				return true
			}
		}
		return len(t.patterns) == 0
	}, nil
}

func compileDoublestar(w *webhook.Webhook) (Match, error) {
	t := newTexts(w, `\[]{}`)
	for _, p := range t.patterns {
		if !doublestar.ValidatePattern(p) {
			return nil, fmt.Errorf("%s: %w", p, doublestar.ErrBadPattern)
		}
	}
	return func(e webhook.Event) bool {
		if !t.match(e) {
			return false
		}
		name := strings.ToLower(e.ProjectName)
		for _, p := range t.patterns {
			if doublestar.MatchUnvalidated(p, name) {
				return true
			}
		}
		return len(t.patterns) == 0
	}, nil
}

// alternation returns the entries as one regular expression without quotation marks, as
// go-bexpr requires. There must be at least one entry.
func alternation(entries []string) string {
	var all []string
	syntax := strings.NewReplacer(`\*`, `.*`, `\?`, `.`, `"`, `\x22`)
	for _, entry := range entries {
		all = append(all, syntax.Replace(regexp.QuoteMeta(entry)))
	}
	return `(?is)^(?:` + strings.Join(all, "|") + `)$`
}

func compileRegexp(w *webhook.Webhook) (Match, error) {
	l := newLists(w)
	if len(w.ProjectNamesFilter) == 0 {
		return l.match, nil
	}
	re, err := regexp.Compile(alternation(w.ProjectNamesFilter))
	return func(e webhook.Event) bool { return l.match(e) && re.MatchString(e.ProjectName) }, err
}
