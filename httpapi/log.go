package httpapi

import (
	"context"
	"errors"
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
func (h *handler) log(r *http.Request, q request, a answer, duration time.Duration) {
	level, cause := slog.LevelInfo, "reason"
	// That a client went away is no error.
	gone := errors.Is(r.Context().Err(), context.Canceled)
	if a.stack != nil || a.status >= http.StatusInternalServerError && !gone {
		level, cause = slog.LevelError, "error"
	}
	if !h.logger.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{slog.String("method", r.Method[:min(len(r.Method), maxMethod)])}
	if q.route != "" {
		attrs = append(attrs, slog.String("route", q.route))
	}
	if q.organizationID.Valid {
		attrs = append(attrs, slog.String("organization_id", q.organizationID.UUID.String()))
	}
	if q.webhookID.Valid {
		attrs = append(attrs, slog.String("webhook_id", q.webhookID.UUID.String()))
	}
	attrs = append(attrs, slog.Int("status", a.status), slog.Duration("duration", duration))
	if a.cause != nil {
		attrs = append(attrs, slog.String(cause, redact(text(a.cause), q.credential.Token)))
	}
	if a.stack != nil {
		// It has names and numbers, and of values addresses alone.
		attrs = append(attrs, slog.String("stack", string(a.stack)))
	}
	h.logger.LogAttrs(r.Context(), level, "webhook lookup", attrs...)
}

// text is fmt's text of an error or a panic's value, whose own methods may panic.
func text(v any) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("%T, whose text panics", v)
		}
	}()
	return fmt.Sprint(v)
}

// urlInText finds a URL: its scheme, then its host and what ends the URL, or
// neither if anything stands where it should not, so that what is taken for the
// host might be a secret.
var urlInText = regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]*(?::|%3a)(?:\\?/|%2f){1,2})` +
	`(?:(?:[^\s"/?#\\@]*@)?((?:\[[0-9a-f:.]+\]|[\pL\pN._-]+)(?::[0-9]+)?)(?:[/?#\\][^\s"@]*)?([:;,.)\]}'>]*(?:[\s"]|$))|[^\s"]*)`)

// lowerEscapes has the characters of a token that a URL escapes.
var lowerEscapes = strings.NewReplacer("%2B", "%2b", "%2F", "%2f", "%3D", "%3d")

// redact cuts URLs in a text for the log after their host, since a target URL's
// path may be a credential, and then the token, which might be a piece of a URL.
func redact(text, token string) string {
	text = urlInText.ReplaceAllString(text, "$1$2$3")
	if token == "" {
		return text
	}
	var cut []string
	for _, sent := range []string{token, url.QueryEscape(token), url.PathEscape(token)} {
		cut = append(cut, sent, "[token]", lowerEscapes.Replace(sent), "[token]")
	}
	return strings.NewReplacer(cut...).Replace(text)
}
