// Package httpapi serves the lookup of one webhook,
// GET /organization/{organizationId}/webhook/{webhookId}, and the list of an
// organization's webhooks, GET /organization/{organizationId}/webhook, as the public
// API documents them. [NewHandler] returns the handler for a [Store] of webhooks and an
// [Authorizer] that decides who may read them.
//
// The handler checks a request in this order. The first check that fails decides the response:
//
//	the path      404  not the path of an operation
//	the method    405  neither GET nor HEAD
//	the token     401  not exactly one Authorization header with a well-formed Bearer or Token credential
//	the ids       400  not a UUID in its canonical 36-character form
//	Authorizer    401  ErrUnauthenticated
//	              403  ErrForbidden
//	              503  ErrUnavailable or context.DeadlineExceeded
//	Store         503  ErrUnavailable or context.DeadlineExceeded
//	              404  ErrNotFound, or errors.ErrUnsupported for a list
//
// So a caller without credentials learns nothing about what exists. After any other
// error of the Store or the Authorizer the status is 503 if the request's context is
// done, and 500 otherwise; after a panic it is 500. All of these responses have the API's
// error body, {"status":404,"error":"Not Found","message":"Resource not found"}.
// HEAD gets the same response as GET, without the body.
//
// Some requests never reach the handler, and get responses without that body. net/http
// itself refuses malformed requests (400), a header beyond the server's limit (431), an
// unknown Transfer-Encoding (501) and an unsupported version of HTTP (505) in plain text,
// and an unknown Expect (417) without a body. It responds to OPTIONS * unless
// [http.Server] has DisableGeneralOptionsHandler. An [http.ServeMux] redirects paths with
// //, and itself refuses paths and methods that its patterns do not match.
//
// A kind, event type or environment mode that the API does not document is passed
// through, since a newer API may have added it. Clients that were generated from the
// document with closed enums, such as the vendor's client for Go, cannot decode such a
// webhook, nor any list that contains it.
//
// [OpenAPI] describes the operations; the public API's document is
// https://api-doc.qovery.com/#tag/Organization-Webhook/operation/getOrganizationWebhook
package httpapi
