package filter

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
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
// Any number of goroutines may use an Index at once. Readers take no lock and wait
// for nobody; writers (Put, Delete, Replace) wait for each other. Each call of a
// reader sees its organization as it is at one moment between its start and its
// end: each webhook in exactly one version, and what was put or deleted before the
// call as it was left. A loop over All sees the moment at which it starts. Len counts
// what is put or deleted at about the same moment.
//
// The zero Index is empty and ready for use. An Index must not be copied.
//
// It keeps a copy of each webhook, and hands out that copy: what it returns is
// shared and must not be changed. It never changes either, a replaced or deleted
// webhook stays as it was for those who hold it.
type Index struct {
	live live.Index[*webhook.Webhook]
}

// NewIndex returns an empty Index.
func NewIndex() *Index { return new(Index) }

// form is how live sees webhooks.
var form = live.NewForm(
	func(w *webhook.Webhook) live.ID { return live.ID(w.ID) },
	func(w *webhook.Webhook) []string { return w.ProjectNamesFilter },
	tagsOf,
)

// Put adds w to the webhooks of an organization, or replaces the one that has its
// id. It keeps a copy and nothing of w itself. A disabled webhook is kept like any
// other, and fires for nothing.
//
// If w does not compile or has no id, or there is no organization's id, Put returns
// the error, [*webhook.FieldError] values as from [Compile], and changes nothing: a
// version of the webhook that was there stays, and goes on firing, until it is
// replaced or deleted.
//
// The time that Put takes grows with the number of the webhook's entries, and with
// no more than the logarithm of the number of webhooks.
func (x *Index) Put(organizationID uuid.UUID, w *webhook.Webhook) error {
	if err := errors.Join(checkOrganization(organizationID), check(w)); err != nil {
		return err
	}
	x.live.Put(form, live.ID(organizationID), copyOf(w))
	return nil
}

// check returns why a webhook cannot be kept.
func check(w *webhook.Webhook) error {
	if w == nil {
		return errNil
	}
	err := w.ValidateFilters()
	if w.ID == uuid.Nil {
		err = errors.Join(required("id"), err)
	}
	return err
}

func checkOrganization(id uuid.UUID) error {
	if id == uuid.Nil {
		return required("organization_id")
	}
	return nil
}

func required(field string) error {
	return &webhook.FieldError{Field: field, Err: webhook.ErrRequired}
}

// copyOf returns a copy of w that shares none of its lists.
func copyOf(w *webhook.Webhook) *webhook.Webhook {
	c := *w
	c.Events = types.copyOf(w.Events)
	c.ProjectNamesFilter = slices.Clone(w.ProjectNamesFilter)
	c.EnvironmentTypesFilter = modes.copyOf(w.EnvironmentTypesFilter)
	return &c
}

// Replace makes ws the webhooks of an organization: what has the id of one of them
// is replaced, the others are added, and what is not among them is deleted. Readers
// see all of that or nothing of it, however much it is. A webhook that is the same
// as before is left as it is. Of several with one id, the last good one counts.
//
// A webhook that Put would refuse does not concern the others. It is left out, a
// version of it that is there stays, and the error has its faults, as in
// "webhooks[3].events[0]", and its id: [webhook.FieldErrors] finds them.
func (x *Index) Replace(organizationID uuid.UUID, ws []*webhook.Webhook) error {
	if err := checkOrganization(organizationID); err != nil {
		return err
	}
	var errs []error
	refused := make(map[live.ID]bool)
	good := make([]*webhook.Webhook, 0, len(ws))
	for i, w := range ws {
		switch err := check(w); {
		case err == nil:
			good = append(good, copyOf(w))
		case w == nil:
			errs = append(errs, fmt.Errorf("webhooks[%d]: %w", i, err))
		default:
			refused[live.ID(w.ID)] = true
			for _, f := range webhook.FieldErrors(err) {
				errs = append(errs, &webhook.FieldError{Field: fmt.Sprintf("webhooks[%d].%s", i, f.Field), Value: f.Value, Err: f.Err, WebhookID: w.ID})
			}
		}
	}
	x.live.Replace(form, live.ID(organizationID), good, same, func(id live.ID) bool { return refused[id] })
	return errors.Join(errs...)
}

// same reports whether two webhooks have the same fields.
func same(a, b *webhook.Webhook) bool { return reflect.DeepEqual(a, b) }

// Delete removes a webhook of an organization, and reports whether it was there.
// It takes as long as [Index.Put].
func (x *Index) Delete(organizationID, webhookID uuid.UUID) bool {
	return x.live.Delete(form, live.ID(organizationID), live.ID(webhookID))
}

// Get returns a webhook of an organization, and false if it is not there.
func (x *Index) Get(organizationID, webhookID uuid.UUID) (*webhook.Webhook, bool) {
	return x.live.Get(form, live.ID(organizationID), live.ID(webhookID))
}

// AppendMatches appends to dst the webhooks of an organization that the event
// fires, each once, in no particular order, and returns the extended slice. The
// event's project name is not kept. With enough room in dst it allocates nothing in
// steady state; it writes nothing behind what it returns.
//
// It costs a few look-ups for each byte of the project name, a match for each of
// those distinct entries, among the ones that are neither plain names nor of the
// form p* or *s, that share a run of letters with the name, and then a few
// nanoseconds for each webhook that has a matching entry.
func (x *Index) AppendMatches(dst []*webhook.Webhook, organizationID uuid.UUID, e webhook.Event) []*webhook.Webhook {
	tags, exact := queryOf(e)
	if exact {
		return x.live.Append(dst, live.ID(organizationID), e.ProjectName, tags)
	}
	c := candidates.Get().(*[]*webhook.Webhook)
	*c = x.live.Append((*c)[:0], live.ID(organizationID), e.ProjectName, tags)
	for _, w := range *c {
		if c := clausesOf(w); c.admits(e.Type, e.EnvironmentMode) {
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
	if err != nil { // not there, or changed by somebody
		return Explanation{}, false
	}
	return f.Explain(e), true
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
