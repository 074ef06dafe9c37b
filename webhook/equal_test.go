package webhook_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

func TestEqual(t *testing.T) {
	absent, empty := decode(t, object("")), decode(t, object(`"events":[]`))
	unencodable := webhook.Webhook{UpdatedAt: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}
	berlin, paris := documentedWebhook(), documentedWebhook()
	berlin.CreatedAt = berlin.CreatedAt.In(time.FixedZone("Berlin", 3600))
	paris.CreatedAt = paris.CreatedAt.In(time.FixedZone("Paris", 3600))
	utc := documentedWebhook()
	for _, test := range []struct {
		name string
		a, b *webhook.Webhook
		want bool
	}{
		{"nil", nil, nil, true},
		{"nil and a webhook", nil, &utc, false},
		{"the zero webhook", new(webhook.Webhook), new(webhook.Webhook), true},
		{"absent and empty list", &absent, &empty, false},
		{"zones with the same offset", &berlin, &paris, true},
		{"zones with different offsets", &berlin, &utc, false},
		{"a webhook that cannot be encoded", &unencodable, &unencodable, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, test.a.Equal(test.b))
			require.Equal(t, test.want, test.b.Equal(test.a))
		})
	}
	for i, change := range []func(*webhook.Webhook){
		func(w *webhook.Webhook) { w.ID = uuid.Nil },
		func(w *webhook.Webhook) { w.CreatedAt = w.CreatedAt.Add(1) },
		func(w *webhook.Webhook) { w.UpdatedAt = time.Time{} },
		func(w *webhook.Webhook) { w.Kind = "" },
		func(w *webhook.Webhook) { w.TargetURL += "/" },
		func(w *webhook.Webhook) { w.TargetSecretSet = false },
		func(w *webhook.Webhook) { w.Description = "" },
		func(w *webhook.Webhook) { w.Enabled = false },
		func(w *webhook.Webhook) { w.Events = append(w.Events, w.Events...) },
		func(w *webhook.Webhook) { w.ProjectNamesFilter = nil },
		func(w *webhook.Webhook) { w.EnvironmentTypesFilter = []webhook.EnvironmentMode{} },
	} {
		a, b := documentedWebhook(), documentedWebhook()
		require.True(t, a.Equal(&b))
		change(&b)
		require.False(t, a.Equal(&b), "change %d", i)
		require.False(t, b.Equal(&a), "change %d", i)
	}
}

func TestEqualComparesJSON(t *testing.T) {
	check(t, 500, "Equal compares the JSON", prop.ForAll(func(a, b webhook.Webhook) string {
		var f failures
		copied := a
		copied.Events = slices.Clone(a.Events)
		require.True(&f, a.Equal(&copied))
		require.Equal(&f, encode(&f, a) == encode(&f, b), a.Equal(&b))
		return f.String()
	}, goWebhook(), goWebhook()))
}

func TestKinds(t *testing.T) {
	require.Equal(t, []webhook.Kind{"STANDARD", "SLACK"}, webhook.Kinds())
	webhook.Kinds()[0] = "X"
	require.Equal(t, webhook.KindStandard, webhook.Kinds()[0], "each call returns a new slice")
}
