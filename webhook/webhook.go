package webhook

import (
	"time"

	"github.com/google/uuid"
)

// Webhook is one webhook of an organization, as the API returns it
// (OrganizationWebhookResponse of GET /organization/{organizationId}/webhook/{webhookId}).
// The documentation requires id and created_at; every other field is optional.
//
// The zero Webhook can be encoded, but is not valid. A webhook made in Go is disabled
// until Enabled is set, whereas an absent "enabled" in JSON means true.
//
// A struct that embeds a Webhook inherits its JSON methods, which ignore the other fields
// of the struct. Use a named field instead.
//
// Any number of goroutines may read a Webhook at once while none changes it. No function of
// this module changes the slices of a Webhook, or retains them after it returns.
//
// Compare webhooks with [Webhook.Equal], which compares their JSON. For webhooks with the
// same JSON, reflect.DeepEqual may report false: it also compares the locations of times with
// equal offsets, and which optional fields were present when a webhook was decoded, even if
// the fields have changed since.
type Webhook struct {
	ID        uuid.UUID // "id"; required
	CreatedAt time.Time // "created_at"; required
	UpdatedAt time.Time // "updated_at"; optional

	Kind            Kind   // "kind"; optional
	TargetURL       string // "target_url"; may itself be a credential, see Webhook.String
	TargetSecretSet bool   // "target_secret_set"; the secret itself is never part of the model
	Description     string // "description"
	Enabled         bool   // "enabled"; absent in JSON means true

	// Events is "events": the types of the events that may fire the webhook. If it is
	// empty, no event does.
	Events []EventType
	// ProjectNamesFilter is "project_names_filter": wildcard patterns of project
	// names, compared ignoring case. Empty means every project.
	ProjectNamesFilter []string
	// EnvironmentTypesFilter is "environment_types_filter": the environment
	// modes that may fire the webhook. Empty means every mode.
	EnvironmentTypesFilter []EnvironmentMode

	// wire records which optional fields were present in the JSON that the webhook was
	// decoded from. It is zero for a webhook made in Go.
	wire presence
}
