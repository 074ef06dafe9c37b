package webhook_test

import (
	"encoding/json"
	"hash/maphash"
	"math/rand"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// Webhooks that differ in one field have different hashes. sets has, for every field of the
// struct, webhooks that differ from the documented one, or from each other, only in that field.
func TestHashOfEachField(t *testing.T) {
	change := func(changes ...func(*webhook.Webhook)) (ws []*webhook.Webhook) {
		for _, change := range changes {
			w := documentedWebhook()
			change(&w)
			ws = append(ws, &w)
		}
		return ws
	}
	type w = webhook.Webhook
	at := documentedWebhook().CreatedAt
	times := []time.Time{
		{}, at.Add(1), at.Add(time.Second), at.In(time.FixedZone("", 3600)), at.In(time.FixedZone("", -3600)), time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC),
	}
	setTimes := func(set func(*w, time.Time)) (changes []func(*w)) {
		for _, at := range times {
			changes = append(changes, func(w *w) { set(w, at) })
		}
		return changes
	}
	sets := map[string][]*webhook.Webhook{
		"ID":              change(func(w *w) { w.ID = uuid.Nil }, func(w *w) { w.ID[0]++ }, func(w *w) { w.ID[15]++ }),
		"CreatedAt":       change(setTimes(func(w *w, at time.Time) { w.CreatedAt = at })...),
		"UpdatedAt":       change(setTimes(func(w *w, at time.Time) { w.UpdatedAt = at })...),
		"Kind":            change(func(w *w) { w.Kind = "" }, func(w *w) { w.Kind = "k" }),
		"TargetURL":       change(func(w *w) { w.TargetURL = "" }, func(w *w) { w.TargetURL = "t" }),
		"TargetSecretSet": change(func(w *w) { w.TargetSecretSet = !w.TargetSecretSet }),
		"Description":     change(func(w *w) { w.Description = "" }, func(w *w) { w.Description = "d" }),
		"Enabled":         change(func(w *w) { w.Enabled = !w.Enabled }),
		"Events": change(
			func(w *w) { w.Events = nil },
			func(w *w) { w.Events = []webhook.EventType{} },
			func(w *w) { w.Events = []webhook.EventType{""} },
			func(w *w) { w.Events = []webhook.EventType{"ab"} },
			func(w *w) { w.Events = []webhook.EventType{"a", "b"} },
			func(w *w) { w.Events = []webhook.EventType{"b", "a"} },
			func(w *w) { w.Events = []webhook.EventType{"a", "b", ""} },
			func(w *w) { w.Events = []webhook.EventType{"", "ab"} },
		),
		"ProjectNamesFilter": change(
			func(w *w) { w.ProjectNamesFilter = nil },
			func(w *w) { w.ProjectNamesFilter = []string{} },
			func(w *w) { w.ProjectNamesFilter = []string{"*"} },
			func(w *w) { w.ProjectNamesFilter = []string{"*", "*"} },
		),
		"EnvironmentTypesFilter": change(
			func(w *w) { w.EnvironmentTypesFilter = nil },
			func(w *w) { w.EnvironmentTypesFilter = []webhook.EnvironmentMode{} },
			func(w *w) { w.EnvironmentTypesFilter = []webhook.EnvironmentMode{"m"} },
		),
	}
	for _, members := range []string{
		``, `"updated_at":"0001-01-01T00:00:00Z"`, `"kind":""`, `"target_url":""`, `"description":""`,
		`"target_secret_set":false`, `"enabled":true`, `"enabled":true,"target_secret_set":false`,
	} {
		w := decode(t, object(members))
		sets["wire"] = append(sets["wire"], &w)
	}
	for _, createdAt := range []string{``, `,"created_at":"0001-01-01T00:00:00Z"`} {
		w := decode(t, `{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a"`+createdAt+`}`)
		sets["wire"] = append(sets["wire"], &w)
	}
	base := documentedWebhook()
	all := []*webhook.Webhook{&base}
	for i := range reflect.TypeFor[webhook.Webhook]().NumField() {
		field := reflect.TypeFor[webhook.Webhook]().Field(i).Name
		require.NotEmpty(t, sets[field], field)
		all = append(all, sets[field]...)
	}
	requireHashesOfJSON(t, all)
}

// requireHashesOfJSON requires that a copy of a webhook has the same hash, and that
// webhooks with different JSON have different hashes.
func requireHashesOfJSON(t require.TestingT, ws []*webhook.Webhook) {
	seed := maphash.MakeSeed()
	documents := make(map[uint64]string)
	for _, w := range ws {
		copied := *w
		copied.Events = slices.Clone(w.Events)
		copied.ProjectNamesFilter = slices.Clone(w.ProjectNamesFilter)
		copied.EnvironmentTypesFilter = slices.Clone(w.EnvironmentTypesFilter)
		copied.CreatedAt = inOtherLocation(w.CreatedAt)
		hash := w.Hash(seed)
		require.Equal(t, hash, copied.Hash(seed))
		document, err := json.Marshal(w)
		require.NoError(t, err)
		if other, ok := documents[hash]; ok {
			require.Equal(t, other, string(document))
		}
		documents[hash] = string(document)
	}
}

// inOtherLocation returns t in another location with the same offset.
func inOtherLocation(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.In(time.FixedZone("other", offset))
}

// Elements that move between lists, and bytes that move between fields, change the hash.
func TestHashFramesFields(t *testing.T) {
	type w = webhook.Webhook
	type events = []webhook.EventType
	type modes = []webhook.EnvironmentMode
	var ws []*w
	for _, fields := range []w{
		{},
		{Kind: "ab"}, {Kind: "a", TargetURL: "b"}, {TargetURL: "ab"}, {TargetURL: "a", Description: "b"}, {Description: "ab"},
		{Events: events{"ab"}}, {Events: events{"a", "b"}}, {ProjectNamesFilter: []string{"a", "b"}}, {EnvironmentTypesFilter: modes{"a", "b"}},
		{Events: events{"a"}, ProjectNamesFilter: []string{"b"}}, {Events: events{"b"}, ProjectNamesFilter: []string{"a"}},
		{Events: events{}, ProjectNamesFilter: []string{"a", "b"}}, {Events: events{"a", "b"}, ProjectNamesFilter: []string{}},
		{ProjectNamesFilter: []string{"a"}, EnvironmentTypesFilter: modes{"b"}},
		{TargetSecretSet: true}, {Enabled: true},
		{CreatedAt: time.Unix(1, 0).UTC()}, {UpdatedAt: time.Unix(1, 0).UTC()}, {CreatedAt: time.Unix(0, 1).UTC()}, {UpdatedAt: time.Unix(0, 1).UTC()},
	} {
		ws = append(ws, &fields)
	}
	requireHashesOfJSON(t, ws)
	// requireHashesOfJSON distinguishes webhooks only by their JSON, so every JSON must
	// differ here.
	documents := make(map[string]bool)
	for _, w := range ws {
		documents[encode(t, w)] = true
	}
	require.Len(t, documents, len(ws))
}

func TestHashOfRandomWebhooks(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	check(t, 500, "webhooks with different JSON have different hashes", prop.ForAll(func(w, other webhook.Webhook) string {
		ws := []*webhook.Webhook{&w, &other}
		for range 20 {
			// Mixtures of the two differ in few fields.
			mixed := w
			fields, from := reflect.ValueOf(&mixed).Elem(), reflect.ValueOf(other)
			for i := range fields.NumField() {
				if fields.Field(i).CanSet() && r.Intn(3) == 0 {
					fields.Field(i).Set(from.Field(i))
				}
			}
			ws = append(ws, &mixed)
		}
		var f failures
		requireHashesOfJSON(&f, ws)
		return f.String()
	}, goWebhook(), goWebhook()))
}

func TestHashDependsOnTheSeed(t *testing.T) {
	w := documentedWebhook()
	require.NotEqual(t, w.Hash(maphash.MakeSeed()), w.Hash(maphash.MakeSeed()))
}

func TestHashAllocatesNothing(t *testing.T) {
	w, seed := documentedWebhook(), maphash.MakeSeed()
	require.Zero(t, testing.AllocsPerRun(100, func() { w.Hash(seed) }))
}

func BenchmarkHash(b *testing.B) {
	w, seed := documentedWebhook(), maphash.MakeSeed()
	for b.Loop() {
		w.Hash(seed)
	}
}
