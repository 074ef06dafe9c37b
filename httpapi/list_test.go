package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// stored returns a store that has the same webhooks in every organization.
func stored(webhooks ...*webhook.Webhook) listStore {
	return func(context.Context) ([]*webhook.Webhook, error) { return webhooks, nil }
}

// failingWith returns a store whose lists fail.
func failingWith(err error) listStore {
	return func(context.Context) ([]*webhook.Webhook, error) { return nil, err }
}

func TestList(t *testing.T) {
	first, second := hook(uuid.UUID{15: 1}), hook(uuid.UUID{15: 2})
	second.CreatedAt = second.CreatedAt.Add(-time.Nanosecond).In(time.FixedZone("", 3600)) // before first, in another zone
	third := hook(uuid.UUID{14: 1})                                                        // at the time of first, with a greater id
	body := func(webhooks ...*webhook.Webhook) string {
		var all []string
		for _, w := range webhooks {
			one := serve(httpapi.NewHandler(stored(w), allowAll, nil), request("GET", pathOf(organizationID, w.ID), bearer))
			require.Equal(t, 200, one.Code)
			all = append(all, one.Body.String())
		}
		return `{"results":[` + strings.Join(all, ",") + `]}`
	}
	unencodable := hook(uuid.UUID{15: 9})
	unencodable.CreatedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	failed := `{"status":500,"error":"Internal Server Error","message":"The lookup failed"}`

	for name, c := range map[string]struct {
		store httpapi.Store
		auth  error
		want  int
		body  string
	}{
		"no webhooks":                       {stored(), nil, 200, `{"results":[]}`},
		"one webhook":                       {stored(first), nil, 200, body(first)},
		"by created_at, id":                 {stored(third, first, second), nil, 200, body(second, first, third)},
		"not found":                         {failingWith(httpapi.ErrNotFound), nil, 404, `{"status":404,"error":"Not Found","message":"Resource not found"}`},
		"not found, wrapped":                {failingWith(fmt.Errorf("%w: %w", errInternal, httpapi.ErrNotFound)), nil, 404, ""},
		"unavailable":                       {failingWith(httpapi.ErrUnavailable), nil, 503, ""},
		"a deadline":                        {failingWith(context.DeadlineExceeded), nil, 503, ""},
		"not found joined with unavailable": {failingWith(errors.Join(httpapi.ErrNotFound, httpapi.ErrUnavailable)), nil, 503, ""},
		"another error":                     {failingWith(errInternal), nil, 500, failed},
		"a nil webhook":                     {stored(first, nil), nil, 500, failed},
		"cannot be encoded":                 {stored(first, unencodable), nil, 500, failed},
		"a panic":                           {listStore(func(context.Context) ([]*webhook.Webhook, error) { panic(errInternal) }), nil, 500, failed},
		"unauthenticated":                   {stored(first), httpapi.ErrUnauthenticated, 401, ""},
		"forbidden":                         {stored(first), httpapi.ErrForbidden, 403, ""},
		"unsupported, wrapped":              {failingWith(fmt.Errorf("%w: %w", errInternal, errors.ErrUnsupported)), nil, 404, ""},
		"unsupported and forbidden":         {goodStore, httpapi.ErrForbidden, 403, ""},
		"unsupported":                       {goodStore, nil, 404, `{"status":404,"error":"Not Found","message":"Resource not found"}`},
	} {
		t.Run(name, func(t *testing.T) {
			h := httpapi.NewHandler(c.store, authorizerOf(c.auth), nil)
			got := serve(h, request("GET", listPath, bearer))
			require.Equal(t, c.want, got.Code)
			require.NoError(t, checkResponse("GET", got.Code, got.Header(), got.Body.String()))
			if c.body != "" {
				require.Equal(t, c.body, got.Body.String())
			}
			head := serve(h, request("HEAD", listPath, bearer))
			require.Equal(t, c.want, head.Code)
			require.Empty(t, head.Body.String())
			require.Equal(t, got.Header(), head.Header())
		})
	}
}

// The authorizer and the store get the organization of the path. The store is called only if the
// caller may read that organization.
func TestListCallsWithOrganization(t *testing.T) {
	for _, auth := range []error{nil, httpapi.ErrForbidden} {
		var called []uuid.UUID
		store := recording(func(organization uuid.UUID) { called = append(called, organization) })
		authorizer := httpapi.AuthorizerFunc(func(_ context.Context, _ httpapi.Credential, organization uuid.UUID) error {
			called = append(called, organization)
			return auth
		})
		serve(httpapi.NewHandler(store, authorizer, nil), request("GET", listPath, bearer))
		if auth == nil {
			require.Equal(t, []uuid.UUID{organizationID, organizationID}, called)
		} else {
			require.Equal(t, []uuid.UUID{organizationID}, called)
		}
	}
}

// recording is a store without webhooks that calls the function with each organization.
type recording func(organizationID uuid.UUID)

func (f recording) Webhooks(_ context.Context, organizationID uuid.UUID) ([]*webhook.Webhook, error) {
	f(organizationID)
	return nil, nil
}

func (recording) Webhook(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) {
	return nil, errors.New("unexpected call of Webhook")
}

func TestListOrderOfChecks(t *testing.T) {
	auth, webhooks := error(httpapi.ErrForbidden), error(httpapi.ErrNotFound)
	h := httpapi.NewHandler(
		listStore(func(context.Context) ([]*webhook.Webhook, error) { return nil, webhooks }),
		httpapi.AuthorizerFunc(func(context.Context, httpapi.Credential, uuid.UUID) error { return auth }), nil)
	method, path, authorization := "POST", "/organization/1/webhooks", []string(nil)
	for _, step := range []struct {
		repair func()
		want   int
	}{
		{func() {}, 404},
		{func() { path = "/organization/1/webhook" }, 405},
		{func() { method = "GET" }, 401},
		{func() { authorization = []string{"Token abc"} }, 400},
		{func() { path = listPath }, 403},
		{func() { auth = nil }, 404},
		{func() { webhooks = nil }, 200},
	} {
		step.repair()
		got := serve(h, request(method, path, authorization...))
		require.Equal(t, step.want, got.Code, got.Body)
		require.NoError(t, checkResponse(method, got.Code, got.Header(), got.Body.String()))
	}
}

func TestListPaths(t *testing.T) {
	h := httpapi.NewHandler(stored(hook(webhookID)), allowAll, nil)
	o := organizationID.String()
	for path, want := range map[string]int{
		listPath:              200,
		listPath + "?limit=1": 200,
		strings.ToUpper(listPath[:14]) + listPath[14:]:     404,
		"/organization/" + strings.ToUpper(o) + "/webhook": 200,
		listPath + "/":                      404,
		"/" + listPath:                      404,
		"/api" + listPath:                   404,
		listPath + "s":                      404,
		"/organization//webhook":            404,
		"/organization/webhook":             404,
		"/organization/" + o:                404,
		"/organization/x/webhook":           400,
		"/organization/%2f/webhook":         400,
		"/organization/" + o + "%2fwebhook": 404,
	} {
		t.Run(path, func(t *testing.T) {
			require.Equal(t, want, serve(h, request("GET", path, bearer)).Code)
		})
	}
}

// The response is a sorted permutation of what the store returns, and the store's slice does not
// change.
func TestListIsSorted(t *testing.T) {
	parameters := gopter.DefaultTestParameters()
	parameters.MaxSize = 12
	properties := gopter.NewProperties(parameters)
	properties.Property("by created_at, then id", prop.ForAll(func(keys []uint8) string {
		webhooks := make([]*webhook.Webhook, len(keys))
		var want []string
		for i, key := range keys {
			webhooks[i] = hook(uuid.UUID{0: key % 16, 15: byte(i)})
			webhooks[i].CreatedAt = time.Unix(int64(key/16), int64(key/64))
			// As text that sorts like the times and ids.
			want = append(want, fmt.Sprintf("%s %s", webhooks[i].CreatedAt.UTC().Format("2006-01-02T15:04:05.000000000"), webhooks[i].ID))
		}
		slices.Sort(want)
		before := slices.Clone(webhooks)
		body := serve(httpapi.NewHandler(stored(webhooks...), allowAll, nil), request("GET", listPath, bearer)).Body.String()
		if !slices.Equal(before, webhooks) {
			return "the store's slice was changed"
		}
		last := 0
		for i, w := range want {
			at := strings.Index(body, w[len(w)-36:])
			if at < last {
				return fmt.Sprintf("webhook %d of %v is missing or out of order in %s", i, want, body)
			}
			last = at
		}
		if n := strings.Count(body, `"id"`); n != len(keys) {
			return fmt.Sprintf("got %d webhooks, want %d", n, len(keys))
		}
		return ""
	}, gen.SliceOf(gen.UInt8())))
	properties.TestingRun(t)
}
