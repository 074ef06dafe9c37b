package filter_test

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestCheck(t *testing.T) {
	const secret = "https://hooks.example/services/SECRET\xff"
	for _, test := range []struct {
		name         string
		organization uuid.UUID
		change       func(*webhook.Webhook)
		want         string
	}{
		{"valid", shop, func(*webhook.Webhook) {}, ""},
		{"undocumented values", shop, func(w *webhook.Webhook) {
			w.Kind, w.Events, w.EnvironmentTypesFilter = "NEW", []webhook.EventType{"X"}, []webhook.EnvironmentMode{"x"}
		}, ""},
		{"a problem that only Validate reports", shop, func(w *webhook.Webhook) { w.TargetURL = "no URL" }, ""},
		{"no ids", uuid.Nil, func(w *webhook.Webhook) { w.ID = uuid.Nil }, "organization_id: required; id: required"},
		{"invalid UTF-8", shop, func(w *webhook.Webhook) {
			w.Kind, w.TargetURL, w.Description = "\xff", "b\xff", "c\xff"
			w.Events, w.ProjectNamesFilter = []webhook.EventType{"d", "e\xff"}, []string{"f\xff"}
			w.EnvironmentTypesFilter = []webhook.EnvironmentMode{"g\xff"}
		}, `kind "\xff": not valid UTF-8; target_url: not valid UTF-8; description "c\xff": not valid UTF-8; ` +
			`events[1] "e\xff": not valid UTF-8; environment_types_filter[0] "g\xff": not valid UTF-8; ` +
			`project_names_filter[0] "f\xff": not valid UTF-8`},
		{"credentials", shop, func(w *webhook.Webhook) {
			w.Kind, w.TargetURL, w.Description, w.Events = secret, secret, secret, []webhook.EventType{secret}
		}, `kind: not valid UTF-8; target_url: not valid UTF-8; description: not valid UTF-8; events[0]: not valid UTF-8`},
		{"empty elements", shop, func(w *webhook.Webhook) {
			w.Events, w.ProjectNamesFilter, w.EnvironmentTypesFilter = []webhook.EventType{""}, []string{""}, []webhook.EnvironmentMode{""}
		}, `events[0]: empty; project_names_filter[0]: empty; environment_types_filter[0]: empty`},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := indexed("a")
			x := indexOf(t, w)
			changed := *w
			test.change(&changed)
			err := filter.Check(test.organization, &changed)
			require.Equal(t, err, x.Put(test.organization, &changed))
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.want)
			require.Len(t, webhook.FieldErrors(err), 1+strings.Count(test.want, "; "))
			got, _ := x.Get(shop, w.ID)
			require.Equal(t, w, got, "Put changes nothing")
			require.Equal(t, 1, x.Len())
		})
	}
	require.EqualError(t, filter.Check(uuid.Nil, nil), "organization_id: required; webhook: required")
}

func TestCheckOfRandomWebhooks(t *testing.T) {
	var seen filtertest.Verdicts
	r := rand.New(rand.NewSource(1))
	for range 2000 {
		w := drawVersion(r, uuid.New())
		require.Equal(t, storable(w), seen.Saw(filter.Check(shop, w) == nil), "%v", w)
	}
	seen.RequireBoth(t)
}

func TestCheckAllocatesNothing(t *testing.T) {
	w := indexed("checkout", "api*")
	w.EnvironmentTypesFilter = webhook.EnvironmentModes()
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = filter.Check(shop, w) }))
}
