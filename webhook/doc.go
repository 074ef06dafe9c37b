// Package webhook is the domain model: an organization's webhook as the public
// API documents it, and the deployment events that may fire it.
//
// A [Webhook] decodes from and encodes to exactly the documented JSON of
// GET /organization/{organizationId}/webhook/{webhookId}. [Webhook.Validate]
// reports what is wrong with one, every fault at once. What its filters mean is
// the business of package filter.
//
// The API document: https://api-doc.qovery.com/#tag/Organization-Webhook/operation/getOrganizationWebhook
package webhook
