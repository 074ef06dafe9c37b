package webhook_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// documented is the example response of the API document, with a final newline.
//
//go:embed testdata/documented.json
var documented string

// documentedWebhook returns the documented example.
func documentedWebhook() webhook.Webhook {
	at := time.Date(2023, time.November, 7, 5, 31, 56, 0, time.UTC)
	return webhook.Webhook{
		ID:                     uuid.MustParse("3c90c3cc-0d44-4b50-8888-8dd25736052a"),
		CreatedAt:              at,
		UpdatedAt:              at,
		Kind:                   webhook.KindStandard,
		TargetURL:              "<string>",
		TargetSecretSet:        true,
		Description:            "<string>",
		Enabled:                true,
		Events:                 []webhook.EventType{webhook.DeploymentStarted},
		ProjectNamesFilter:     []string{"<string>"},
		EnvironmentTypesFilter: []webhook.EnvironmentMode{webhook.Production},
	}
}

// validWebhook returns the documented example with a valid target URL.
func validWebhook() webhook.Webhook {
	w := documentedWebhook()
	w.TargetURL = "https://example.com/hook"
	return w
}

func decode(t require.TestingT, data string) webhook.Webhook {
	var w webhook.Webhook
	require.NoError(t, json.Unmarshal([]byte(data), &w))
	return w
}

// encode returns the compact JSON of v without HTML escaping.
func encode(t require.TestingT, v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	require.NoError(t, enc.Encode(v))
	return strings.TrimSuffix(b.String(), "\n")
}

// setFields copies the exported fields of src to dst.
func setFields(dst *webhook.Webhook, src webhook.Webhook) {
	dst.ID, dst.CreatedAt, dst.UpdatedAt = src.ID, src.CreatedAt, src.UpdatedAt
	dst.Kind, dst.TargetURL, dst.TargetSecretSet = src.Kind, src.TargetURL, src.TargetSecretSet
	dst.Description, dst.Enabled, dst.Events = src.Description, src.Enabled, src.Events
	dst.ProjectNamesFilter, dst.EnvironmentTypesFilter = src.ProjectNamesFilter, src.EnvironmentTypesFilter
}

// fieldsOf returns the exported fields of w, with its times as inPlainZones returns them,
// so that require.Equal can compare webhooks.
func fieldsOf(w webhook.Webhook) webhook.Webhook {
	var fields webhook.Webhook
	setFields(&fields, inPlainZones(w))
	return fields
}

// inPlainZones returns w with its times in zones that depend only on the offset: decoding
// uses the local zone if it has the same offset.
func inPlainZones(w webhook.Webhook) webhook.Webhook {
	for _, t := range []*time.Time{&w.CreatedAt, &w.UpdatedAt} {
		if _, offset := t.Zone(); offset == 0 {
			*t = t.UTC()
		} else {
			*t = t.In(time.FixedZone("", offset))
		}
	}
	return w
}

func TestDocumentedExample(t *testing.T) {
	w := decode(t, documented)
	require.Equal(t, documentedWebhook(), w)

	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(w))
	require.Equal(t, documented, b.String())
}

// The caller's encoder decides whether < > & are escaped.
func TestCallerChoosesHTMLEscaping(t *testing.T) {
	var compact, escaped bytes.Buffer
	require.NoError(t, json.Compact(&compact, []byte(documented)))
	json.HTMLEscape(&escaped, compact.Bytes())

	w := decode(t, documented)
	marshaled, err := json.Marshal(w)
	require.NoError(t, err)
	require.Equal(t, escaped.String(), string(marshaled))
	require.Contains(t, string(marshaled), `\u003cstring\u003e`)

	require.Equal(t, compact.String(), encode(t, w))
	direct, err := w.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, compact.String(), string(direct))
}

func TestDocumentedValues(t *testing.T) {
	require.Equal(t, []webhook.EventType{
		"DEPLOYMENT_STARTED", "DEPLOYMENT_CANCELLED", "DEPLOYMENT_FAILURE", "DEPLOYMENT_SUCCESSFUL",
	}, webhook.EventTypes())
	require.Equal(t, []webhook.EnvironmentMode{"DEVELOPMENT", "PREVIEW", "PRODUCTION", "STAGING"},
		webhook.EnvironmentModes())
	require.Equal(t, []webhook.Kind{"STANDARD", "SLACK"},
		[]webhook.Kind{webhook.KindStandard, webhook.KindSlack})

	t.Run("each call returns a new slice", func(t *testing.T) {
		webhook.EventTypes()[0] = "CHANGED"
		webhook.EnvironmentModes()[0] = "CHANGED"
		require.Equal(t, webhook.DeploymentStarted, webhook.EventTypes()[0])
		require.Equal(t, webhook.Development, webhook.EnvironmentModes()[0])
	})
}
