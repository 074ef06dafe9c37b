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

// Index holds the webhooks of many organizations, and finds the webhooks that an event
// fires: every webhook of the organization whose [Filter] matches the event. Organizations
// are isolated: a webhook of one is never returned for another.
//
// Which webhooks fire depends only on the versions that the Index holds, never on earlier
// versions. Put refuses an invalid webhook and changes nothing. Replace is a mirror: an
// invalid version of a webhook removes the valid one before it, and is reported.
//
// # Concurrency
//
// Any number of goroutines may use an Index at once. Reads are lock-free; writers (Put,
// Delete, Replace) wait for each other. Each call of a reader works on one immutable
// snapshot of its organization, which includes every write that completed before the call
// began; a loop over All or ExplainAll works on the snapshot at its start. Len is
// maintained separately and may lag behind concurrent writes.
//
// The zero Index is empty and ready for use. An Index must not be copied.
//
// # Retention
//
// An Index keeps a copy of each webhook and returns pointers to that copy. Callers must
// not modify it. The Index does not modify it either: a webhook that a caller holds stays
// as it is when the Index replaces or deletes it. Copies share no memory except strings,
// and writers do not read them, so a caller that modifies a copy against this rule affects
// only results about that webhook. A later Put undoes the modification; a later Replace
// does so only if the given version differs from the one that was stored.
//
// # Cost
//
// An Index is not slower than a loop over Filters, even with one webhook per organization.
// With more than a few dozen webhooks per organization it is clearly faster. In addition to the
// copy of a webhook, about 330 bytes for a short one, an Index takes 150 to 400 bytes per
// webhook, and a few hundred bytes per organization.
//
// On the machine of benchmarks/RESULTS.md, AppendMatches takes 0.06 µs in an organization with
// one webhook, 0.4 µs with 1,000 and 5 µs with 100,000, and a Put takes 4 to 40 µs. Cache
// misses add to this if there are many organizations.
type Index struct {
	live live.Index[*webhook.Webhook]
}

// NewIndex returns an empty Index.
func NewIndex() *Index { return new(Index) }

// Put adds a copy of w to the webhooks of an organization, or replaces the webhook with
// the same id. A disabled webhook is stored like any other, and fires for nothing.
//
// If [Check] refuses w, Put returns the error of Check and changes nothing: the version
// in the Index still fires.
//
// The time of a Put grows with the number of the webhook's entries, and with the logarithm of
// the number of webhooks. Each time the entries of the organization have about doubled or been
// replaced, a Put also rebuilds a Bloom filter, which takes tens of milliseconds with 1,000,000
// entries. To load a large organization, use Replace, which is about 2.5 times as fast.
func (x *Index) Put(organizationID uuid.UUID, w *webhook.Webhook) error {
	if err := Check(organizationID, w); err != nil {
		return err
	}
	x.live.Put(live.ID(organizationID), itemOf(w))
	return nil
}

// itemOf returns an item whose value is a copy of w. The item shares no slice with the
// copy, since a caller may change the copy against the rule of [Index].
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

// Replace makes ws the webhooks of an organization: it replaces each webhook whose id is in the
// Index, adds the others, and deletes the webhooks that are not in ws. A reader sees either all
// of the change or nothing of it. Unchanged webhooks are not copied again. If most webhooks
// have changed, Replace builds the organization's index in bulk.
//
// Replace is a mirror: if [Check] refuses a webhook, Replace reports it, does not store it,
// and deletes the valid version before it. If several webhooks have the same id, the last
// one counts, valid or not, and the others are reported.
//
// The error has a [*webhook.FieldError] for each problem, with a Field as in
// "webhooks[3].events[0]" and the webhook's id; [webhook.FieldErrors] lists them. After
// 1,000 problems, a final [webhook.ErrMore] gives the number of further webhooks with
// problems. If the organization's id is missing, Replace changes nothing.
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
	more := 0 // webhooks with problems that are not in errs
	valid := make([]*webhook.Webhook, 0, len(ws))
	versions := make([]live.Version, 0, len(ws)) // of the valid webhooks
	for i, w := range ws {
		var problems []*webhook.FieldError
		if len(last) < len(ws) && w != nil && w.ID != uuid.Nil && last[live.ID(w.ID)] != i {
			err := fmt.Errorf("%w of webhooks[%d]", webhook.ErrDuplicate, last[live.ID(w.ID)])
			problems = []*webhook.FieldError{{Field: "id", Value: w.ID.String(), Err: err}}
		} else {
			problems = webhook.FieldErrors(Check(organizationID, w))
		}
		switch {
		case len(problems) == 0:
			valid = append(valid, w)
			versions = append(versions, live.Version{ID: live.ID(w.ID), Digest: w.Hash(digestSeed)})
		case len(errs) >= maxReplaceErrors:
			more++
		default:
			for _, p := range problems {
				errs = append(errs, inList(i, w, p))
			}
		}
	}
	if more > 0 {
		errs = append(errs, &webhook.FieldError{Field: "webhooks", Err: fmt.Errorf("%d %w", more, webhook.ErrMore)})
	}
	x.live.Replace(live.ID(organizationID), versions, func(i int) *live.Item[*webhook.Webhook] { return itemOf(valid[i]) })
	return webhook.JoinFieldErrors(errs)
}

// maxReplaceErrors is the number of problems after which Replace only counts further webhooks
// with problems.
const maxReplaceErrors = 1000

// inList returns p as a problem of the list element i, which is w.
func inList(i int, w *webhook.Webhook, p *webhook.FieldError) *webhook.FieldError {
	e := &webhook.FieldError{Field: fmt.Sprintf("webhooks[%d]", i), Value: p.Value, Err: p.Err}
	if w != nil {
		e.Field, e.WebhookID = e.Field+"."+p.Field, w.ID
	}
	return e
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
// fires, each once, in no particular order, and returns the extended slice. It does not
// retain the event's project name. If dst has enough capacity, AppendMatches allocates
// nothing in steady state. It does not write to dst beyond the returned slice.
//
// Cost: O(len(name)) hash look-ups and a sort of the trigrams found, one match for each
// distinct pattern with inner wildcards that shares a trigram with the name, and a few
// nanoseconds for each webhook that has a matching entry.
func (x *Index) AppendMatches(dst []*webhook.Webhook, organizationID uuid.UUID, e webhook.Event) []*webhook.Webhook {
	tags, knownType, knownMode := queryOf(e)
	if knownType && knownMode {
		return x.live.Append(dst, live.ID(organizationID), e.ProjectName, tags)
	}
	c := candidates.Get().(*[]*webhook.Webhook)
	*c = x.live.Append((*c)[:0], live.ID(organizationID), e.ProjectName, tags)
	for _, w := range *c {
		// Test only the clause of an undocumented type or mode: the tags have decided the
		// others, so their fields need not be loaded.
		c := clausesOf(w)
		if (knownType || c.subscribed(e.Type)) && (knownMode || c.inMode(e.EnvironmentMode)) {
			dst = append(dst, w)
		}
	}
	clear(*c)
	candidates.Put(c)
	return dst
}

// candidates holds slices for the webhooks that AppendMatches finds by tags before it
// tests the clause of an undocumented type or mode.
var candidates = sync.Pool{New: func() any { return new([]*webhook.Webhook) }}

// Explain returns the result of [Filter.Explain] for a webhook of an organization, and
// false if it is not there. It compiles the webhook.
func (x *Index) Explain(organizationID, webhookID uuid.UUID, e webhook.Event) (Explanation, bool) {
	w, _ := x.Get(organizationID, webhookID)
	f, err := Compile(w)
	if err != nil { // there is no such webhook, or a caller has made it invalid
		return Explanation{}, false
	}
	return f.Explain(e), true
}

// ExplainAll returns an iterator over the webhooks that an organization has when the
// loop starts, in no particular order, each with the result of [Filter.Explain]. The
// loop may call any method of the Index.
//
// It compiles every webhook, so use it to explain verdicts, not to dispatch events.
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
// starts, in no particular order. The loop may call any method of the Index.
func (x *Index) All(organizationID uuid.UUID) iter.Seq[*webhook.Webhook] {
	return x.live.All(live.ID(organizationID))
}

// Organizations returns an iterator over the organizations that have webhooks, each
// at most once, in no particular order. An organization that has webhooks during the whole
// loop is included. The loop may call any method of the Index.
func (x *Index) Organizations() iter.Seq[uuid.UUID] {
	return func(yield func(uuid.UUID) bool) {
		x.live.Groups()(func(id live.ID) bool { return yield(uuid.UUID(id)) })
	}
}

// Len returns the number of webhooks of all organizations.
func (x *Index) Len() int { return x.live.Len() }
