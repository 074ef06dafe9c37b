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

// String returns a line for people: id, kind, target, and the three filter lists. Of the
// target URL it shows the scheme and the host only, since chat services put the token in the
// path, and so of a value in another field that looks like a URL: a kind, event type or mode
// with a slash, and an entry of ProjectNamesFilter with "://" in it. The verbs %v, %+v, %#v,
// %s and %q of fmt print the same.
func (w Webhook) String() string {
	return fmt.Sprintf("webhook %s kind=%q target=%q enabled=%t events=%q project_names_filter=%q environment_types_filter=%q",
		w.ID, redactValue(string(w.Kind)), redactURL(w.TargetURL), w.Enabled,
		redactAll(w.Events, redactValue), redactAll(w.ProjectNamesFilter, redactText), redactAll(w.EnvironmentTypesFilter, redactValue))
}

// GoString is String.
func (w Webhook) GoString() string { return w.String() }

// LogValue implements [slog.LogValuer] with the JSON names of the fields. URLs are reduced as
// in [Webhook.String], also in the description. slog does not call it for webhooks in a slice
// or a map: its JSON handler encodes them with the whole URL.
func (w Webhook) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", w.ID.String()),
		slog.String("kind", redactValue(string(w.Kind))),
		slog.String("target_url", redactURL(w.TargetURL)),
		slog.String("description", redactText(w.Description)),
		slog.Bool("enabled", w.Enabled),
		slog.Any("events", redactAll(w.Events, redactValue)),
		slog.Any("project_names_filter", redactAll(w.ProjectNamesFilter, redactText)),
		slog.Any("environment_types_filter", redactAll(w.EnvironmentTypesFilter, redactValue)),
	)
}

// redactAll returns a list with each element redacted, and nil for nil.
func redactAll[S ~string](list []S, redact func(string) string) []S {
	shown := slices.Clone(list)
	for i, v := range shown {
		shown[i] = S(redact(string(v)))
	}
	return shown
}

// redactText returns text up to its first URL, and of that the scheme and the host. What
// follows may be the rest of the URL. A slash without "://" is shown: project names have some.
func redactText(text string) string {
	at := strings.Index(text, "://")
	if at < 0 {
		return text
	}
	start := strings.LastIndexByte(text[:at], ' ') + 1
	url, _, more := strings.Cut(text[start:], " ")
	if more {
		return text[:start] + redactURL(url) + " …"
	}
	return text[:start] + redactURL(url)
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
