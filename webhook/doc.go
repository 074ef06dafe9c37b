// Package webhook is the domain model: an organization's webhook as the public
// API documents it, and the deployment events that may fire it.
//
// A [Webhook] decodes from and encodes to exactly the documented JSON of
// GET /organization/{organizationId}/webhook/{webhookId}, and [DecodeList] decodes
// the list of an organization's. One made in Go is disabled until Enabled is set.
//
// What is wrong is reported every fault at once, and [FieldErrors] lists them:
// [Webhook.Validate] is for those who write webhooks, and names all that the API
// would not take; [Webhook.ValidateFilters] is for those who judge by them, and lets a
// newer API's event types and modes pass; [Event.Validate] says what an event lacks.
// What the filters mean is the business of package filter.
//
// The API document: https://api-doc.qovery.com/#tag/Organization-Webhook/operation/getOrganizationWebhook
package webhook
