package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// The world is a small example of everything that a store can return: two organizations, and a
// webhook for each kind of result.
var (
	mine        = uuid.MustParse("aaaaaaaa-0000-4000-8000-00000000000a")
	theirs      = uuid.MustParse("bbbbbbbb-0000-4000-8000-00000000000b")
	present     = uuid.MustParse("00000000-0000-4000-8000-000000000001") // in both organizations
	misplaced   = uuid.MustParse("00000000-0000-4000-8000-000000000002") // the store returns another webhook, which belongs to theirs
	failing     = uuid.MustParse("00000000-0000-4000-8000-000000000003")
	panicking   = uuid.MustParse("00000000-0000-4000-8000-000000000004")
	unavailable = uuid.MustParse("00000000-0000-4000-8000-000000000005")
	nilResult   = uuid.MustParse("00000000-0000-4000-8000-000000000006") // neither webhook nor error
	missing     = uuid.MustParse("00000000-0000-4000-8000-000000000007")
	worldIDs    = []uuid.UUID{present, misplaced, failing, panicking, unavailable, nilResult, missing}
)

const (
	myToken     = "tok-mine0123456789"
	theirToken  = "tok-theirs/+012345="
	brokenToken = "tok-broken01234567" // the authorizer fails on it
	theirData   = "their-data"
	internal    = "internal-detail"
)

type world struct{}

// Webhooks returns the one webhook that the organization has.
func (w world) Webhooks(ctx context.Context, organizationID uuid.UUID) ([]*webhook.Webhook, error) {
	one, err := w.Webhook(ctx, organizationID, present)
	return []*webhook.Webhook{one}, err
}

func (world) Webhook(_ context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
	their := hook(present)
	their.Description = theirData
	switch webhookID {
	case present:
		if organizationID == theirs {
			return their, nil
		}
		return hook(present), nil
	case misplaced:
		return their, nil
	case failing:
		return nil, errors.New(internal + " at " + hook(present).TargetURL)
	case panicking:
		panic(fmt.Sprint(internal, " at ", hook(present).TargetURL))
	case unavailable:
		return nil, fmt.Errorf("%s: %w", internal, httpapi.ErrUnavailable)
	case nilResult:
		return nil, nil
	}
	return nil, fmt.Errorf("%s: %w", internal, httpapi.ErrNotFound)
}

// worldAuthorizer quotes the token in every error.
func worldAuthorizer(_ context.Context, c httpapi.Credential, organizationID uuid.UUID) error {
	switch token := c.Token; {
	case token == brokenToken:
		return errors.New(internal + " of " + token)
	case token != myToken && token != theirToken:
		return fmt.Errorf("%s of %s: %w", internal, token, httpapi.ErrUnauthenticated)
	case token == myToken && organizationID != mine, token == theirToken && organizationID != theirs:
		return fmt.Errorf("%s of %s: %w", internal, token, httpapi.ErrForbidden)
	}
	return nil
}

var (
	routePattern = regexp.MustCompile(`^/?organization/([^/]+)/webhook(?:/([^/]+))?$`)
	idPattern    = regexp.MustCompile(`^(?i:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})$`)
	tokenPattern = regexp.MustCompile(`^(?:[bB][eE][aA][rR][eE][rR]|[tT][oO][kK][eE][nN]) +([-A-Za-z0-9._~+/]+=*)$`)
)

// expectedStatus is an oracle that computes the status of r with regular expressions.
func expectedStatus(r *http.Request) int {
	ids := routePattern.FindStringSubmatch(r.URL.EscapedPath())
	if ids == nil {
		return 404
	}
	if r.Method != "GET" && r.Method != "HEAD" {
		return 405
	}
	if len(r.Header["Authorization"]) != 1 {
		return 401
	}
	sent := tokenPattern.FindStringSubmatch(r.Header["Authorization"][0])
	if sent == nil || len(sent[1]) > 8192 {
		return 401
	}
	list := ids[2] == ""
	if !idPattern.MatchString(ids[1]) || !list && !idPattern.MatchString(ids[2]) {
		return 400
	}
	owned := map[string]uuid.UUID{myToken: mine, theirToken: theirs}
	organization, known := owned[sent[1]]
	switch {
	case sent[1] == brokenToken:
		return 500
	case !known:
		return 401
	case !strings.EqualFold(organization.String(), ids[1]):
		return 403
	}
	switch strings.ToLower(ids[2]) {
	case present.String(), "":
		return 200
	case unavailable.String():
		return 503
	case failing.String(), panicking.String(), nilResult.String():
		return 500
	}
	return 404
}

var runPattern = regexp.MustCompile(`[0-9A-Za-z]{12,}`)

// tokensOf returns the tokens of the world, and the runs of at least 12 letters and digits in the
// Authorization headers of r. Quoting does not change such a run. Runs without a digit, an upper case or a
// lower case letter are omitted, since a response or the log may contain them by chance.
func tokensOf(r *http.Request) []string {
	tokens := []string{myToken, theirToken, brokenToken}
	for _, run := range runPattern.FindAllString(fmt.Sprint(r.Header["Authorization"]), -1) {
		if strings.ToLower(run) != run && strings.ToUpper(run) != run && strings.ContainsAny(run, "0123456789") {
			tokens = append(tokens, run)
		}
	}
	return tokens
}

// checkWorld serves r, and returns an error if the status or the form of the response is wrong, or if
// it or the log contains a secret.
func checkWorld(r *http.Request) (status int, err error) {
	var log logged
	got := serve(httpapi.NewHandler(world{}, httpapi.AuthorizerFunc(worldAuthorizer), log.logger()), r)
	want := expectedStatus(r)
	if got.Code != want {
		return got.Code, fmt.Errorf("status: got %d, want %d", got.Code, want)
	}
	if err := checkResponse(r.Method, got.Code, got.Header(), got.Body.String()); err != nil {
		return got.Code, err
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		return got.Code, fmt.Errorf("log: got %d lines, want 1", n)
	}
	response := fmt.Sprint(got.Header(), got.Body)
	if strings.Contains(response, internal) {
		return got.Code, fmt.Errorf("internal text in the response %s", response)
	}
	owner := len(r.Header["Authorization"]) == 1 && strings.HasSuffix(r.Header["Authorization"][0], theirToken)
	if strings.Contains(response, theirData) && !owner {
		return got.Code, fmt.Errorf("another organization's data in the response %s", response)
	}
	for _, secret := range tokensOf(r) {
		if strings.Contains(log.String()+response, secret) {
			return got.Code, fmt.Errorf("%q in the log %s or the response %s", secret, log.String(), response)
		}
	}
	for _, secret := range []string{targetPath, theirData} {
		if strings.Contains(log.String(), secret) {
			return got.Code, fmt.Errorf("%q in the log %s", secret, log.String())
		}
	}
	return got.Code, nil
}
