package analysis

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// ErrTooComplex is returned when an answer needs more steps or memory than [Witness] may use.
var ErrTooComplex = errors.New("too complex to decide")

// MaxSteps is the number of steps that [Witness] may take: about a second of work.
const MaxSteps = 1 << 28

// callSteps is the minimum number of steps of a call, so that a [Budget] also bounds the number of
// small calls.
const callSteps = 2048

// A Budget limits the total work of several calls of Witness. It must not be used by several
// goroutines at once. The zero Budget has no steps, so its Witness returns [ErrTooComplex].
type Budget struct {
	Steps int // the remaining steps
}

// Witness returns an event that fires every webhook in fires and none in silent, and true. It
// returns false if there is no such event. The answer is exact, by the rules of package
// filter, over all events that [webhook.Event.Validate] accepts, with documented and other
// types and modes. A disabled webhook never fires. Witness does not retain the webhooks.
//
// The result does not depend on the order of the webhooks or of their lists. If there are several
// such events, Witness chooses by these criteria, in order:
//
//   - the shortest project name, in characters;
//   - a type and a mode that are both documented;
//   - the first type, and then the first mode: documented ones in the order of
//     [webhook.EventTypes] and [webhook.EnvironmentModes], then the others that a list contains,
//     sorted, then one that no list contains;
//   - the smallest name in lower case, where a to z come first, then the digits, then all other
//     characters in the order of their code points, with *, ?, spaces and unprintable characters
//     last.
//
// If [filter.Compile] refuses a webhook, Witness returns an error with the position of the first
// such webhook and its field errors.
//
// The problem is PSPACE-hard, so the work is limited: Witness returns [ErrTooComplex] if it
// would need more than 64 MB of memory or [MaxSteps] steps, which take about a second. The
// result does not depend on the speed of the machine. A thousand webhooks with the usual entries
// stay far below the limits, and so do entries that end in many ?, such as
// *-????????-????-????-????-????????????. The following may exceed the limits: entries with more
// than 10 ? between two *, as in *-????????-????-*; more than 15 webhooks in fires with
// entries like *a*; and hundreds of thousands of entries.
func Witness(fires, silent []*webhook.Webhook) (webhook.Event, bool, error) {
	b := Budget{MaxSteps}
	return b.Witness(fires, silent)
}

// Witness is like the function [Witness], but may use only the remaining steps of b, and subtracts
// the steps that it uses.
func (b *Budget) Witness(fires, silent []*webhook.Webhook) (webhook.Event, bool, error) {
	s := newSearch(b.Steps)
	s.steps = callSteps
	defer func() { b.Steps -= s.steps }()
	must, err := s.compileAll("fires", fires, func(i int) int32 { return int32(i) })
	if err != nil {
		return webhook.Event{}, false, err
	}
	mustNot, err := s.compileAll("silent", silent, func(int) int32 { return silentOwner })
	if err != nil {
		return webhook.Event{}, false, err
	}
	s.sortAlphabet()
	all := slices.Concat(fires, silent)
	types := values(webhook.EventTypes(), all, func(w *webhook.Webhook) []webhook.EventType { return w.Events })
	modes := values(webhook.EnvironmentModes(), all, func(w *webhook.Webhook) []webhook.EnvironmentMode { return w.EnvironmentTypesFilter })
	e, found := s.event(must, mustNot, types, modes)
	if s.exceeded() {
		return webhook.Event{}, false, ErrTooComplex
	}
	return e, found, nil
}

// compileAll compiles webhooks. The function owner returns the owner of the patterns of webhook i.
// compileAll stops when a limit is exceeded.
func (s *search) compileAll(list string, ws []*webhook.Webhook, owner func(i int) int32) (all []compiled, err error) {
	for i, w := range ws {
		c, err := s.compile(w, owner(i))
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", list, i, err)
		}
		if s.exceeded() {
			return nil, ErrTooComplex
		}
		all = append(all, c)
	}
	return all, nil
}

// compiled is a webhook for the search.
type compiled struct {
	clauses *filter.Filter // the webhook without its project_names_filter: rules 1, 2 and 4
	cost    int            // of one call of admits, in steps
	entries []int32        // its patterns
}

func (c *compiled) admits(t webhook.EventType, m webhook.EnvironmentMode) bool {
	return c.clauses.Match(webhook.Event{Type: t, EnvironmentMode: m})
}

// compile adds the entries of a webhook to the patterns of s.
func (s *search) compile(w *webhook.Webhook, owner int32) (c compiled, err error) {
	if w == nil {
		_, err := filter.Compile(nil)
		return c, err
	}
	if err := w.ValidateFilters(); err != nil {
		return c, err
	}
	c.cost = 1 + len(w.Events) + len(w.EnvironmentTypesFilter)
	s.kept += webhookBytes + valueBytes*c.cost
	if s.exceeded() {
		return c, nil
	}
	nameless := *w
	nameless.ProjectNamesFilter = nil
	if c.clauses, err = filter.Compile(&nameless); err != nil {
		return c, err
	}
	if owner != silentOwner {
		s.always = append(s.always, s.all[s.add("*", owner)].start)
	}
	entries := w.ProjectNamesFilter
	if len(entries) == 0 {
		entries = []string{"*"} // rule 3: any project
	}
	for _, entry := range entries {
		before := len(s.positions)
		id := s.add(entry, owner)
		c.entries = append(c.entries, id)
		s.steps += len(entry)
		s.kept += entryBytes
		if added := len(s.positions) - before; added > 0 {
			s.kept += patternBytes + positionBytes*added + distanceBytes*len(s.all[id].distances)
		}
		if s.exceeded() {
			break
		}
	}
	return c, nil
}

// values returns the documented values, then the others in the lists of ws, sorted, and then
// one that is in none of them.
func values[S ~string](documented []S, ws []*webhook.Webhook, list func(*webhook.Webhook) []S) []S {
	named := make(map[S]bool)
	for _, w := range ws {
		for _, v := range list(w) {
			if !slices.Contains(documented, v) {
				named[v] = true
			}
		}
	}
	other := S("OTHER")
	for named[other] {
		other += "_"
	}
	return append(append(documented, slices.Sorted(maps.Keys(named))...), other)
}

// event returns the event that Witness returns. The types and modes are results of the function
// values.
func (s *search) event(must, mustNot []compiled, types []webhook.EventType, modes []webhook.EnvironmentMode) (best webhook.Event, found bool) {
	longest := math.MaxInt // length of the longest name that is better than the name of best
	tried := make(map[string]bool)
	documentedTypes, documentedModes := len(webhook.EventTypes()), len(webhook.EnvironmentModes())
	for _, documented := range []bool{true, false} {
		for i, t := range types {
			for j, m := range modes {
				if s.exceeded() {
					return best, found
				}
				s.steps++
				if documented != (i < documentedTypes && j < documentedModes) || !s.allAdmit(must, t, m) {
					continue
				}
				// Most pairs of a type and a mode leave the same question about names.
				silent := s.patternsOf(mustNot, t, m)
				key := string(appendInts(nil, silent))
				if tried[key] {
					continue
				}
				tried[key] = true
				s.kept += caseBytes + len(key)
				if name, ok := s.shortestName(must, silent, longest); ok {
					best, found = webhook.Event{Type: t, ProjectName: name, EnvironmentMode: m}, true
					longest = utf8.RuneCountInString(name) - 1
				}
			}
		}
	}
	return best, found
}

// allAdmit reports whether an event with that type and mode fires all of cs if its name
// matches an entry of each.
func (s *search) allAdmit(cs []compiled, t webhook.EventType, m webhook.EnvironmentMode) bool {
	for i := range cs {
		s.steps += cs[i].cost
		if !cs[i].admits(t, m) {
			return false
		}
	}
	return true
}

// patternsOf returns the patterns of the webhooks in cs that admit the type and the mode, sorted.
func (s *search) patternsOf(cs []compiled, t webhook.EventType, m webhook.EnvironmentMode) (patterns []int32) {
	for i := range cs {
		s.steps += cs[i].cost
		if cs[i].admits(t, m) {
			s.steps += len(cs[i].entries)
			patterns = append(patterns, cs[i].entries...)
		}
	}
	slices.Sort(patterns)
	return slices.Compact(patterns)
}
