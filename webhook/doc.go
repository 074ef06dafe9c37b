// Package webhook is the domain model: an organization's webhook as the public
// API documents it, and the deployment events that may fire it.
//
// A [Webhook] is decoded from and encoded to the documented JSON of
// GET /organization/{organizationId}/webhook/{webhookId}, and [DecodeList] decodes the
// list of an organization's webhooks. Package filter defines which events fire a webhook.
//
// Decoding and validation report every problem of a webhook, not only the first, up to
// [MaxFieldErrors]; [FieldErrors] lists them. [Webhook.Validate] is for authors of webhooks,
// and also reports kinds, event types and modes that the API does not document.
// [Webhook.ValidateFilters] is for programs that match events against webhooks, and accepts
// the event types and modes of a newer API. [Event.Validate] reports the missing fields of an
// event.
//
// The API document: https://api-doc.qovery.com/#tag/Organization-Webhook/operation/getOrganizationWebhook
package webhook
