package main

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestReload(t *testing.T) {
	dir := folder(t, map[string]string{acme: list("old"), other: list("old")})
	p := start(t, "-webhooks", dir)
	defer p.end()
	descriptions := func() (both [2]string) {
		for i, organization := range []string{acme, other} {
			url := strings.Replace(p.url, acme, organization, 1)
			_, body := get(t, "GET", url, p.header)
			both[i], _ = object(t, body)["description"].(string)
		}
		return both
	}
	require.Equal(t, [2]string{"old", "old"}, descriptions())

	write(t, filepath.Join(dir, acme+".json"), list("new"))
	require.Equal(t, [2]string{"old", "old"}, descriptions(), "not before the signal")
	kill(t, syscall.SIGHUP)
	p.until(p.stderr, `msg=reloaded have="2 webhooks of 2 organizations"`)
	require.Equal(t, [2]string{"new", "old"}, descriptions())

	for name, bad := range map[string]string{
		"not JSON":                `{"results":[`,
		"no list":                 `{}`,
		"a list twice":            `{"results":[],"results":[]}`,
		"results in another case": strings.Replace(list("newer"), `"results"`, `"Results"`, 1),
	} {
		write(t, filepath.Join(dir, acme+".json"), list("newer"))
		write(t, filepath.Join(dir, other+".json"), bad)
		kill(t, syscall.SIGHUP)
		reported := p.until(p.stderr, `level=ERROR msg="not reloaded: the previous state stays" have="2 webhooks of 2 organizations" error=`)
		require.Contains(t, reported, other+".json", name)
		require.Equal(t, [2]string{"new", "old"}, descriptions(), name)
	}

	// An invalid version replaces the valid one before it, and affects no other webhook.
	for name, invalid := range map[string]string{
		"undecodable":                strings.Replace(list("newest"), `"description"`, `"events":5,"description"`, 1),
		"repeated":                   strings.Replace(list("newest"), `"description"`, `"events":[],"events":[],"description"`, 1),
		"misspelled":                 strings.Replace(list("newest"), `"description"`, `"Events":[],"description"`, 1),
		"empty entry":                strings.Replace(list("newest"), `"description"`, `"project_names_filter":[""],"description"`, 1),
		"the last of two is invalid": twice(list("newest"), strings.Replace(list("newest"), `"description"`, `"kind":5,"description"`, 1)),
	} {
		write(t, filepath.Join(dir, other+".json"), list("valid"))
		kill(t, syscall.SIGHUP)
		p.until(p.stderr, `msg=reloaded have="2 webhooks of 2 organizations"`)
		require.Equal(t, [2]string{"newer", "valid"}, descriptions(), name)
		write(t, filepath.Join(dir, other+".json"), invalid)
		kill(t, syscall.SIGHUP)
		require.Contains(t, p.until(p.stderr, `msg="not served"`), other+".json", name)
		p.until(p.stderr, `msg=reloaded have="1 webhooks of 2 organizations"`)
		require.Equal(t, [2]string{"newer", ""}, descriptions(), name)
	}
}

// TestReloadParts: the folder and the file of tokens are reloaded independently.
func TestReloadParts(t *testing.T) {
	dir := folder(t, map[string]string{acme: list("old")})
	tokens := filepath.Join(t.TempDir(), "tokens.json")
	write(t, tokens, `{"tok-old":["`+acme+`"]}`)
	p := start(t, "-webhooks", dir, "-tokens", tokens)
	defer p.end()
	answer := func(token string) (status int, description string) {
		status, body := get(t, "GET", p.url, "Authorization: Token "+token)
		description, _ = object(t, body)["description"].(string)
		return status, description
	}
	const failed = `level=ERROR msg="not reloaded: the previous state stays" have=`
	for _, c := range []struct {
		name, tokens, webhooks string
		logged                 [2]string // about the folder, and about the tokens
		old, new               int       // status by token
		description            string
	}{
		{"both", `{"tok-new":["` + acme + `"],"tok-x":[]}`, list("second"),
			[2]string{`msg=reloaded have="1 webhooks of 1 organizations"`, `msg=reloaded have="2 tokens of ` + tokens + `"`}, 401, 200, "second"},
		{"unreadable tokens", `{"tok-old":["` + acme + `"]`, list("third"),
			[2]string{`msg=reloaded have="1 webhooks of 1 organizations"`, failed + `"2 tokens of ` + tokens + `" error="` + tokens + `: not a JSON object from token`}, 401, 200, "third"},
		{"unreadable folder", `{"tok-old":["` + acme + `"]}`, `{"results":[`,
			[2]string{failed + `"1 webhooks of 1 organizations" error="` + filepath.Join(dir, acme+".json") + `:1: invalid format`, `msg=reloaded have="1 tokens of ` + tokens + `"`}, 200, 401, "third"},
	} {
		write(t, tokens, c.tokens)
		write(t, filepath.Join(dir, acme+".json"), c.webhooks)
		kill(t, syscall.SIGHUP)
		for _, line := range c.logged {
			require.NotContains(t, p.until(p.stderr, line), "tok-", c.name)
		}
		for token, want := range map[string]int{"tok-old": c.old, "tok-new": c.new} {
			status, description := answer(token)
			require.Equal(t, want, status, "%s: %s", c.name, token)
			if status == 200 {
				require.Equal(t, c.description, description, c.name)
			}
		}
	}
}

// twice returns a list of the webhooks of two lists.
func twice(a, b string) string {
	return strings.TrimSuffix(a, "]}") + "," + strings.TrimPrefix(b, `{"results":[`)
}

// TestReplaceIsAtomic: a request during a replace sees either the old webhooks or the new.
func TestReplaceIsAtomic(t *testing.T) {
	ids := []uuid.UUID{uuid.MustParse(acme), uuid.MustParse(other)}
	all := func(description string) (organizations []webhookdir.Organization) {
		for _, id := range ids {
			w := &webhook.Webhook{ID: uuid.MustParse(first), Description: description}
			organizations = append(organizations, webhookdir.Organization{ID: id, Webhooks: []*webhook.Webhook{w}})
		}
		return organizations
	}
	before, after := all("old"), all("new")
	h := hooks{logger: slog.New(slog.DiscardHandler)}
	h.replace(before)
	var readers sync.WaitGroup
	var ended atomic.Bool
	problems := make(chan string, len(ids))
	for _, id := range ids {
		readers.Go(func() {
			for !ended.Load() {
				w, err := h.Webhook(t.Context(), id, uuid.MustParse(first))
				if err != nil || w.Description != "old" && w.Description != "new" {
					problems <- fmt.Sprint(id, ": ", w, ", ", err)
					return
				}
			}
		})
	}
	for range 20_000 {
		h.replace(after)
		h.replace(before)
	}
	ended.Store(true)
	readers.Wait()
	require.Empty(t, problems)
}

// TestInvalidWebhooksAtStart: an invalid webhook is reported, and the others are served.
func TestInvalidWebhooksAtStart(t *testing.T) {
	empty := strings.Replace(list("empty"), `"description"`, `"events":[""],"description"`, 1)
	dir := folder(t, map[string]string{other: empty, acme: strings.Replace(list("good"), `[`, `[17,`, 1)})
	p := start(t, "-webhooks", dir)
	p.until(p.stderr, acme+".json:1: results[0]")
	require.Contains(t, p.until(p.stderr, other+".json"), "events[0]: empty")
	status, body := get(t, "GET", p.url, p.header)
	require.Equal(t, 200, status)
	require.Contains(t, body, "good")
	status, _ = get(t, "GET", strings.Replace(p.url, acme, other, 1), p.header)
	require.Equal(t, 404, status)
	status, body = get(t, "GET", strings.Replace(p.list, acme, other, 1), p.header)
	require.Equal(t, 200, status)
	require.Equal(t, `{"results":[]}`, body)
	p.end()
}

// TestUnreadableFileAtStart: the server does not start.
func TestUnreadableFileAtStart(t *testing.T) {
	dir := folder(t, map[string]string{other: "{", acme: list("good")})
	err := run(t.Context(), []string{"-webhooks", dir, "-addr", "127.0.0.1:0"}, io.Discard, io.Discard)
	require.ErrorContains(t, err, other+".json:1: invalid format: not JSON: unexpected end")
}

// TestUnknownValues: undocumented values, which a newer API may have added, are reported
// and served.
func TestUnknownValues(t *testing.T) {
	newer := strings.Replace(list("newer"), `"description"`, `"kind":"TEAMS","events":["DEPLOYMENT_FAILED","DEPLOYMENT_QUEUED"],"description"`, 1)
	dir := folder(t, map[string]string{acme: newer, other: list("")})
	p := start(t, "-webhooks", dir)
	require.Contains(t, p.printed, "2 webhooks of 2 organizations")
	reported := p.until(p.stderr, "served unchanged")
	require.Contains(t, reported, acme+".json webhook="+first)
	require.Contains(t, reported, `kind \"TEAMS\": unknown value; events[0] \"DEPLOYMENT_FAILED\": unknown value, did you mean DEPLOYMENT_FAILURE?; events[1]`)
	status, body := get(t, "GET", p.url, p.header)
	require.Equal(t, 200, status)
	require.Contains(t, body, `"events":["DEPLOYMENT_FAILED","DEPLOYMENT_QUEUED"]`)
	kill(t, syscall.SIGHUP)
	require.Contains(t, p.until(p.stderr, "served unchanged"), "TEAMS")
	p.until(p.stderr, "msg=reloaded")
	p.end()
	require.NotContains(t, p.printed, other+".json webhook=", "the webhook is valid")
}

// TestNoCreatedAt: a webhook without created_at, which the API requires, is reported and
// served without an invented one.
func TestNoCreatedAt(t *testing.T) {
	without := strings.Replace(list("dateless"), `"created_at":"2023-11-07T05:31:56Z",`, "", 1)
	p := start(t, "-webhooks", folder(t, map[string]string{other: without, acme: list("")}))
	require.Contains(t, p.until(p.stderr, "served unchanged"), "created_at: required")
	status, body := get(t, "GET", strings.Replace(p.url, acme, other, 1), p.header)
	require.Equal(t, 200, status, body)
	require.NotContains(t, body, "created_at")
	p.end()
}
