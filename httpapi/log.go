package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// How much of a method, in bytes, and of a path is logged: the client chose them.
const (
	maxMethod   = 20
	maxSegments = 10
)

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
	} else {
		attrs = append(attrs, slog.String("path", shownPath(r.URL.EscapedPath())))
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

// shownPath is a path that is no operation's, with "…" for each segment that may be a
// secret, and for all that follows after some: of /api/organization/<id>/webhook it
// leaves /…/organization/<id>/webhook.
func shownPath(path string) string {
	segments := strings.SplitN(path, "/", maxSegments)
	previous := ""
	for i, s := range segments {
		known := s == "organization" || s == "webhook"
		isID := parseID(s).Valid && (previous == "organization" || previous == "webhook")
		if s != "" && !known && !isID {
			segments[i] = "…"
		}
		previous = s
	}
	return strings.Join(segments, "/")
}

// redact keeps the token of the request, and what of a URL may be a credential, out
// of a text for the log: every word that has the token, or a character without which
// there is no path, no password and no escape.
func redact(text, token string) string {
	words := strings.Fields(text)
	for i, word := range words {
		if strings.ContainsAny(word, `/\%@`) || token != "" && strings.Contains(word, token) {
			words[i] = "[redacted]"
		}
	}
	return strings.Join(words, " ")
}
