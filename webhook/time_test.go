package webhook_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// Times in RFC 3339 without a leap second are accepted and can be encoded again. Other times
// are errors.
func TestDecodeTimes(t *testing.T) {
	for _, test := range []struct {
		time string
		ok   bool
	}{
		{"2023-11-07T05:31:56Z", true},
		{"2023-11-07T05:31:56.5Z", true},
		{"2023-11-07T05:31:56.123456789123Z", true},
		{"2023-11-07T05:31:56+00:00", true},
		{"2023-11-07T05:31:56-00:00", true},
		{"2023-11-07T05:31:56+23:59", true},
		{"2023-11-07T05:31:56.5-23:59", true},
		{"0000-01-01T00:00:00Z", true},
		{"9999-12-31T23:59:59Z", true},
		{"2023-11-07t05:31:56z", true},
		{"2023-11-07t05:31:56.5-01:00", true},

		{"2023-11-07T05:31:56+24:00", false},
		{"2023-11-07T05:31:56-24:00", false},
		{"2023-11-07T05:31:56.5+24:00", false},
		{"2023-11-07T05:31:56+22:60", false},
		{"2023-11-07T05:31:56+23:60", false},
		{"2023-11-07T05:31:56,5Z", false},
		{"2023-11-07T05:31:56,5+01:00", false},
		{"2023-11-07T3:04:05Z", false},
		{"2023-11-07T3:04:05.5Z", false},
		{"2023-11-07T3:04:05+01:00", false},
		{"2023-11-07T3:04:05.55+01:00", false},
		{"2023-11-07T05:31:56", false},
		{"2023-11-07T05:31:56.Z", false},
		{"2023-11-07t05:31:56.5+01:00 ", false},
		{"2023-11-07 05:31:56Z", false},
		{"2023-11-07T05:31:56Z ", false},
		{"2023-11-07T05:31:56+0100", false},
		{"2023-11-07T24:00:00Z", false},
		{"2023-11-07T05:31Z", false},
		{"2023-02-29T00:00:00Z", false},
		{"10000-01-01T00:00:00Z", false},
		{"-001-01-01T00:00:00Z", false},
		{"", false},
	} {
		for _, field := range []string{"created_at", "updated_at"} {
			t.Run(field+" "+test.time, func(t *testing.T) {
				var w webhook.Webhook
				err := json.Unmarshal([]byte(fmt.Sprintf(`{"%s":%q}`, field, test.time)), &w)
				if !test.ok {
					requireFieldErrors(t, []fieldError{{field, test.time, webhook.ErrInvalidFormat}}, err)
					require.EqualError(t, err, fmt.Sprintf("%s: want an RFC 3339 time, got the string %q", field, test.time))
					return
				}
				require.NoError(t, err)
				_, err = w.MarshalJSON()
				require.NoError(t, err)
			})
		}
	}
}

// The error mentions a leap second only if the rest of the time is valid RFC 3339.
func TestLeapSeconds(t *testing.T) {
	for time, want := range map[string]string{
		"2016-12-31T23:59:60Z":          " without a leap second",
		"2016-12-31t23:59:60.5z":        " without a leap second",
		"1990-12-31T15:59:60-08:00":     " without a leap second",
		"2016-12-31T23:59:61Z":          "",
		"2016-12-31T23:59:60":           "",
		"2016-12-31T23:59:60,5Z":        "",
		"2016-13-31T23:59:60Z":          "",
		"2016-12-31T23:59:60.5+24:00":   "",
		"2016-12-31T23:60:60Z":          "",
		"2016-12-31T3:59:60Z":           "",
		"2016-12-31T23:59:60Z and more": "",
	} {
		err := json.Unmarshal([]byte(fmt.Sprintf(`{"updated_at":%q}`, time)), new(webhook.Webhook))
		require.EqualError(t, err, fmt.Sprintf("updated_at: want an RFC 3339 time%s, got the string %q", want, time))
		require.ErrorIs(t, err, webhook.ErrInvalidFormat)
	}
}

// rfc3339 matches date-time of RFC 3339, section 5.6, without leap seconds, which package
// time does not support. It also matches dates that do not exist; the test generates none.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[-+]([01]\d|2[0-3]):[0-5]\d)$`)

func TestTimesAreExactlyRFC3339(t *testing.T) {
	seen := map[bool]int{}
	check(t, 6000, "a time is accepted if and only if it matches the grammar", prop.ForAll(func(text string) string {
		want := rfc3339.MatchString(text)
		seen[want]++
		err := json.Unmarshal([]byte(fmt.Sprintf(`{"created_at":%q}`, text)), new(webhook.Webhook))
		if (err == nil) != want {
			return fmt.Sprintf("%q: %v", text, err)
		}
		return ""
	}, gopter.CombineGens(
		oneOf("2023-11-07", "2024-02-29", "0001-01-01"), oneOf("T", "T", "T", "t", " ", ""),
		oneOf("00", "05", "23", "3", "24"), oneOf(":00", ":59", ":60", ":5", ""), oneOf(":00", ":59", ":60", ":5", ""),
		oneOf("", "", ".5", ".123456789", ".1234567890", ",5", ".", "5"),
		oneOf("Z", "Z", "z", "", "+00:00", "-23:59", "+24:00", "+23:60", "-9:30", "+0930", "+09", "Z+01:00"),
	).Map(func(parts []any) string { return fmt.Sprint(parts...) })))
	require.Greater(t, seen[true], 30)
	require.Greater(t, seen[false], 50)
}
