package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"
	"github.com/leanovate/gopter/gen"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	modelOrganizations = 3
	modelWebhooks      = 3 // ids; each organization may have all of them
)

// modelID returns the id of the nth organization or webhook.
func modelID(n int) uuid.UUID { return uuid.UUID{15: byte(n)} }

type address struct{ organization, webhook int }

// model maps the webhooks that exist to their versions.
type model map[address]int

func (m model) with(change func(model)) model {
	m = maps.Clone(m)
	change(m)
	return m
}

// system is a handler with a store that can change.
type system struct {
	http.Handler
	hooks map[[2]uuid.UUID]*webhook.Webhook
}

func newSystem(commands.State) commands.SystemUnderTest {
	s := &system{hooks: map[[2]uuid.UUID]*webhook.Webhook{}}
	s.Handler = httpapi.NewHandler(
		httpapi.StoreFunc(func(_ context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
			if w, ok := s.hooks[[2]uuid.UUID{organizationID, webhookID}]; ok {
				return w, nil
			}
			return nil, httpapi.ErrNotFound
		}),
		// The token of an organization is its id.
		httpapi.AuthorizerFunc(func(_ context.Context, c httpapi.Credential, organizationID uuid.UUID) error {
			for n := range modelOrganizations {
				if c.Token == modelID(n).String() {
					if organizationID == modelID(n) {
						return nil
					}
					return httpapi.ErrForbidden
				}
			}
			return httpapi.ErrUnauthenticated
		}), nil)
	return s
}

type put struct {
	address
	version int
}

func (p put) Run(s commands.SystemUnderTest) commands.Result {
	w := hook(modelID(p.webhook))
	w.Description = describe(p.address, p.version)
	s.(*system).hooks[[2]uuid.UUID{modelID(p.organization), modelID(p.webhook)}] = w
	return nil
}

func (p put) NextState(s commands.State) commands.State {
	return s.(model).with(func(m model) { m[p.address] = p.version })
}
func (put) PreCondition(commands.State) bool { return true }
func (put) PostCondition(commands.State, commands.Result) *gopter.PropResult {
	return gopter.NewPropResult(true, "")
}
func (p put) String() string { return fmt.Sprintf("put(%v, %d)", p.address, p.version) }

type remove struct{ address }

func (r remove) Run(s commands.SystemUnderTest) commands.Result {
	delete(s.(*system).hooks, [2]uuid.UUID{modelID(r.organization), modelID(r.webhook)})
	return nil
}

func (r remove) NextState(s commands.State) commands.State {
	return s.(model).with(func(m model) { delete(m, r.address) })
}
func (remove) PreCondition(commands.State) bool { return true }
func (remove) PostCondition(commands.State, commands.Result) *gopter.PropResult {
	return gopter.NewPropResult(true, "")
}
func (r remove) String() string { return fmt.Sprintf("remove(%v)", r.address) }

// fetch looks up a webhook with the token of a caller. The caller is the number of an organization. A
// number without an organization means an unknown token, and -1 means no token.
type fetch struct {
	address
	caller int
}

type fetched struct {
	status      int
	description string
}

func (f fetch) Run(s commands.SystemUnderTest) commands.Result {
	r := request("GET", pathOf(modelID(f.organization), modelID(f.webhook)))
	if f.caller >= 0 {
		r.Header.Set("Authorization", "Bearer "+modelID(f.caller).String())
	}
	got := serve(s.(*system), r)
	var body struct{ Description string }
	if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil {
		return err
	}
	return fetched{got.Code, body.Description}
}
func (fetch) NextState(s commands.State) commands.State { return s }
func (fetch) PreCondition(commands.State) bool          { return true }

func (f fetch) PostCondition(s commands.State, result commands.Result) *gopter.PropResult {
	version, there := s.(model)[f.address]
	want := fetched{status: 404}
	switch {
	case f.caller < 0 || f.caller >= modelOrganizations:
		want.status = 401
	case f.caller != f.organization:
		want.status = 403
	case there:
		want = fetched{200, describe(f.address, version)}
	}
	return gopter.NewPropResult(result == want, fmt.Sprintf("%v: got %v, want %v", f, result, want))
}
func (f fetch) String() string { return fmt.Sprintf("fetch(%v, %d)", f.address, f.caller) }

func describe(p address, version int) string { return fmt.Sprintf("%v in version %d", p, version) }

// A handler whose store changes must respond as the model predicts.
func TestModel(t *testing.T) {
	number := func(below int) gopter.Gen { return gen.IntRange(0, below-1) }
	at := gopter.CombineGens(number(modelOrganizations), number(modelWebhooks)).Map(func(v []any) address {
		return address{v[0].(int), v[1].(int)}
	})
	command := func(change func(address, int) commands.Command) gopter.Gen {
		return gopter.CombineGens(at, number(1<<16)).Map(func(v []any) commands.Command {
			return change(v[0].(address), v[1].(int))
		})
	}
	genCommand := gen.Weighted([]gen.WeightedGen{
		{Weight: 3, Gen: command(func(p address, n int) commands.Command { return put{p, n} })},
		{Weight: 1, Gen: command(func(p address, _ int) commands.Command { return remove{p} })},
		{Weight: 4, Gen: command(func(p address, _ int) commands.Command { return fetch{p, p.organization} })},
		{Weight: 3, Gen: command(func(p address, n int) commands.Command { return fetch{p, n%(modelOrganizations+2) - 1} })},
	})
	parameters := gopter.DefaultTestParameters()
	parameters.MinSuccessfulTests = 200
	parameters.MaxSize = 60
	properties := gopter.NewProperties(parameters)
	properties.Property("the handler responds as the model predicts", commands.Prop(&commands.ProtoCommands{
		NewSystemUnderTestFunc: newSystem,
		InitialStateGen:        gen.Const(model{}),
		GenCommandFunc:         func(commands.State) gopter.Gen { return genCommand },
	}))
	properties.TestingRun(t)
}
