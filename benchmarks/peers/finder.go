package peers

import (
	"iter"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// Finder is one way to find the webhooks that an event fires.
type Finder struct {
	Name string
	// Compile does the work that is independent of events. The webhooks must be enabled
	// and have events.
	Compile func(iter.Seq[*webhook.Webhook]) (AppendMatches, error)
}

// AppendMatches appends the webhooks that an event fires.
type AppendMatches func(dst []*webhook.Webhook, e webhook.Event) []*webhook.Webhook

// Many returns the finders. The first one is filter.Index. Their results agree for ASCII
// entries and project names.
func Many() []Finder {
	return []Finder{
		{"hookfilter", compileIndex},
		{"gobwas/glob in a loop", compileGobwasLoop},
		{"tidwall/match in a loop", compileTidwallLoop},
	}
}

func compileIndex(webhooks iter.Seq[*webhook.Webhook]) (AppendMatches, error) {
	organization, x := uuid.UUID{1}, filter.NewIndex()
	for w := range webhooks {
		if err := x.Put(organization, w); err != nil {
			return nil, err
		}
	}
	return func(dst []*webhook.Webhook, e webhook.Event) []*webhook.Webhook {
		return x.AppendMatches(dst, organization, e)
	}, nil
}

func compileGobwasLoop(webhooks iter.Seq[*webhook.Webhook]) (AppendMatches, error) {
	type compiled struct {
		globs
		webhook *webhook.Webhook
	}
	var all []compiled
	for w := range webhooks {
		g, err := newGlobs(w)
		if err != nil {
			return nil, err
		}
		all = append(all, compiled{g, w})
	}
	return func(dst []*webhook.Webhook, e webhook.Event) []*webhook.Webhook {
		name := strings.ToLower(e.ProjectName)
		for i := range all {
			if c := &all[i]; c.match(e) && c.matchName(name) {
				dst = append(dst, c.webhook)
			}
		}
		return dst
	}, nil
}

func compileTidwallLoop(webhooks iter.Seq[*webhook.Webhook]) (AppendMatches, error) {
	type compiled struct {
		texts
		webhook *webhook.Webhook
	}
	var all []compiled
	for w := range webhooks {
		all = append(all, compiled{newTexts(w, tidwallSpecial), w})
	}
	return func(dst []*webhook.Webhook, e webhook.Event) []*webhook.Webhook {
		for i := range all {
			if c := &all[i]; c.match(e) && c.matchTidwall(e.ProjectName) {
				dst = append(dst, c.webhook)
			}
		}
		return dst
	}, nil
}
