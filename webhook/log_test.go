package webhook_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// renderings returns the texts that fmt and slog print for w, by method or format.
func renderings(w webhook.Webhook) map[string]string {
	texts := map[string]string{"String": w.String()}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		texts[format+" of a value"] = fmt.Sprintf(format, w)
		texts[format+" of a pointer"] = fmt.Sprintf(format, &w)
		texts[format+" of a slice"] = fmt.Sprintf(format, []webhook.Webhook{w})
		texts[format+" of a struct"] = fmt.Sprintf(format, struct{ W *webhook.Webhook }{&w})
	}
	for name, handler := range handlers {
		texts[name+" of a value"] = logged(handler, w)
		texts[name+" of a pointer"] = logged(handler, &w)
	}
	return texts
}

var handlers = map[string]func(io.Writer, *slog.HandlerOptions) slog.Handler{
	"TextHandler": func(out io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewTextHandler(out, o) },
	"JSONHandler": func(out io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewJSONHandler(out, o) },
}

// logged returns the line that the handler writes for v, without the time.
func logged(handler func(io.Writer, *slog.HandlerOptions) slog.Handler, v any) string {
	var b bytes.Buffer
	slog.New(handler(&b, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})).Info("fired", "webhook", v)
	return b.String()
}

func slackWebhook() webhook.Webhook {
	w := documentedWebhook()
	w.Kind = webhook.KindSlack
	w.TargetURL = "https://user:SECRET@hooks.slack.com:443/services/SECRET?token=SECRET#SECRET"
	w.Enabled = false
	w.ProjectNamesFilter = []string{"[PR]*", "日本-*"}
	w.EnvironmentTypesFilter = nil
	return w
}

func TestLogsShowTheWebhook(t *testing.T) {
	for as, text := range renderings(slackWebhook()) {
		t.Run(as, func(t *testing.T) {
			for _, part := range []string{
				"3c90c3cc-0d44-4b50-8888-8dd25736052a", "SLACK", "https://hooks.slack.com:443",
				"DEPLOYMENT_STARTED", "[PR]*", "日本-*",
			} {
				require.Contains(t, text, part)
			}
			require.NotContains(t, text, "SECRET")
			require.NotContains(t, text, "user")
			require.NotContains(t, text, "services")
			require.NotContains(t, text, "token")
		})
	}
}

// A user may have put the target URL into another field.
func TestLogsHideATargetURLInAnotherField(t *testing.T) {
	const url = "https://hooks.slack.com/services/SECRET"
	for field, w := range map[string]webhook.Webhook{
		"kind":                     {Kind: url},
		"events":                   {Events: []webhook.EventType{webhook.DeploymentStarted, url}},
		"environment_types_filter": {EnvironmentTypesFilter: []webhook.EnvironmentMode{url, webhook.Staging}},
	} {
		before := encode(t, w)
		for as, text := range renderings(w) {
			t.Run(field+" in "+as, func(t *testing.T) {
				require.Contains(t, text, "https://hooks.slack.com")
				require.NotContains(t, text, "SECRET")
			})
		}
		require.Equal(t, before, encode(t, w), "the webhook is unchanged")
	}
}

func TestLogValue(t *testing.T) {
	const want = `{"level":"INFO","msg":"fired","webhook":{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a",` +
		`"kind":"SLACK","target_url":"https://hooks.slack.com:443","description":"<string>","enabled":false,"events":["DEPLOYMENT_STARTED"],` +
		`"project_names_filter":["[PR]*","日本-*"],"environment_types_filter":null}}` + "\n"
	require.Equal(t, want, logged(handlers["JSONHandler"], slackWebhook()))
}

// A name with a slash is shown. A URL among the names is redacted.
func TestLogOfProjectNames(t *testing.T) {
	w := slackWebhook()
	w.ProjectNamesFilter = []string{"team/*", "https://user:SECRET@hooks.slack.com/services/SECRET", "see https://a.example/SECRET?", "://SECRET"}
	w.Description = "old: https://a.example/SECRET and b/c"
	for as, text := range renderings(w) {
		require.NotContains(t, text, "SECRET", as)
		require.Contains(t, text, "team/*", as)
		require.Contains(t, text, "https://hooks.slack.com", as)
		require.Contains(t, text, "see https://a.example", as)
	}
	require.Contains(t, logged(handlers["JSONHandler"], w), `"description":"old: https://a.example …"`)
	w.ProjectNamesFilter = []string{"https://a.example/SECRET" + strings.Repeat("x", 2000)}
	require.NotContains(t, w.Validate().Error(), "SECRET")
	require.Contains(t, w.Validate().Error(), `project_names_filter[0] "https://a.example": too long`)
}

func TestLogOfTheZeroWebhook(t *testing.T) {
	for as, text := range renderings(webhook.Webhook{}) {
		require.Contains(t, text, zeroID, as)
		require.NotContains(t, text, "PANIC", as)
		require.NotContains(t, text, "redacted", as)
	}
}

// A hostile value cannot start a new line in a log.
func TestLogIsOneLine(t *testing.T) {
	for field, w := range map[string]webhook.Webhook{
		"kind":                     {Kind: "a\nb"},
		"target_url":               {TargetURL: "https://a\nb/"},
		"events":                   {Events: []webhook.EventType{"a\nb"}},
		"project_names_filter":     {ProjectNamesFilter: []string{"a\nb"}},
		"environment_types_filter": {EnvironmentTypesFilter: []webhook.EnvironmentMode{"a\nb"}},
	} {
		for as, text := range renderings(w) {
			t.Run(field+" in "+as, func(t *testing.T) {
				require.NotContains(t, strings.TrimSuffix(text, "\n"), "\n")
			})
		}
	}
}
