package filter

import (
	"errors"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// Index finds, among all webhooks of many organizations, those that an event
// fires: exactly those whose [Filter] matches it. Organizations are apart: what is
// put for one is never seen through another.
//
// Any number of goroutines may use an Index at once. Readers (AppendMatches, Get,
// All, Len) take no lock and wait for nobody; writers (Put, Delete) wait for each
// other. A call of AppendMatches sees the webhooks of its organization as they are
// at one moment between its start and its end: each webhook in exactly one
// version, never both and never neither while it is replaced, and what was put or
// deleted before it started is as it was left.
//
// The zero Index is empty and ready for use. An Index must not be copied.
//
// It keeps a copy of each webhook, and hands out that copy: what it returns is
// shared and must not be changed. It never changes either, a replaced or deleted
// webhook stays as it was for those who hold it. Only memory limits the number of
// webhooks, and that of deleted ones is free for reuse when their organization has
// lost its last one, most of it earlier.
type Index struct {
	writing       sync.Mutex
	organizations table[organization]
	len           atomic.Int64
}

// NewIndex returns an empty Index.
func NewIndex() *Index { return new(Index) }

// Put adds w to the webhooks of an organization, or replaces the one that has its
// id. It keeps a copy and nothing of w itself. A disabled webhook is kept like any
// other, and fires for nothing.
//
// If w does not compile, or has no id, Put returns the error, [*webhook.FieldError]
// values as from [Compile], and changes nothing: a version of the webhook that was
// there stays, and goes on firing, until it is replaced or deleted.
//
// The time that Put takes does not depend on the number of webhooks, on average. A
// single call may have to copy one of the organization's tables, which grow with
// its webhooks and its distinct entries: up to some 100 ms in one of 1,000,000
// webhooks. Readers go on meanwhile, and other writers wait.
func (x *Index) Put(organizationID uuid.UUID, w *webhook.Webhook) error {
	err := w.ValidateFilters()
	if w.ID == uuid.Nil {
		err = errors.Join(&webhook.FieldError{Field: "id", Value: w.ID.String(), Err: webhook.ErrRequired}, err)
	}
	if err != nil {
		return err
	}
	v := &version{webhook: *w, combos: comboSet(w)}
	v.webhook.Events = types.copyOf(w.Events)
	v.webhook.ProjectNamesFilter = slices.Clone(w.ProjectNamesFilter)
	v.webhook.EnvironmentTypesFilter = modes.copyOf(w.EnvironmentTypesFilter)

	x.writing.Lock()
	defer x.writing.Unlock()
	o := x.organization(organizationID)
	if o == nil {
		o = newOrganization(organizationID)
		x.organizations.insert(hashID(organizationID), o)
	}
	old := o.version(w.ID)
	o.set(old, v)
	if old == nil {
		x.len.Add(1)
	}
	return nil
}

// Delete removes a webhook of an organization, and reports whether it was there.
// It takes as long as [Index.Put] on average. A single call may have to forget the
// entries that no webhook has any more, if they are many: that may take a second
// where they are a million.
func (x *Index) Delete(organizationID, webhookID uuid.UUID) bool {
	x.writing.Lock()
	defer x.writing.Unlock()
	o := x.organization(organizationID)
	if o == nil {
		return false
	}
	old := o.version(webhookID)
	if old == nil {
		return false
	}
	o.set(old, nil)
	x.len.Add(-1)
	if o.webhooks.len == 0 {
		x.organizations.replace(hashID(organizationID), o, nil)
	}
	return true
}

// Get returns a webhook of an organization, and false if it is not there.
func (x *Index) Get(organizationID, webhookID uuid.UUID) (*webhook.Webhook, bool) {
	if o := x.organization(organizationID); o != nil {
		if v := o.version(webhookID); v != nil {
			return &v.webhook, true
		}
	}
	return nil, false
}

// AppendMatches appends to dst the webhooks of an organization that the event
// fires, each once, in no particular order, and returns the extended slice. The
// event's project name is not kept. With enough room in dst, which is for all the
// webhooks that have an entry matching the name, it allocates nothing in steady
// state; it may write to what lies behind the returned slice.
//
// It costs a few look-ups for each byte of the project name, a match for each of
// those distinct entries, among the ones that are neither plain names nor of the
// form p* or *s, that share a run of letters with the name, and then a few
// nanoseconds for each webhook that has a matching entry.
func (x *Index) AppendMatches(dst []*webhook.Webhook, organizationID uuid.UUID, e webhook.Event) []*webhook.Webhook {
	c, ok := comboOf(e)
	if !ok {
		return dst
	}
	if o := x.organization(organizationID); o != nil {
		dst = o.appendMatches(dst, e, c)
	}
	return dst
}

// All returns an iterator over the webhooks of an organization, in no particular
// order. A webhook that is there for as long as the iteration lasts is in it
// exactly once, in one of the versions that it has meanwhile; one that is put or
// deleted meanwhile may be in it. The loop may use the Index in every way.
func (x *Index) All(organizationID uuid.UUID) iter.Seq[*webhook.Webhook] {
	return func(yield func(*webhook.Webhook) bool) {
		if o := x.organization(organizationID); o != nil {
			for v := range o.webhooks.all {
				if !yield(&v.webhook) {
					return
				}
			}
		}
	}
}

// Len returns the number of webhooks of all organizations.
func (x *Index) Len() int { return int(x.len.Load()) }

// organization returns an organization that has webhooks, or nil.
func (x *Index) organization(id uuid.UUID) *organization {
	return x.organizations.find(hashID(id), func(o *organization) bool { return o.id == id })
}
