package webhook

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
)

// String returns a line for people: id, kind, target, and the three filter
// lists. Of the target URL it shows scheme and host only, since chat services
// put the token in the path; so does every fmt verb that uses String.
func (w Webhook) String() string {
	return fmt.Sprintf("webhook %s kind=%q target=%q enabled=%t events=%q project_names_filter=%q environment_types_filter=%q",
		w.ID, w.Kind, redactURL(w.TargetURL), w.Enabled, w.Events, w.ProjectNamesFilter, w.EnvironmentTypesFilter)
}

// LogValue implements [slog.LogValuer] with the JSON names of the fields, the
// target URL reduced as in [Webhook.String].
func (w Webhook) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", w.ID.String()),
		slog.String("kind", string(w.Kind)),
		slog.String("target_url", redactURL(w.TargetURL)),
		slog.Bool("enabled", w.Enabled),
		slog.Any("events", w.Events),
		slog.Any("project_names_filter", w.ProjectNamesFilter),
		slog.Any("environment_types_filter", w.EnvironmentTypesFilter),
	)
}

// redactURL returns what may be shown of a target URL: its scheme and host.
func redactURL(raw string) string {
	if raw == "" {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || !isHost(u) {
		return "[redacted]"
	}
	return u.Scheme + "://" + u.Host
}

// isHost reports whether u has a host, and not one that holds what was meant to be
// a path or a query: in https://example.com;token the URL grammar makes all of it
// the host.
func isHost(u *url.URL) bool {
	return u.Hostname() != "" && !strings.ContainsAny(u.Host, "!$&'()*+,;=")
}
