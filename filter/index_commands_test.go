package filter_test

import (
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"
	"github.com/leanovate/gopter/gen"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
)

// TestIndexCommands makes random calls of an Index and compares what each returns
// with a model. Three organizations share six ids, so that it replaces, deletes
// and meets the same id in two organizations often.
func TestIndexCommands(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	organizations, ids := drawIDs(r, 3), drawIDs(r, 6)
	parameters := gopter.DefaultTestParameters()
	parameters.MinSuccessfulTests = 300
	properties := gopter.NewProperties(parameters)
	properties.Property("calls of an Index", commands.Prop(&commands.ProtoCommands{
		NewSystemUnderTestFunc: func(commands.State) commands.SystemUnderTest { return filter.NewIndex() },
		InitialStateGen:        gen.Const(model{}),
		GenCommandFunc: func(s commands.State) gopter.Gen {
			return func(p *gopter.GenParameters) *gopter.GenResult {
				command := drawCommand(p.Rng, s.(model), filtertest.Pick(p.Rng, organizations), filtertest.Pick(p.Rng, ids))
				result := gopter.NewGenResult(command, gopter.NoShrinker)
				result.ResultType = reflect.TypeFor[commands.Command]()
				return result
			}
		},
	}))
	properties.TestingRun(t)
}

// drawCommand returns a call that concerns an organization and an id, or fails to.
func drawCommand(r *rand.Rand, m model, organization, id uuid.UUID) commands.Command {
	a := address{organization, id}
	switch r.Intn(9) {
	case 0, 1, 2:
		w := filtertest.Webhook(r)
		w.ID = id
		return call("Put", w, func(x *filter.Index) any { return x.Put(organization, w) },
			func(m model) (any, model) { return nil, m.put(organization, w) })
	case 3:
		w := filtertest.Spoil(r, filtertest.Webhook(r))
		w.ID = id
		return call("Put invalid", w, func(x *filter.Index) any { return x.Put(organization, w) != nil },
			func(m model) (any, model) { return true, m })
	case 4:
		return call("Delete", a, func(x *filter.Index) any { return x.Delete(organization, id) },
			func(m model) (any, model) { return m[a] != nil, m.delete(a) })
	case 5:
		return call("Get", a, func(x *filter.Index) any {
			w, ok := x.Get(organization, id)
			return []any{w, ok}
		}, func(m model) (any, model) { return []any{m[a], m[a] != nil}, m })
	case 6:
		return call("All", a, func(x *filter.Index) any { return byID(slices.Collect(x.All(organization))) },
			func(m model) (any, model) { return byID(m.all(organization)), m })
	case 7:
		return call("Len", a, func(x *filter.Index) any { return x.Len() },
			func(m model) (any, model) { return len(m), m })
	default:
		e := drawEventForAny(r, m)
		return call("AppendMatches", e, func(x *filter.Index) any {
			return byID(x.AppendMatches(nil, organization, e))
		}, func(m model) (any, model) { return byID(m.matches(organization, e)), m })
	}
}

// call returns the command that calls an Index by do and a model by next, and
// expects the same from both.
func call(name string, argument any, do func(*filter.Index) any, next func(model) (any, model)) commands.Command {
	var want any
	return &commands.ProtoCommand{
		Name:    fmt.Sprintf("%s(%+v)", name, argument),
		RunFunc: func(x commands.SystemUnderTest) commands.Result { return do(x.(*filter.Index)) },
		NextStateFunc: func(s commands.State) commands.State {
			result, m := next(s.(model))
			want = result
			return m
		},
		PostConditionFunc: func(_ commands.State, got commands.Result) *gopter.PropResult {
			if reflect.DeepEqual(got, want) {
				return &gopter.PropResult{Status: gopter.PropTrue}
			}
			return &gopter.PropResult{Status: gopter.PropFalse, Labels: []string{fmt.Sprintf("%s: got %v, want %v", name, got, want)}}
		},
	}
}
