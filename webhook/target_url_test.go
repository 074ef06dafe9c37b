package webhook_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// Each URL contains SECRET where a credential may be. No error and no log shows it.
func TestTargetURL(t *testing.T) {
	for _, test := range []struct {
		name, url string
		valid     bool
		shown     string // in logs, and as the Value of the FieldError
	}{
		{"https", "https://hooks.slack.com/services/SECRET", true, "https://hooks.slack.com"},
		{"http", "http://example.com/SECRET", true, "http://example.com"},
		{"scheme in capitals", "HTTPS://example.com/SECRET", true, "https://example.com"},
		{"no path", "https://example.com?token=SECRET", true, "https://example.com"},
		{"fragment", "https://example.com/#SECRET", true, "https://example.com"},
		{"port", "https://example.com:8443/SECRET", true, "https://example.com:8443"},
		{"IPv4", "http://127.0.0.1/SECRET", true, "http://127.0.0.1"},
		{"IPv6", "http://[::1]:8080/SECRET", true, "http://[::1]:8080"},
		{"name outside ASCII", "https://bücher.example/SECRET", true, "https://bücher.example"},
		{"user", "https://SECRET@example.com/", true, "https://example.com"},
		{"user and password", "https://user:SECRET@example.com:443/", true, "https://example.com:443"},
		{"longest host", "https://" + strings.Repeat("a", 255) + "/SECRET", true, "https://" + strings.Repeat("a", 255)},
		{"%zz in the query", "https://example.com/?q=%zzSECRET", true, "https://example.com"},

		{"ftp", "ftp://example.com/SECRET", false, "ftp://example.com"},
		{"ftp with a password", "ftp://user:SECRET@example.com/", false, "ftp://example.com"},
		{"scheme that only begins with http", "httpx://example.com/SECRET", false, "httpx://example.com"},
		{"javascript", "javascript:alert(SECRET)", false, "[redacted]"},
		{"documented placeholder", "<string>", false, "[redacted]"},
		{"no scheme", "example.com/SECRET", false, "[redacted]"},
		{"no scheme, with a port", "example.com:443/SECRET", false, "[redacted]"},
		{"no scheme, with a user", "user:SECRET@example.com/", false, "[redacted]"},
		{"scheme relative", "//example.com/SECRET", false, "[redacted]"},
		{"relative", "/services/SECRET", false, "[redacted]"},
		{"query alone", "?SECRET", false, "[redacted]"},
		{"fragment alone", "#SECRET", false, "[redacted]"},
		{"scheme alone", "https:", false, "[redacted]"},
		{"no slashes", "https:example.com/SECRET", false, "[redacted]"},
		{"one slash", "https:/example.com/SECRET", false, "[redacted]"},
		{"three slashes", "https:///example.com/SECRET", false, "[redacted]"},
		{"no host", "https://", false, "[redacted]"},
		{"no host, with a query", "https://?SECRET", false, "[redacted]"},
		{"no host, with a user", "https://user:SECRET@/", false, "[redacted]"},
		{"port alone", "http://:80", false, "[redacted]"},
		{"port alone, with a user", "http://SECRET@:80/SECRET", false, "[redacted]"},
		{"query without a question mark", "https://hooks.slack.com&token=SECRET", false, "[redacted]"},
		{"path parameter after the host", "https://hooks.slack.com;SECRET/x", false, "[redacted]"},
		{"quote in a host", `https://example.com"SECRET`, false, "[redacted]"},
		{"angle brackets in a host", "https://example.com<SECRET>", false, "[redacted]"},
		{"two colons", "https://user:SECRET:443/x", false, "[redacted]"},
		{"encoded percent sign in a host", "https://a.b%25SECRET", false, "[redacted]"},
		{"wide slash", "https://example.com／SECRET", false, "[redacted]"},
		{"wide at sign", "https://a.b＠SECRET", false, "[redacted]"},
		{"direction override in a host", "https://example.com\u202eSECRET", false, "[redacted]"},
		{"brackets around a name", "https://[SECRET]/", false, "[redacted]"},
		{"host one byte too long", "https://" + strings.Repeat("a", 250) + "SECRET/", false, "[redacted]"},
		{"invalid port", "https://example.com:SECRET/", false, "[redacted]"},
		{"slash in a password", "https://user:SECRET/SECRET@example.com/", false, "[redacted]"},
		{"space before", " https://example.com/SECRET", false, "[redacted]"},
		{"space in the host", "https://exam ple.com/SECRET", false, "[redacted]"},
		{"newline after", "https://example.com/SECRET\n", false, "[redacted]"},
		{"control character", "https://example.com/\x00SECRET", false, "[redacted]"},
		{"delete character", "https://example.com/\x7fSECRET", false, "[redacted]"},
		{"%zz in the path", "https://example.com/%zzSECRET", false, "[redacted]"},
		{"%zz in the user", "https://%zzSECRET@example.com/", false, "[redacted]"},
		{"%2F in the host", "https://example.com%2FSECRET", false, "[redacted]"},
		{"%zz in the fragment", "https://example.com/#%zzSECRET", false, "[redacted]"},
		{"backslashes", `https:\\example.com\SECRET`, false, "[redacted]"},
		{"backslash after the host", `https://example.com\SECRET`, false, "[redacted]"},
		{"bracket left open", "https://[::1/SECRET", false, "[redacted]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := validWebhook()
			w.TargetURL = test.url
			err := w.Validate()
			if test.valid {
				requireFieldErrors(t, nil, err)
			} else {
				requireFieldErrors(t, []fieldError{{"target_url", test.shown, webhook.ErrInvalidURL}}, err)
				require.NotContains(t, err.Error(), "SECRET")
			}
			require.NoError(t, w.ValidateFilters())

			for as, text := range renderings(w) {
				require.Contains(t, text, test.shown, as)
				require.NotContains(t, text, "SECRET", as)
			}
		})
	}
}
