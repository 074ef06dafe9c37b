package filter

import (
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter/internal/live"
	"github.com/hookfilter/hookfilter/webhook"
)

// Index finds, among all webhooks of many organizations, those that an event
// fires: exactly those whose [Filter] matches it. Organizations are apart: what is
// put for one is never seen through another.
//
// An Index is a function of the webhooks that it was last given. Put refuses an invalid
// webhook and changes nothing. Replace is a mirror: an invalid version of a webhook
// replaces the valid one before it, fires for nothing, and is reported.
//
// Any number of goroutines may use an Index at once. Reads are lock-free; writers (Put,
// Delete, Replace) wait for each other. Each call of a reader works on one immutable
// snapshot of its organization, which includes every write that completed before the call
// began; a loop over All or ExplainAll works on the snapshot at its start. Len is
// maintained separately and may lag behind concurrent writes.
//
// The zero Index is empty and ready for use. An Index must not be copied.
//
// It keeps a copy of each webhook, and hands out that copy: what it returns is
// shared and must not be changed. The Index itself never changes a copy: a replaced or
// deleted webhook stays as it was for its holders. Copies share no memory except strings,
// and writers do not read them. So a caller that changes a copy against this rule affects
// the answers about that webhook only, until it is put again.
type Index struct {
	live live.Index[*webhook.Webhook]
}

// NewIndex returns an empty Index.
func NewIndex() *Index { return new(Index) }

// Put adds w to the webhooks of an organization, or replaces the one that has its
// id. It keeps a copy and nothing of w itself. A disabled webhook is kept like any
// other, and fires for nothing.
//
// A webhook that [Check] refuses changes nothing: Put returns the error of Check, and the
// version that is there stays and goes on firing.
//
// The time of a Put grows with the number of the webhook's entries, and with the logarithm of
// the number of webhooks. To add most webhooks of an organization, use Replace, which is
// several times faster.
func (x *Index) Put(organizationID uuid.UUID, w *webhook.Webhook) error {
	if err := Check(organizationID, w); err != nil {
		return err
	}
	x.live.Put(live.ID(organizationID), itemOf(w))
	return nil
}

// itemOf returns a copy of w, with what the index reads of it. The item and the copy
// share no slice, since a caller may change the copy: the index never reads a webhook
// that it has handed out to find or remove it.
func itemOf(w *webhook.Webhook) *live.Item[*webhook.Webhook] {
	c := *w
	c.Events = slices.Clone(w.Events)
	c.ProjectNamesFilter = slices.Clone(w.ProjectNamesFilter)
	c.EnvironmentTypesFilter = slices.Clone(w.EnvironmentTypesFilter)
	return &live.Item[*webhook.Webhook]{
		ID:      live.ID(w.ID),
		Digest:  w.Hash(digestSeed),
		Entries: slices.Clone(w.ProjectNamesFilter),
		Tags:    tagsOf(w),
		Value:   &c,
	}
}

var digestSeed = maphash.MakeSeed()

// Replace makes ws the webhooks of an organization: it replaces those whose id is there, adds the
// others, and deletes what is not in ws. Readers see all of that at once, or nothing. A
// webhook that is unchanged is left as it is, and if none changed, nothing is built. If most
// webhooks changed, their index is built in bulk.
//
// Replace is a mirror: a version of a webhook that [Check] refuses replaces the valid one
// before it, fires for nothing, is not kept, and is reported. Of several webhooks with one
// id the last one counts, valid or not, and the others are reported.
//
// The error has a [*webhook.FieldError] for each problem, with a field as in
// "webhooks[3].events[0]" and the webhook's id; [webhook.FieldErrors] lists them. Without
// the organization's id nothing is changed.
func (x *Index) Replace(organizationID uuid.UUID, ws []*webhook.Webhook) error {
	if organizationID == uuid.Nil {
		return required("organization_id")
	}
	last := make(map[live.ID]int, len(ws)) // by id, the position of the webhook that counts
	for i, w := range ws {
		if w != nil {
			last[live.ID(w.ID)] = i
		}
	}
	var errs []*webhook.FieldError
	valid := make([]*webhook.Webhook, 0, len(ws))
	versions := make([]live.Version, 0, len(ws)) // of the valid webhooks
	for i, w := range ws {
		var problems []*webhook.FieldError
		switch {
		case w == nil:
			errs = append(errs, required(fmt.Sprintf("webhooks[%d]", i)))
			continue
		case len(last) < len(ws) && w.ID != uuid.Nil && last[live.ID(w.ID)] != i:
			err := fmt.Errorf("%w of webhooks[%d]", webhook.ErrDuplicate, last[live.ID(w.ID)])
			problems = []*webhook.FieldError{{Field: "id", Value: w.ID.String(), Err: err}}
		default:
			problems = webhook.FieldErrors(Check(organizationID, w))
		}
		for _, p := range problems {
			field := fmt.Sprintf("webhooks[%d].%s", i, p.Field)
			errs = append(errs, &webhook.FieldError{Field: field, Value: p.Value, Err: p.Err, WebhookID: w.ID})
		}
		if len(problems) == 0 {
			valid = append(valid, w)
			versions = append(versions, live.Version{ID: live.ID(w.ID), Digest: w.Hash(digestSeed)})
		}
	}
	x.live.Replace(live.ID(organizationID), versions, func(i int) *live.Item[*webhook.Webhook] { return itemOf(valid[i]) })
	return webhook.JoinFieldErrors(errs)
}

// Delete removes a webhook of an organization, and reports whether it was there.
// It takes as long as [Index.Put].
func (x *Index) Delete(organizationID, webhookID uuid.UUID) bool {
	return x.live.Delete(live.ID(organizationID), live.ID(webhookID))
}

// Get returns a webhook of an organization, and false if it is not there.
func (x *Index) Get(organizationID, webhookID uuid.UUID) (*webhook.Webhook, bool) {
	return x.live.Get(live.ID(organizationID), live.ID(webhookID))
}

// AppendMatches appends to dst the webhooks of an organization that the event
// fires, each once, in no particular order, and returns the extended slice. The
// event's project name is not kept. With enough room in dst it allocates nothing in
// steady state; it writes nothing behind what it returns.
//
// Cost: O(len(name)) hash look-ups and sorting what they find, one match for each distinct
// pattern with inner wildcards that shares a trigram with the name, and a few nanoseconds for
// each webhook that has a matching entry.
func (x *Index) AppendMatches(dst []*webhook.Webhook, organizationID uuid.UUID, e webhook.Event) []*webhook.Webhook {
	tags, knownType, knownMode := queryOf(e)
	if knownType && knownMode {
		return x.live.Append(dst, live.ID(organizationID), e.ProjectName, tags)
	}
	c := candidates.Get().(*[]*webhook.Webhook)
	*c = x.live.Append((*c)[:0], live.ID(organizationID), e.ProjectName, tags)
	for _, w := range *c {
		// The tags have decided the rest, which saves loads of memory.
		c := clausesOf(w)
		if (knownType || c.subscribed(e.Type)) && (knownMode || c.inMode(e.EnvironmentMode)) {
			dst = append(dst, w)
		}
	}
	clear(*c)
	candidates.Put(c)
	return dst
}

// candidates are the memory for what an event of an unknown type or mode finds before
// it is judged, used again for the next.
var candidates = sync.Pool{New: func() any { return new([]*webhook.Webhook) }}

// Explain returns what [Filter.Explain] says of a webhook of an organization, and
// false if it is not there.
func (x *Index) Explain(organizationID, webhookID uuid.UUID, e webhook.Event) (Explanation, bool) {
	w, _ := x.Get(organizationID, webhookID)
	f, err := Compile(w)
	if err != nil { // not there, or made invalid by a caller that changed it
		return Explanation{}, false
	}
	return f.Explain(e), true
}

// ExplainAll returns an iterator over the webhooks that an organization has when the
// loop starts, in no particular order, each with what [Filter.Explain] says of it. The
// loop may use the Index in every way.
//
// It compiles every webhook, so it is for people who ask why, not for each event.
func (x *Index) ExplainAll(organizationID uuid.UUID, e webhook.Event) iter.Seq2[*webhook.Webhook, Explanation] {
	return func(yield func(*webhook.Webhook, Explanation) bool) {
		for w := range x.All(organizationID) {
			if f, err := Compile(w); err == nil && !yield(w, f.Explain(e)) {
				return
			}
		}
	}
}

// All returns an iterator over the webhooks that an organization has when the loop
// starts, in no particular order. The loop may use the Index in every way.
func (x *Index) All(organizationID uuid.UUID) iter.Seq[*webhook.Webhook] {
	return x.live.All(live.ID(organizationID))
}

// Organizations returns an iterator over the organizations that have webhooks, each
// at most once, in no particular order. One that has webhooks as long as the loop
// lasts is among them. The loop may use the Index in every way.
func (x *Index) Organizations() iter.Seq[uuid.UUID] {
	return func(yield func(uuid.UUID) bool) {
		x.live.Groups()(func(id live.ID) bool { return yield(uuid.UUID(id)) })
	}
}

// Len returns the number of webhooks of all organizations.
func (x *Index) Len() int { return x.live.Len() }
