// Package workload generates the same webhooks and events for the benchmarks in every run.
//
//   - 5 % of the webhooks have no names filter; the others have 1 to 3 entries.
//   - Of 95 entries, 50 are plain names, 30 prefixes (team-123*), 8 suffixes (*-api), 5
//     contained words (*-search-*), and 2 have a prefix and a suffix (team-12*-api).
//   - Every webhook has a random non-empty set of event types.
//   - 40 % of the webhooks do not filter by mode; the others have a random non-empty set of
//     modes.
//   - Names and entries are in mixed case.
//
// An event fires about 2 % of the webhooks.
package workload

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// words are the parts of project names.
var words = strings.Fields(`
account admin agent alert analytics api archive asset audit auth backup badge
basket batch billing blog booking broker cache calendar campaign cart catalog
chat checkout cluster comment config console contact coupon crawler credit
dashboard delivery deploy device dispatch docs domain editor email engine
export feature feed file forecast forum gateway graph import index ingest
insight inventory invoice issue journal ledger library license loyalty mailer
market media member metric monitor notify offer order partner payment planner
player policy portal pricing profile proxy queue quota rating refund report
returns review reward router scheduler search session shipping storage tax web`)

const (
	firstTeam = 100
	teams     = 900
)

// Numbers of project names from which entries and events are drawn. A single organization
// has few project names; all customers of a platform together have many.
const (
	Narrow = 2_000
	Wide   = 200_000
)

// Generator generates webhooks and events. Generators with the same seed return the same
// values for the same sequence of calls. A Generator is not safe for concurrent use.
type Generator struct {
	rand     *rand.Rand
	projects []string
	named    bool
}

// New returns a Generator that draws entries and events from the given number of project
// names.
func New(seed uint64, projects int) *Generator {
	g := &Generator{rand: rand.New(rand.NewPCG(seed, 0))}
	for range projects {
		g.projects = append(g.projects, fmt.Sprintf("team-%d-%s-%s", g.team(), g.word(), g.word()))
	}
	return g
}

// Named makes g generate only webhooks with a names filter, and returns g. In a large
// organization, most webhooks that an event fires are match-all webhooks, which an index finds
// by copying a list.
func (g *Generator) Named() *Generator {
	g.named = true
	return g
}

func (g *Generator) team() int { return firstTeam + g.rand.IntN(teams) }

func (g *Generator) word() string { return words[g.rand.IntN(len(words))] }

// ID returns a random UUID of version 4.
func (g *Generator) ID() uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], g.rand.Uint64())
	binary.BigEndian.PutUint64(id[8:], g.rand.Uint64())
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Webhook returns an enabled, valid webhook.
func (g *Generator) Webhook() *webhook.Webhook {
	w := &webhook.Webhook{
		ID:        g.ID(),
		CreatedAt: time.Unix(1_700_000_000, 0).UTC(),
		Kind:      webhook.KindStandard,
		TargetURL: "https://hooks.example.com/deployments",
		Enabled:   true,
		Events:    subset(g.rand, webhook.EventTypes()),
	}
	if g.rand.IntN(100) >= 40 {
		w.EnvironmentTypesFilter = subset(g.rand, webhook.EnvironmentModes())
	}
	if g.rand.IntN(100) >= 5 || g.named {
		for range 1 + g.rand.IntN(3) {
			w.ProjectNamesFilter = append(w.ProjectNamesFilter, g.recase(g.entry()))
		}
	}
	return w
}

// entry returns an entry of project_names_filter.
func (g *Generator) entry() string {
	switch p := g.rand.IntN(95); {
	case p < 50:
		return g.projects[g.rand.IntN(len(g.projects))]
	case p < 80:
		return fmt.Sprintf("team-%d*", g.team())
	case p < 88:
		return "*-" + g.word()
	case p < 93:
		return "*-" + g.word() + "-*"
	default:
		return fmt.Sprintf("team-%d*-%s", g.team()/10, g.word())
	}
}

// Event returns an event with a documented type and mode.
func (g *Generator) Event() webhook.Event {
	return webhook.Event{
		Type:            pick(g.rand, webhook.EventTypes()),
		ProjectName:     g.recase(g.projects[g.rand.IntN(len(g.projects))]),
		EnvironmentMode: pick(g.rand, webhook.EnvironmentModes()),
	}
}

// recase returns s unchanged, in upper case, or with each word capitalized.
func (g *Generator) recase(s string) string {
	switch g.rand.IntN(3) {
	case 0:
		return s
	case 1:
		return strings.ToUpper(s)
	}
	parts := strings.Split(s, "-")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "-")
}

func pick[T any](r *rand.Rand, values []T) T { return values[r.IntN(len(values))] }

// subset returns a random non-empty subset of values. Each subset is equally likely.
func subset[T any](r *rand.Rand, values []T) []T {
	set := 1 + r.IntN(1<<len(values)-1)
	var some []T
	for i, v := range values {
		if set>>i&1 != 0 {
			some = append(some, v)
		}
	}
	return some
}
