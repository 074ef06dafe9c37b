package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// maxMethod is how much of a method is logged, in bytes: the client chose it.
const maxMethod = 20

// log writes the line of one request.
func (h *handler) log(r *http.Request, l lookup, a answer, duration time.Duration) {
	level, cause := slog.LevelInfo, "reason"
	if a.status >= http.StatusInternalServerError || a.stack != nil {
		level, cause = slog.LevelError, "error"
	}
	if !h.logger.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{slog.String("method", r.Method[:min(len(r.Method), maxMethod)])}
	if l.routed {
		attrs = append(attrs, slog.String("route", route))
	}
	if l.organizationID.Valid {
		attrs = append(attrs, slog.String("organization_id", l.organizationID.UUID.String()))
	}
	if l.webhookID.Valid {
		attrs = append(attrs, slog.String("webhook_id", l.webhookID.UUID.String()))
	}
	attrs = append(attrs, slog.Int("status", a.status), slog.Duration("duration", duration))
	if a.cause != nil {
		attrs = append(attrs, slog.String(cause, redact(fmt.Sprint(a.cause), l.token)))
	}
	if a.stack != nil {
		// It has names and numbers, and of values addresses alone.
		attrs = append(attrs, slog.String("stack", string(a.stack)))
	}
	h.logger.LogAttrs(r.Context(), level, "webhook lookup", attrs...)
}

// urlInText finds a URL: its scheme, user and password, host, and the rest.
var urlInText = regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]*://)(?:[^\s"/?#\\]*@)?([^\s"/?#\\]*)[^\s"]*`)

// redact cuts URLs in a text for the log after their host, since a target URL's
// path may be a credential, and then the token, which might be a piece of a URL.
func redact(text, token string) string {
	text = urlInText.ReplaceAllString(text, "$1$2")
	if token == "" {
		return text
	}
	return strings.NewReplacer(token, "[token]", url.QueryEscape(token), "[token]").Replace(text)
}
