package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// The test compares whole lines, except for the times.
func TestLogLine(t *testing.T) {
	const (
		one         = "/organization/{organizationId}/webhook/{webhookId}"
		list        = "/organization/{organizationId}/webhook"
		elsewhere   = "not the path of an operation; a handler below a prefix needs http.StripPrefix"
		noHeader    = "no Authorization header with the scheme Bearer or Token and a token"
		malformed   = "malformed token: want the form of RFC 6750 and at most 8 KiB"
		noCanonical = " is not a UUID in its canonical 36-character form"
	)
	o, w := organizationID.String(), webhookID.String()
	ids := map[string]any{"organization_id": o, "webhook_id": w}
	// at returns the line for a path that no operation has.
	at := func(path string) map[string]any {
		return map[string]any{"status": 404.0, "reason": elsewhere, "path": path, "route": nil, "organization_id": nil, "webhook_id": nil}
	}
	slash := func(path string) map[string]any {
		line := at(path)
		line["reason"] = "not the path of an operation, because of the trailing slash"
		return line
	}
	for name, c := range map[string]struct {
		request *http.Request
		auth    error
		store   httpapi.Store
		want    map[string]any // what differs from the usual line; nil removes an attribute
	}{
		"200":             {request("GET", goodPath, bearer), nil, goodStore, map[string]any{"status": 200.0}},
		"200 to HEAD":     {request("HEAD", goodPath, bearer), nil, goodStore, map[string]any{"status": 200.0}},
		"200 of the list": {request("GET", listPath, bearer), nil, stored(), map[string]any{"status": 200.0, "route": list, "webhook_id": nil}},
		"400": {request("GET", pathOf("x", webhookID), bearer), nil, goodStore,
			map[string]any{"status": 400.0, "organization_id": nil, "reason": "organizationId" + noCanonical}},
		"400 of the webhook id": {request("GET", pathOf(organizationID, "x"), bearer), nil, goodStore,
			map[string]any{"status": 400.0, "webhook_id": nil, "reason": "webhookId" + noCanonical}},
		"401":                      {request("GET", goodPath), nil, goodStore, map[string]any{"status": 401.0, "reason": noHeader}},
		"401 of another scheme":    {request("GET", goodPath, "Basic YTpi"), nil, goodStore, map[string]any{"status": 401.0, "reason": noHeader}},
		"401 of a malformed token": {request("GET", goodPath, "Token a b"), nil, goodStore, map[string]any{"status": 401.0, "reason": malformed}},
		"401 of two headers":       {request("GET", goodPath, bearer, bearer), nil, goodStore, map[string]any{"status": 401.0, "reason": "more than one Authorization header"}},
		"401 of the authorizer": {request("GET", goodPath, bearer), fmt.Errorf("%w: expired", httpapi.ErrUnauthenticated), goodStore,
			map[string]any{"status": 401.0, "reason": "access token invalid: expired"}},
		"403": {request("GET", goodPath, bearer), fmt.Errorf("%w: no role", httpapi.ErrForbidden), goodStore,
			map[string]any{"status": 403.0, "reason": "access forbidden: no role"}},
		"404": {request("GET", goodPath, bearer), nil, storeOf(nil, httpapi.ErrNotFound), map[string]any{"status": 404.0, "reason": "no such webhook"}},
		"404 of another webhook": {request("GET", goodPath, bearer), nil, storeOf(hook(organizationID), nil),
			map[string]any{"status": 404.0, "reason": "no such webhook: the store returned a webhook with another id"}},
		"404 of a store without a list": {request("GET", listPath, bearer), nil, goodStore,
			map[string]any{"status": 404.0, "route": list, "webhook_id": nil, "reason": "unsupported operation"}},
		"404 of another path":                   {request("GET", "/SECRET-path/"+w, bearer), nil, goodStore, at("/…/…")},
		"404 without StripPrefix":               {request("GET", "/SECRET/v1"+goodPath, bearer), nil, goodStore, at("/…/…" + goodPath)},
		"404 of the list without StripPrefix":   {request("GET", "/SECRET"+listPath, bearer), nil, stored(), at("/…" + listPath)},
		"404 of a trailing slash":               {request("GET", goodPath+"/", bearer), nil, goodStore, slash(goodPath + "/")},
		"404 of the list with a trailing slash": {request("GET", listPath+"/", bearer), nil, goodStore, slash(listPath + "/")},
		"404 of two trailing slashes":           {request("GET", goodPath+"//", bearer), nil, goodStore, slash(goodPath + "//")},
		"404 of a longer path":                  {request("GET", goodPath+"/event", bearer), nil, goodStore, at(goodPath + "/…")},
		"404 of an encoded slash":               {request("GET", "/organization%2fSECRET/"+o, bearer), nil, goodStore, at("/…/…")},
		"404 of an id elsewhere":                {request("GET", "/webhook/x/"+o, bearer), nil, goodStore, at("/webhook/…/…")},
		"404 of a long path":                    {request("GET", strings.Repeat("/SECRET", 1000), bearer), nil, goodStore, at(strings.Repeat("/…", 9))},
		"404 of no path":                        {rawRequest("GET", "", ""), nil, goodStore, at("")},
		"405":                                   {request("DELETE", goodPath, bearer), nil, goodStore, map[string]any{"status": 405.0, "method": "DELETE"}},
		"405 of a long method": {request("ABCDEFGHIJKLMNOPQRSTUVWXYZ", goodPath, bearer), nil, goodStore,
			map[string]any{"status": 405.0, "method": "ABCDEFGHIJKLMNOPQRST"}},
		"500": {request("GET", goodPath, bearer), nil, storeOf(nil, errInternal),
			map[string]any{"status": 500.0, "level": "ERROR", "error": errInternal.Error()}},
		"500 of the authorizer": {request("GET", goodPath, bearer), errInternal, goodStore,
			map[string]any{"status": 500.0, "level": "ERROR", "error": errInternal.Error()}},
		"500 of a nil result": {request("GET", goodPath, bearer), nil, storeOf(nil, nil),
			map[string]any{"status": 500.0, "level": "ERROR", "error": "the store returned neither a webhook nor an error"}},
		"500 of a nil webhook": {request("GET", listPath, bearer), nil, stored(nil),
			map[string]any{"status": 500.0, "level": "ERROR", "route": list, "webhook_id": nil, "error": "the store returned a nil webhook"}},
		"503": {request("GET", goodPath, bearer), nil, storeOf(nil, fmt.Errorf("%w: failover", httpapi.ErrUnavailable)),
			map[string]any{"status": 503.0, "level": "ERROR", "error": "unavailable: failover"}},
	} {
		t.Run(name, func(t *testing.T) {
			var log logged
			serve(httpapi.NewHandler(c.store, authorizerOf(c.auth), log.logger()), c.request)
			lines := log.lines()
			require.Len(t, lines, 1)
			line := lines[0]
			require.GreaterOrEqual(t, line["duration"], 0.0)
			delete(line, "duration")
			delete(line, "time")

			want := map[string]any{"level": "INFO", "msg": "webhook lookup", "method": c.request.Method, "route": one}
			maps.Copy(want, ids)
			maps.Copy(want, c.want)
			maps.DeleteFunc(want, func(_ string, v any) bool { return v == nil })
			require.Equal(t, want, line)
			require.NotContains(t, log.String(), "SECRET")
		})
	}
}

// unprinted is an error that must not be formatted.
type unprinted struct{ t *testing.T }

func (u unprinted) Error() string {
	u.t.Error("Error was called")
	return ""
}

func TestDisabledLogFormatsNoErrors(t *testing.T) {
	off := slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError + 1}))
	for name, logger := range map[string]*slog.Logger{"none": nil, "off": off} {
		t.Run(name, func(t *testing.T) {
			got := serve(httpapi.NewHandler(storeOf(nil, unprinted{t}), allowAll, logger), request("GET", goodPath, bearer))
			require.Equal(t, 500, got.Code)
		})
	}
}

// Errors of stores and authorizers may contain secrets, which are not logged.
func TestLogHasNoSecrets(t *testing.T) {
	type dump struct{ w webhook.Webhook } // fmt cannot call String of an unexported field
	w := hook(webhookID)
	queried, inPath := url.QueryEscape(token), url.PathEscape(token)
	require.NotEqual(t, queried, inPath)
	secrets := []string{token, queried, inPath, strings.ToLower(queried), strings.ToLower(inPath), targetPath, "SECRET", "T0USER", "T0PASSWORD"}
	for name, c := range map[string]struct {
		cause error
		want  string // in the log
	}{
		"the token":                    {fmt.Errorf("token %s is too old", token), "token [redacted] is too old"},
		"the token, quoted":            {fmt.Errorf("token %q", token), "token [redacted]"},
		"the header":                   {fmt.Errorf("%v", http.Header{"Authorization": {bearer}}), "map[Authorization:[Bearer [redacted]"},
		"the token in a form":          {errors.New("POST token=" + queried + "&x=y"), "POST [redacted]"},
		"lower case escapes":           {errors.New("token=" + strings.NewReplacer("%2B", "%2b", "%2F", "%2f", "%3D", "%3d").Replace(queried)), "[redacted]"},
		"the token in a path":          {errors.New("GET /check/" + inPath + "/x"), "GET [redacted]"},
		"the token in a URL":           {&url.Error{Op: "Get", URL: "http://idp.example/check?token=" + queried, Err: errInternal}, "Get [redacted] " + errInternal.Error()},
		"the token twice":              {errors.New(token + token), "[redacted]"},
		"the target URL":               {fmt.Errorf("row %v is odd", w.TargetURL), "row [redacted] is odd"},
		"the target URL, quoted":       {fmt.Errorf("row %q is odd", w.TargetURL), "row [redacted] is odd"},
		"a webhook's fields":           {fmt.Errorf("row %+v", dump{*w}), "Kind:SLACK [redacted] TargetSecretSet:false"},
		"another scheme":               {errors.New("FTP://T0USER:T0PASSWORD@h.example" + targetPath), "[redacted]"},
		"a password":                   {errors.New("dial https://T0USER:T0PASSWORD@h.example:80?T0SECRET"), "dial [redacted]"},
		"no scheme":                    {errors.New("dial h.example/T0SECRET x"), "dial [redacted] x"},
		"a user and no path":           {errors.New("dial T0USER:T0PASSWORD@h.example x"), "dial [redacted] x"},
		"two URLs":                     {errors.New("http://a" + targetPath + "\nhttp://b" + targetPath), "[redacted] [redacted]"},
		"no URL":                       {errors.New("dial tcp 1.2.3.4:5432: refused"), "dial tcp 1.2.3.4:5432: refused"},
		"slashes in JSON":              {errors.New(`{"url": "https:\/\/chat.example\/services\/T0SECRET", "x": 1}`), `{"url": [redacted] "x": 1}`},
		"one slash":                    {errors.New("https:/chat.example/services/T0SECRET"), "[redacted]"},
		"a semicolon":                  {errors.New("https://chat.example;T0SECRET x"), "[redacted] x"},
		"an ampersand":                 {errors.New("https://chat.example&T0SECRET x"), "[redacted] x"},
		"encoded slashes":              {errors.New("https://chat.example%2Fservices%2FT0SECRET x"), "[redacted] x"},
		"backslashes":                  {errors.New(`https:\\chat.example\T0SECRET x`), "[redacted] x"},
		"a slash in a password":        {errors.New("https://T0USER:T0/SECRET@host/x x"), "[redacted] x"},
		"a URL, encoded":               {errors.New("to=https%3A%2F%2FT0USER%3AT0PASSWORD%40chat.example%2FT0SECRET x"), "[redacted] x"},
		"a URL, encoded in lower case": {errors.New("to=https%3a%2f%2fchat.example%2fT0SECRET x"), "[redacted] x"},
	} {
		for _, how := range []string{"store", "authorizer", "forbidden", "panic"} {
			t.Run(name+" from "+how, func(t *testing.T) {
				var log logged
				store, auth := goodStore, allowAll
				switch how {
				case "store":
					store = storeOf(nil, c.cause)
				case "authorizer":
					auth = authorizerOf(c.cause)
				case "forbidden":
					auth = authorizerOf(fmt.Errorf("%w: %w", httpapi.ErrForbidden, c.cause))
				case "panic":
					store = func(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) { panic(c.cause) }
				}
				got := serve(httpapi.NewHandler(store, auth, log.logger()), request("GET", goodPath, bearer))
				line := log.lines()[0]
				texts := fmt.Sprint(line["error"], line["reason"])
				require.Contains(t, texts, c.want)
				for _, secret := range secrets {
					require.NotContains(t, log.String(), secret)
					require.NotContains(t, got.Body.String(), secret)
				}
			})
		}
	}
	t.Run("a token that is a piece of a URL", func(t *testing.T) {
		for _, token := range []string{"http", "s", "//chat.example/s", "T0SECRET"} {
			var log logged
			serve(httpapi.NewHandler(storeOf(nil, errors.New(w.TargetURL)), allowAll, log.logger()), request("GET", goodPath, "Bearer "+token))
			require.NotContains(t, log.String(), "T0SECRET")
		}
	})
}
