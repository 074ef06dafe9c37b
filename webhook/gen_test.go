package webhook_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"

	"github.com/hookfilter/hookfilter/webhook"
)

// check runs one property, on lists and strings of fewer than a dozen elements.
// A failure prints the seed.
func check(t *testing.T, runs int, name string, property gopter.Prop) {
	t.Helper()
	parameters := gopter.DefaultTestParameters()
	parameters.MinSuccessfulTests = runs
	parameters.MaxSize = 12
	properties := gopter.NewProperties(parameters)
	properties.Property(name, property)
	properties.TestingRun(t)
}

// failures is a require.TestingT that collects the messages of failed assertions, for use
// in a property. A failed assertion does not end the property.
type failures struct{ strings.Builder }

func (f *failures) Errorf(format string, args ...any) { fmt.Fprintf(f, format, args...) }
func (f *failures) FailNow()                          {}

func oneOf(values ...any) gopter.Gen { return gen.OneConstOf(values...) }

// text generates valid UTF-8 with characters that HTML, JSON or case folding treat
// specially: quotes and brackets, control characters, line separators, the replacement
// character, and letters whose other case has another length or script.
func text() gopter.Gen {
	piece := gen.OneGenOf(gen.Rune().Map(func(r rune) string { return string(r) }), oneOf(
		"a", "K", "\u212a", "ſ", "ß", "İ", "Ⱥ", "Σ", "é", "e\u0301", "日本", "𝒳",
		"<", ">", "&", `"`, `\`, "/", "'", "*", "?", "[", "{", " ", "\n", "\r", "\t", "\b", "\f",
		"\x00", "\x1f", "\x7f", "\u0085", "\u2028", "\u2029", "\ufeff", "\ufffd", "\U0010ffff", `\u0041`, "null"))
	return gen.SliceOf(piece).Map(func(pieces []string) string { return strings.Join(pieces, "") })
}

// list generates nil, empty and filled lists of S.
func list[S ~string](element gopter.Gen) gopter.Gen {
	return gen.SliceOf(element.Map(func(s string) S { return S(s) })).
		Map(func(s []S, p *gopter.GenParameters) []S {
			if len(s) == 0 && p.NextBool() {
				return nil
			}
			return s
		})
}

// timestamp generates times of the years 1 to 9999, in zones of whole minutes, with and
// without a fraction of a second.
func timestamp() gopter.Gen {
	return func(p *gopter.GenParameters) *gopter.GenResult {
		year, month, day := 1+p.Rng.Intn(9999), time.Month(1+p.Rng.Intn(12)), 1+p.Rng.Intn(28)
		zone := time.FixedZone("", 60*(p.Rng.Intn(2*24*60-1)-(24*60-1)))
		nanosecond := []int{0, 1, 999_999_999, 120_000_000, p.Rng.Intn(1e9)}[p.Rng.Intn(5)]
		t := time.Date(year, month, day, p.Rng.Intn(24), p.Rng.Intn(60), p.Rng.Intn(60), nanosecond, zone)
		return gopter.NewGenResult(t, gopter.NoShrinker)
	}
}

// goWebhook generates webhooks made in Go: each field zero or not, with documented and
// unknown values.
func goWebhook() gopter.Gen {
	return gen.StrictStruct(reflect.TypeFor[webhook.Webhook](), map[string]gopter.Gen{
		"ID":              gen.SliceOfN(16, gen.UInt8()).Map(func(b []byte) uuid.UUID { return uuid.UUID(b) }),
		"CreatedAt":       gen.OneGenOf(oneOf(time.Time{}), timestamp(), timestamp()),
		"UpdatedAt":       gen.OneGenOf(oneOf(time.Time{}), timestamp(), timestamp()),
		"Kind":            gen.OneGenOf(oneOf("", "STANDARD", "SLACK"), text()).Map(func(s string) webhook.Kind { return webhook.Kind(s) }),
		"TargetURL":       gen.OneGenOf(oneOf("", "https://example.com/a?b=<c>&d"), text()),
		"TargetSecretSet": gen.Bool(),
		"Description":     gen.OneGenOf(oneOf(""), text()),
		"Enabled":         gen.Bool(),
		"Events": list[webhook.EventType](gen.OneGenOf(
			oneOf("DEPLOYMENT_STARTED", "DEPLOYMENT_FAILURE", "DEPLOYMENT_QUEUED"), text())),
		"ProjectNamesFilter": list[string](gen.OneGenOf(oneOf("[PR]*", "Straße"), text())),
		"EnvironmentTypesFilter": list[webhook.EnvironmentMode](gen.OneGenOf(
			oneOf("PRODUCTION", "STAGING", "production"), text())),
	}, true)
}

// document generates documents in the form that a Webhook is encoded to: the documented
// fields in their order, optional ones also absent or empty, characters escaped as by a
// json.Encoder with SetEscapeHTML(false).
func document() gopter.Gen {
	quoted := gen.SliceOf(oneOf(
		"a", "K", "\u212a", "ſ", "ß", "İ", "日本", "𝒳", "<", ">", "&", "/", "'", "*", "?", "\x7f", "\u0085", "\ufffd",
		`\"`, `\\`, `\n`, `\r`, `\t`, `\b`, `\f`, `\u0000`, `\u001f`, `\u2028`, `\u2029`,
	)).Map(func(pieces []string) string { return `"` + strings.Join(pieces, "") + `"` })
	values := func(known ...any) gopter.Gen {
		return gen.SliceOf(gen.OneGenOf(quoted, oneOf(known...))).
			Map(func(v []string) string { return "[" + strings.Join(v, ",") + "]" })
	}
	times := oneOf(`"2023-11-07T05:31:56Z"`, `"2024-02-29T23:59:59.1Z"`, `"2024-02-29T00:00:00.000000001+05:30"`,
		`"0001-01-01T00:00:00Z"`, `"0001-01-01T05:30:00+05:30"`, `"0001-01-01T00:00:00.999999999Z"`, `"9999-12-31T23:59:59.999999999-23:59"`, `"0000-01-01T00:00:00+00:01"`)
	boolean := oneOf("true", "false")

	member := func(name string, value gopter.Gen) gopter.Gen {
		return value.Map(func(v string) string { return `"` + name + `":` + v })
	}
	optional := func(name string, value gopter.Gen) gopter.Gen {
		return gen.OneGenOf(oneOf(""), member(name, value), member(name, value))
	}
	return gopter.CombineGens(
		member("id", oneOf(`"3c90c3cc-0d44-4b50-8888-8dd25736052a"`, `"00000000-0000-0000-0000-000000000000"`)),
		optional("created_at", times),
		optional("updated_at", times),
		optional("kind", gen.OneGenOf(oneOf(`""`, `"STANDARD"`, `"SLACK"`), quoted)),
		optional("target_url", gen.OneGenOf(oneOf(`""`, `"https://example.com/a?b=<c>&d"`), quoted)),
		optional("target_secret_set", boolean),
		optional("description", gen.OneGenOf(oneOf(`""`), quoted)),
		optional("enabled", boolean),
		optional("events", values(`"DEPLOYMENT_STARTED"`, `"DEPLOYMENT_QUEUED"`)),
		optional("project_names_filter", values(`"[PR]*"`)),
		optional("environment_types_filter", values(`"PRODUCTION"`, `"production"`)),
	).Map(func(members []any) string {
		var present []string
		for _, m := range members {
			if m != "" {
				present = append(present, m.(string))
			}
		}
		return "{" + strings.Join(present, ",") + "}"
	})
}
