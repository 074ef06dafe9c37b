package webhook

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// String returns a line for people: id, kind, target, and the three filter
// lists. Of the target URL, and of what looks like one in the kind, an event type or a
// mode, it shows scheme and host only, since chat services put the token in the path;
// so do the verbs %v, %+v, %#v, %s and %q of fmt.
func (w Webhook) String() string {
	return fmt.Sprintf("webhook %s kind=%q target=%q enabled=%t events=%q project_names_filter=%q environment_types_filter=%q",
		w.ID, redactValue(string(w.Kind)), redactURL(w.TargetURL), w.Enabled,
		redactValues(w.Events), w.ProjectNamesFilter, redactValues(w.EnvironmentTypesFilter))
}

// GoString is String.
func (w Webhook) GoString() string { return w.String() }

// LogValue implements [slog.LogValuer] with the JSON names of the fields, the
// URLs reduced as in [Webhook.String]. It is not asked about webhooks in a
// slice or a map: slog's JSON handler encodes those, with the whole URL.
func (w Webhook) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", w.ID.String()),
		slog.String("kind", redactValue(string(w.Kind))),
		slog.String("target_url", redactURL(w.TargetURL)),
		slog.Bool("enabled", w.Enabled),
		slog.Any("events", redactValues(w.Events)),
		slog.Any("project_names_filter", w.ProjectNamesFilter),
		slog.Any("environment_types_filter", redactValues(w.EnvironmentTypesFilter)),
	)
}

// redactValues returns a list, nil for nil, with what redactValue shows of each element.
func redactValues[S ~string](list []S) []S {
	shown := slices.Clone(list)
	for i, v := range shown {
		shown[i] = S(redactValue(string(v)))
	}
	return shown
}

// redactURL returns what may be shown of a target URL: its scheme and host.
func redactURL(raw string) string {
	if raw == "" {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || !isHost(u) {
		return "[redacted]"
	}
	return u.Scheme + "://" + u.Host
}

// isHost reports whether u has a host that can be no secret: an IP address, or a
// name of letters, digits, hyphens, dots and underscores. The grammar of URLs takes
// more for a host, all of https://example.com;token among it.
func isHost(u *url.URL) bool {
	host := u.Hostname()
	if strings.HasPrefix(u.Host, "[") {
		_, err := netip.ParseAddr(host)
		return err == nil
	}
	odd := func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !strings.ContainsRune("-._", r)
	}
	return host != "" && len(host) <= maxHost && !strings.ContainsFunc(host, odd)
}

// maxHost is the longest name of a host, in bytes (RFC 1035).
const maxHost = 255
