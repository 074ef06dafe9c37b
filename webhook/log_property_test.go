package webhook_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

const marker = "S3CR3T"

// secretURL generates URLs, valid and damaged, with the marker in any of user, path, query
// and fragment. No path begins with "/"+marker: without a user and a host, "https:/" and that
// path would make "https://S3CR3T", where the marker is the host, which is not secret.
func secretURL() gopter.Gen {
	damage := gen.Weighted([]gen.WeightedGen{
		{Weight: 8, Gen: oneOf("")},
		{Weight: 1, Gen: oneOf("%zz", "%", "%2F", "\x00", "\n", "\x7f", " ", `\`, `"`, "[", "]", "\xff", "日本")},
	})
	return gopter.CombineGens(
		oneOf("https://", "https://", "https://", "http://", "HTTPS://", "ftp://", "//", "https:", "https:/", "https:///", "mailto:", ""),
		damage,
		oneOf("", "", marker+"@", "user:"+marker+"@", marker+":"+marker+"@", "a@"+marker+"@", "user:"+marker+`\@`, "user:"+marker+"/@"),
		damage,
		oneOf("hooks.slack.com", "localhost:8080", "[::1]:443", "[fe80::1%25en0]", "bücher.example", "", ":80", "a b", "h:port", "[::1"),
		damage,
		oneOf("", "/", "/services/"+marker, "/services/T0/B0/"+marker+"/", "/a//"+marker, "/..;/"+marker),
		damage,
		oneOf("", "?", "?token="+marker, "?"+marker, "?a=b&c="+marker+"?"),
		oneOf("", "#", "#"+marker, "#/"+marker+"#"),
		damage,
	).Map(func(parts []any) string {
		var b strings.Builder
		for _, part := range parts {
			b.WriteString(part.(string))
		}
		return b.String()
	})
}

func TestSecretsOfTargetURLAreRedacted(t *testing.T) {
	withMarker := map[bool]int{} // number of URLs with the marker, by whether they are valid
	check(t, 2000, "no log and no error contains the marker", prop.ForAll(func(url string) string {
		var f failures
		w := validWebhook()
		w.TargetURL = url
		if strings.Contains(url, "://") {
			w.ProjectNamesFilter, w.Description = []string{url, "team/*"}, "see "+url
		}
		err := w.Validate()
		if strings.Contains(url, marker) {
			withMarker[err == nil]++
		}
		if err != nil {
			require.NotContains(&f, fmt.Sprintf("%v %+v %q", err, err, err), marker)
			for _, fieldErr := range fieldErrorsOf(&f, err) {
				require.NotContains(&f, fieldErr.Value, marker)
			}
		}
		for as, text := range renderings(w) {
			require.NotContains(&f, text, marker, as)
		}

		// A decoding error does not show a URL in the wrong place.
		err = new(webhook.Webhook).UnmarshalJSON([]byte(`{"target_url":[` + encode(&f, url) + `]}`))
		require.Error(&f, err)
		require.NotContains(&f, err.Error(), marker)
		return f.String()
	}, secretURL()))

	require.Greater(t, withMarker[true], 50, "valid URLs generated")
	require.Greater(t, withMarker[false], 50, "invalid URLs generated")
}
