package filter_test

import (
	"fmt"
	"iter"
	"maps"
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
	"github.com/hookfilter/hookfilter/webhook"
)

// TestIndexCommands makes random calls of an Index and compares the results with a model.
// Three organizations share six ids, so that calls often replace and delete a webhook, or
// use an id of another organization.
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
				command := drawCommand(p.Rng, s.(model), filtertest.Pick(p.Rng, organizations), ids)
				result := gopter.NewGenResult(command, gopter.NoShrinker)
				result.ResultType = reflect.TypeFor[commands.Command]()
				return result
			}
		},
	}))
	properties.TestingRun(t)
}

// drawCommand returns a random call with an organization and one or more ids.
func drawCommand(r *rand.Rand, m model, organization uuid.UUID, ids []uuid.UUID) commands.Command {
	id := filtertest.Pick(r, ids)
	a := address{organization, id}
	switch r.Intn(10) {
	case 0, 1, 2:
		w := drawVersion(r, id)
		return call("Put", w, func(x *filter.Index) any { return x.Put(organization, w) == nil },
			func(m model) (any, model) {
				if !storable(w) {
					return false, m
				}
				return true, m.put(organization, w)
			})
	case 3:
		var ws []*webhook.Webhook
		for range r.Intn(6) {
			switch r.Intn(10) {
			case 0:
				ws = append(ws, nil)
			case 1, 2, 3: // the current version
				if w := m[address{organization, filtertest.Pick(r, ids)}]; w != nil {
					ws = append(ws, w)
				}
			default:
				ws = append(ws, drawVersion(r, filtertest.Pick(r, ids)))
			}
		}
		return call("Replace", ws, func(x *filter.Index) any { return problemsOf(x.Replace(organization, ws)) },
			func(m model) (any, model) {
				m, problems := m.replace(organization, ws)
				return problems, m
			})
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
	case 8:
		e := drawEventForAny(r, m)
		return call("ExplainAll", e, func(x *filter.Index) any {
			return maps.Collect(byIDs(x.ExplainAll(organization, e)))
		}, func(m model) (any, model) {
			all := make(map[uuid.UUID]filter.Explanation)
			for _, w := range m.all(organization) {
				all[w.ID] = filtertest.MustCompile(w).Explain(e)
			}
			return all, m
		})
	default:
		e := drawEventForAny(r, m)
		return call("AppendMatches", e, func(x *filter.Index) any {
			return byID(x.AppendMatches(nil, organization, e))
		}, func(m model) (any, model) { return byID(m.matches(organization, e)), m })
	}
}

// byIDs returns the explanations by the ids of the webhooks.
func byIDs(all iter.Seq2[*webhook.Webhook, filter.Explanation]) iter.Seq2[uuid.UUID, filter.Explanation] {
	return func(yield func(uuid.UUID, filter.Explanation) bool) {
		all(func(w *webhook.Webhook, x filter.Explanation) bool { return yield(w.ID, x) })
	}
}

// call returns a command that calls do with an Index and next with a model, and requires
// equal results.
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
