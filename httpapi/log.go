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

// Limits on the logged method and path, since the client chooses them.
const (
	maxMethod   = 20 // bytes
	maxSegments = 10
)

func (h *handler) log(r *http.Request, q request, res response, duration time.Duration) {
	level, cause := slog.LevelInfo, "reason"
	canceled := errors.Is(r.Context().Err(), context.Canceled) // by the client, which is not an error
	if res.stack != nil || res.status >= http.StatusInternalServerError && !canceled {
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
	attrs = append(attrs, slog.Int("status", res.status), slog.Duration("duration", duration))
	if res.cause != nil {
		attrs = append(attrs, slog.String(cause, redact(text(res.cause), q.credential.Token)))
	}
	if res.stack != nil {
		// A stack shows a string only as its address and length.
		attrs = append(attrs, slog.String("stack", string(res.stack)))
	}
	h.logger.LogAttrs(r.Context(), level, "webhook lookup", attrs...)
}

// text formats an error or the value of a panic, whose methods may panic.
func text(v any) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("%T (formatting it panicked)", v)
		}
	}()
	return fmt.Sprint(v)
}

// shownPath returns the path to log for a request without a route. It keeps the words
// "organization" and "webhook" and the ids after them, and replaces every other segment,
// which may be a secret, by "…": /api/organization/<id>/webhook becomes
// /…/organization/<id>/webhook.
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

// redact returns a text to log. It replaces every word that contains the token of the request, or one
// of the characters / \ % @, since a URL with a path, a password or an escape has one of them.
func redact(text, token string) string {
	words := strings.Fields(text)
	for i, word := range words {
		if strings.ContainsAny(word, `/\%@`) || token != "" && strings.Contains(word, token) {
			words[i] = "[redacted]"
		}
	}
	return strings.Join(words, " ")
}
