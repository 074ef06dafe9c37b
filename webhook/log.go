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

// String returns one line with the id, kind, target URL, enabled and the three filter lists.
// It shows only the scheme and host of the target URL, since chat services put the token in
// the path. It redacts a value of another field in the same way if it looks like a URL: a
// kind, event type or mode with a slash, or an entry of ProjectNamesFilter with "://" in it.
// The verbs %v, %+v, %#v, %s and %q of fmt print this line.
func (w Webhook) String() string {
	return fmt.Sprintf("webhook %s kind=%q target=%q enabled=%t events=%q project_names_filter=%q environment_types_filter=%q",
		w.ID, redactValue(string(w.Kind)), redactURL(w.TargetURL), w.Enabled,
		redactAll(w.Events, redactValue), redactAll(w.ProjectNamesFilter, redactText), redactAll(w.EnvironmentTypesFilter, redactValue))
}

// GoString returns w.String(), so that %#v shows no secret.
func (w Webhook) GoString() string { return w.String() }

// LogValue implements [slog.LogValuer]. It returns a group with the fields that
// [Webhook.String] shows and the description, under their JSON names. It redacts URLs like
// [Webhook.String], also in the description. slog does not call LogValue for webhooks in a
// slice or a map: its JSON handler encodes them with the whole URL.
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

// redactText returns text up to its first URL, and the scheme and host of that URL. It drops
// the rest of text, which may belong to the URL. A slash without "://" does not make a URL:
// project names may contain one.
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

// redactURL returns the part of a target URL that may be shown: its scheme and host.
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

// isHost reports whether u has a host that is safe to show: an IP address, or a name of
// letters, digits, hyphens, dots and underscores. url.Parse accepts more, such as the host
// example.com;token.
func isHost(u *url.URL) bool {
	host := u.Hostname()
	if strings.HasPrefix(u.Host, "[") {
		_, err := netip.ParseAddr(host)
		return err == nil
	}
	invalid := func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !strings.ContainsRune("-._", r)
	}
	return host != "" && len(host) <= maxHost && !strings.ContainsFunc(host, invalid)
}

// maxHost is the maximum length of a host name in bytes (RFC 1035).
const maxHost = 255
