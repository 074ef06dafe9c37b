// Package httpapi serves the lookup of one webhook,
// GET /organization/{organizationId}/webhook/{webhookId}, and the list of an
// organization's webhooks, GET /organization/{organizationId}/webhook, as the public
// API documents them. [NewHandler] makes the handler of a [Store], which has the
// webhooks, and an [Authorizer], which decides who may read them.
//
// A request is checked in this order, and the first check that fails is its
// answer:
//
//	the path     404  another path than an operation's
//	the method   405  neither GET nor HEAD
//	the token    401  not exactly one Authorization header, Bearer or Token, well-formed
//	the ids      400  not a UUID in its canonical 36-character form
//	the caller   401  [ErrUnauthenticated], 403 [ErrForbidden], 503 [ErrUnavailable] or a deadline, of the Authorizer
//	the webhooks 503  [ErrUnavailable] or a deadline, 404 [ErrNotFound] or a list that is unsupported, of the Store
//
// So a caller without credentials learns nothing about what exists. Any other
// error of the Store or the Authorizer is 503 if the request's own context has
// ended, and else 500; a panic of either is 500. All of these carry the API's error
// body, {"status":404,"error":"Not Found","message":"Resource not found"}.
// HEAD is answered as GET, without the body.
//
// Other requests never reach the handler, and their answers lack that body. net/http
// refuses by itself, in plain text: 400 what is no HTTP, 431 a header beyond the
// server's limit, 501 a Transfer-Encoding that it does not know, 505 another version
// of HTTP; and 417, without any body, an Expect that it does not know. It answers OPTIONS * unless [http.Server] has
// DisableGeneralOptionsHandler. An [http.ServeMux] redirects a path with //, and refuses
// what a narrower pattern or one with a method leaves out.
//
// A kind, event type or environment mode that the API does not document is passed
// through: a newer API may have added it. Clients that were generated from the document
// with closed enums, the vendor's for Go among them, fail to decode such a webhook, and
// the whole list that it is in.
//
// [OpenAPI] describes the operations; the public API's document is
// https://api-doc.qovery.com/#tag/Organization-Webhook/operation/getOrganizationWebhook
package httpapi
