package webhook_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/uuid"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

const (
	firstID  = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	secondID = "7f2b1a90-1f0e-4f57-9d55-3f3ac0a5ce0d"
)

// item is a webhook of a list, with more members.
func item(id, more string) string {
	return `{"id":"` + id + `","created_at":"2023-11-07T05:31:56Z"` + more + `}`
}

func results(items ...string) string { return `{"results":[` + strings.Join(items, ",") + `]}` }

func TestDecodeList(t *testing.T) {
	for _, test := range []struct {
		name, in string
		good     []string // the ids
		faults   string
	}{
		{"none", results(), nil, ""},
		{"one", results(item(firstID, "")), []string{firstID}, ""},
		{"in its order", results(item(secondID, ""), item(firstID, "")), []string{secondID, firstID}, ""},
		{"other fields", `{"page":1,"results":[` + item(firstID, `,"x":1`) + `],"next":null}`, []string{firstID}, ""},
		{"a byte order mark", "\ufeff" + results(item(firstID, "")), []string{firstID}, ""},
		{"white space", "\n\t " + results(item(firstID, "")) + "\r\n", []string{firstID}, ""},
		{"unknown values and a faulty filter", results(item(firstID, `,"kind":"TEAMS","events":["DEPLOYMENT_QUEUED"],"project_names_filter":[""]`)), []string{firstID}, ""},

		{"a number", results("5", item(firstID, "")), []string{firstID}, "results[0]: want an object, got the number 5"},
		{"null", results(item(firstID, ""), "null"), []string{firstID}, "results[1]: want an object, got null"},
		{"a list", results("[" + item(firstID, "") + "]"), nil, "results[0]: want an object, got a list"},
		{"no id", results(`{"created_at":"2023-11-07T05:31:56Z"}`, item(firstID, "")), []string{firstID}, "results[0].id: required"},
		{"a null id", results(`{"id":null,"created_at":"2023-11-07T05:31:56Z"}`), nil, "results[0].id: required"},
		{"a zero id", results(item(uuid.Nil.String(), "")), nil, "results[0].id: required"},
		{"no created_at", results(`{"id":"`+firstID+`"}`, item(secondID, "")), []string{secondID}, "results[0].created_at (webhook " + firstID + "): required"},
		{"neither", results(`{}`), nil, "results[0].id: required; results[0].created_at: required"},
		{"an id that is none", results(`{"id":"x"}`), nil, `results[0].id: want a UUID of 36 characters, got the string "x"`},
		{"several faults", results(item(firstID, `,"enabled":"yes","events":["A",5,null,{}]`)), nil,
			"results[0].enabled (webhook " + firstID + "): want true or false, got a string; " +
				"results[0].events[1] (webhook " + firstID + "): want a string, got the number 5; " +
				"results[0].events[3] (webhook " + firstID + "): want a string, got an object"},
		{"the id behind the fault", results(`{"events":5,"id":"` + firstID + `"}`), nil, "results[0].events (webhook " + firstID + "): want a list of strings, got the number 5"},
		{"an id that is there already", results(item(firstID, ""), item(secondID, ""), item(strings.ToUpper(firstID), "")), []string{firstID, secondID},
			"results[2].id (webhook " + firstID + `) "` + firstID + `": duplicate of results[0]`},
		{"of two the first is no good", results(item(firstID, `,"events":5`), item(firstID, "")), []string{firstID},
			"results[0].events (webhook " + firstID + "): want a list of strings, got the number 5"},
		{"several webhooks", results("1", item(firstID, ""), `{"id":"`+secondID+`"}`), []string{firstID},
			"results[0]: want an object, got the number 1; results[2].created_at (webhook " + secondID + "): required"},
	} {
		t.Run(test.name, func(t *testing.T) {
			webhooks, err := webhook.DecodeList(strings.NewReader(test.in))
			var good []string
			for _, w := range webhooks {
				good = append(good, w.ID.String())
			}
			require.Equal(t, test.good, good)
			if test.faults == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.faults)
			faults := webhook.FieldErrors(err)
			require.Len(t, faults, 1+strings.Count(test.faults, "; "))
			for _, fault := range faults {
				require.Equal(t, strings.Contains(fault.Error(), "(webhook "), fault.WebhookID != uuid.Nil)
			}
			faultsOf(t, err) // each has a reason
		})
	}
}

// What is no list is named as what it is.
func TestDecodeListOfSomethingElse(t *testing.T) {
	list := results(item(firstID, ""))
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	_, _ = io.WriteString(w, list)
	require.NoError(t, w.Close())
	inUTF16 := func(little bool, text string) string {
		var b []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			if little {
				b = append(b, byte(unit), byte(unit>>8))
			} else {
				b = append(b, byte(unit>>8), byte(unit))
			}
		}
		return string(b)
	}
	for _, test := range []struct {
		name, in, want string
		reason         error
	}{
		{"nothing", "", "invalid format: line 1, column 1: unexpected end of JSON input", webhook.ErrInvalidFormat},
		{"a byte order mark alone", "\ufeff", "invalid format: line 1, column 1: unexpected end of JSON input", webhook.ErrInvalidFormat},
		{"cut off", "{\n\"results\": [\n{}", "invalid format: line 3, column 2: unexpected end of JSON input", webhook.ErrInvalidFormat},
		{"a comma too many", "{\n  \"results\": [],\n}", "invalid format: line 3, column 1: invalid character '}' looking for beginning of object key string", webhook.ErrInvalidFormat},
		{"a line end in a string", "{\"re\nsults\": []}", `invalid format: line 1, column 5: invalid character '\n' in string literal`, webhook.ErrInvalidFormat},
		{"lines", list + "\n" + list, "invalid format: line 2, column 1: invalid character '{' after top-level value", webhook.ErrInvalidFormat},
		{"HTML", "<html>", "invalid format: line 1, column 1: invalid character '<' looking for beginning of value", webhook.ErrInvalidFormat},
		{"a list", " \n[" + item(firstID, "") + "]", `want an object with "results", got a list`, webhook.ErrInvalidFormat},
		{"a string", `"SECRET/SECRET"`, `want an object with "results", got the string "[redacted]"`, webhook.ErrInvalidFormat},
		{"a number", "7", `want an object with "results", got the number 7`, webhook.ErrInvalidFormat},
		{"null", "null", "results: required", webhook.ErrRequired},
		{"an error of the API", `{"status":401,"error":"Unauthorized","message":"…"}`, "results: required", webhook.ErrRequired},
		{"null results", `{"results":null}`, "results: required", webhook.ErrRequired},
		{"one webhook", item(firstID, ""), "results: required", webhook.ErrRequired},
		{"results an object", `{"results":{}}`, "results: want a list of webhooks, got an object", webhook.ErrInvalidFormat},
		{"results a string", `{"results":"x"}`, `results: want a list of webhooks, got the string "x"`, webhook.ErrInvalidFormat},
		{"gzip", compressed.String(), "want JSON, got gzip: decompress it", webhook.ErrInvalidFormat},
		{"UTF-16", inUTF16(true, "\ufeff"+list), "want JSON in UTF-8, got UTF-16: convert it", webhook.ErrInvalidFormat},
		{"UTF-16, big endian", inUTF16(false, "\ufeff"+list), "want JSON in UTF-8, got UTF-16: convert it", webhook.ErrInvalidFormat},
		{"UTF-16 without a mark", inUTF16(true, list), "want JSON in UTF-8, got UTF-16: convert it", webhook.ErrInvalidFormat},
		{"UTF-16 without a mark, big endian", inUTF16(false, list), "want JSON in UTF-8, got UTF-16: convert it", webhook.ErrInvalidFormat},
		{"UTF-16, nothing", "\xff\xfe", "want JSON in UTF-8, got UTF-16: convert it", webhook.ErrInvalidFormat},
		{"UTF-16, nothing, big endian", "\xfe\xff", "want JSON in UTF-8, got UTF-16: convert it", webhook.ErrInvalidFormat},
		{"one NUL", "\x00", "invalid format: line 1, column 1: invalid character '\\x00' looking for beginning of value", webhook.ErrInvalidFormat},
		{"one odd byte", "\xff", "invalid format: line 1, column 1: invalid character 'ÿ' looking for beginning of value", webhook.ErrInvalidFormat},
	} {
		t.Run(test.name, func(t *testing.T) {
			webhooks, err := webhook.DecodeList(strings.NewReader(test.in))
			require.Nil(t, webhooks)
			require.EqualError(t, err, test.want)
			require.ErrorIs(t, err, test.reason)
		})
	}
	t.Run("a reader that fails", func(t *testing.T) {
		broken := errors.New("broken pipe")
		webhooks, err := webhook.DecodeList(io.MultiReader(strings.NewReader(list), iotest.ErrReader(broken)))
		require.Nil(t, webhooks)
		require.ErrorIs(t, err, broken)
	})
}

// Each element is good or has a fault, whatever the others are, and the good ones are
// what they are alone.
func TestDecodeListLosesNothing(t *testing.T) {
	type element struct {
		json string
		good bool // unless its id was there before
	}
	id := func(n int) string { return uuid.UUID{15: byte(n)}.String() }
	elements := gen.SliceOf(gen.OneGenOf(
		gen.IntRange(1, 4).Map(func(n int) element { return element{item(id(n), ""), true} }),
		document().Map(func(body string) element { return element{body, false} }).SuchThat(func(e element) bool {
			return strings.Contains(e.json, `"id":"`+uuid.Nil.String())
		}),
		gen.IntRange(1, 4).Map(func(n int) element { return element{`{"id":"` + id(n) + `"}`, false} }),
		gen.IntRange(1, 4).Map(func(n int) element { return element{item(id(n), `,"events":[1]`), false} }),
		oneOf(element{"1", false}, element{`"x"`, false}, element{"null", false}, element{"[]", false}),
	))
	check(t, 500, "good ones and faults", prop.ForAll(func(elements []element) string {
		var f findings
		var items, want []string
		faulty, seen := map[int]bool{}, map[string]bool{}
		for i, e := range elements {
			items = append(items, e.json)
			if e.good && !seen[e.json] {
				seen[e.json] = true
				want = append(want, e.json)
			} else {
				faulty[i] = true
			}
		}
		webhooks, err := webhook.DecodeList(strings.NewReader(results(items...)))
		var got []string
		for _, w := range webhooks {
			got = append(got, encode(&f, w))
		}
		require.Equal(&f, want, got)
		for _, fault := range webhook.FieldErrors(err) {
			var i int
			_, scanErr := fmt.Sscanf(fault.Field, "results[%d]", &i)
			require.NoError(&f, scanErr)
			require.Contains(&f, faulty, i)
			require.Equal(&f, strings.Contains(items[i], `"id":"`) && !strings.Contains(items[i], uuid.Nil.String()), fault.WebhookID != uuid.Nil)
			faulty[i] = false
		}
		for i, missed := range faulty {
			require.False(&f, missed, "no fault for %s", items[i])
		}
		return f.String()
	}, elements))
}
