// Package httpapi serves the lookup of one webhook,
// GET /organization/{organizationId}/webhook/{webhookId}, as the public API
// documents it. [NewHandler] makes the handler of a [Store], which has the
// webhooks, and an [Authorizer], which says who may read them.
//
// A request is checked in this order, and the first check that fails is its
// answer:
//
//	the path     404  another path than the operation's
//	the method   405  neither GET nor HEAD
//	the token    401  not exactly one well-formed bearer token
//	the ids      400  not a UUID in its canonical 36-character form
//	the caller   401  [ErrUnauthenticated], 403 [ErrForbidden]; the Authorizer's word
//	the webhook  503  [ErrUnavailable] or a deadline, 404 [ErrNotFound]; the Store's word
//
// So a caller without credentials learns nothing about what exists. Any other
// error of the Store or the Authorizer is 503 if the request's own time has run
// out, and else 500; a panic of either is 500. All of these carry the API's error
// body, {"status":404,"error":"Not Found","message":"Resource not found"}.
// HEAD is answered as GET, without the body.
//
// testdata/openapi.yaml describes the operation, and the public API's document
// is https://api-doc.qovery.com/#tag/Organization-Webhook/operation/getOrganizationWebhook
package httpapi
