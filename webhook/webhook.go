package webhook

import (
	"time"

	"github.com/google/uuid"
)

// Webhook is one webhook of an organization, as the API returns it
// (OrganizationWebhookResponse of GET /organization/{organizationId}/webhook/{webhookId}).
// The documentation requires id and created_at; every other field is optional.
//
// The zero value is an empty webhook: it can be encoded, fails Validate, and is disabled.
// So is every webhook made in Go until Enabled is set, whereas absent "enabled" in JSON
// means true.
//
// A struct that embeds a Webhook inherits its JSON methods, which ignore the other fields
// of the struct. Use a named field instead.
//
// A Webhook may be read by many goroutines at once as long as none changes it. Webhooks
// with equal exported fields may differ for reflect.DeepEqual, because a decoded webhook
// remembers which optional fields were present. No function of this module changes the
// slices of a Webhook or keeps them after it returns.
type Webhook struct {
	ID        uuid.UUID // "id"; required
	CreatedAt time.Time // "created_at"; required
	UpdatedAt time.Time // "updated_at"; the zero time is absent

	Kind            Kind   // "kind"; empty is absent
	TargetURL       string // "target_url"; may itself be a credential, see Webhook.String
	TargetSecretSet bool   // "target_secret_set"; the secret itself is never part of the model
	Description     string // "description"
	Enabled         bool   // "enabled"; absent in JSON: true

	// Events is "events": the types of the events that may fire the webhook. Empty
	// means none.
	Events []EventType
	// ProjectNamesFilter is "project_names_filter": wildcard patterns of project
	// names, compared without case. Empty means every project.
	ProjectNamesFilter []string
	// EnvironmentTypesFilter is "environment_types_filter": the environment
	// modes that may fire the webhook. Empty means every mode.
	EnvironmentTypesFilter []EnvironmentMode

	// wire records which optional fields were present in the JSON that the webhook was
	// decoded from. It is zero for a webhook made in Go.
	wire presence
}
