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
	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

const (
	firstID  = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	secondID = "7f2b1a90-1f0e-4f57-9d55-3f3ac0a5ce0d"
)

// item returns the JSON of a webhook with additional members.
func item(id, more string) string {
	return `{"id":"` + id + `","created_at":"2023-11-07T05:31:56Z"` + more + `}`
}

func results(items ...string) string { return `{"results":[` + strings.Join(items, ",") + `]}` }

func TestDecodeList(t *testing.T) {
	for _, test := range []struct {
		name, in string
		ids      []string // ids of the returned webhooks
		problems string
	}{
		{"an empty list", results(), nil, ""},
		{"one webhook", results(item(firstID, "")), []string{firstID}, ""},
		{"order is kept", results(item(secondID, ""), item(firstID, "")), []string{secondID, firstID}, ""},
		{"unknown members", `{"page":1,"results":[` + item(firstID, `,"x":1`) + `],"next":null}`, []string{firstID}, ""},
		{"a byte order mark", "\ufeff" + results(item(firstID, "")), []string{firstID}, ""},
		{"white space", "\n\t " + results(item(firstID, "")) + "\r\n", []string{firstID}, ""},
		{"unknown values and an invalid filter", results(item(firstID, `,"kind":"TEAMS","events":["DEPLOYMENT_QUEUED"],"project_names_filter":[""]`)), []string{firstID}, ""},

		{"a number", results("5", item(firstID, "")), []string{firstID}, "results[0]: want an object, got the number 5"},
		{"null", results(item(firstID, ""), "null"), []string{firstID}, "results[1]: want an object, got null"},
		{"a list", results("[" + item(firstID, "") + "]"), nil, "results[0]: want an object, got a list"},
		{"no id", results(`{"created_at":"2023-11-07T05:31:56Z"}`, item(firstID, "")), []string{firstID}, "results[0].id: required"},
		{"a null id", results(`{"id":null,"created_at":"2023-11-07T05:31:56Z"}`), nil, "results[0].id: required"},
		{"a zero id", results(item(uuid.Nil.String(), "")), nil, "results[0].id: required"},
		{"no created_at", results(`{"id":"`+firstID+`"}`, item(secondID, "")), []string{firstID, secondID}, ""},
		{"an empty object", results(`{}`), nil, "results[0].id: required"},
		{"an invalid id", results(`{"id":"x"}`), nil, `results[0].id: want a UUID of 36 characters, got the string "x"`},
		{"several problems", results(item(firstID, `,"enabled":"yes","events":["A",5,null,{}]`)), nil,
			"results[0].enabled (webhook " + firstID + "): want true or false, got a string; " +
				"results[0].events[1] (webhook " + firstID + "): want a string, got the number 5; " +
				"results[0].events[3] (webhook " + firstID + "): want a string, got an object"},
		{"the id after an invalid member", results(`{"events":5,"id":"` + firstID + `"}`), nil, "results[0].events (webhook " + firstID + "): want a list of strings, got the number 5"},
		{"two webhooks with one id: the last counts", results(item(firstID, ""), item(secondID, ""), item(strings.ToUpper(firstID), "")), []string{secondID, firstID},
			"results[0].id (webhook " + firstID + `) "` + firstID + `": duplicate of results[2]`},
		{"three webhooks with one id", results(item(firstID, ""), item(firstID, ""), item(firstID, "")), []string{firstID},
			"results[0].id (webhook " + firstID + `) "` + firstID + `": duplicate of results[2]; ` +
				"results[1].id (webhook " + firstID + `) "` + firstID + `": duplicate of results[2]`},
		{"two with one id, the first cannot be decoded", results(item(firstID, `,"events":5`), item(firstID, "")), []string{firstID},
			"results[0].events (webhook " + firstID + "): want a list of strings, got the number 5; " +
				"results[0].id (webhook " + firstID + `) "` + firstID + `": duplicate of results[1]`},
		{"two with one id, the last cannot be decoded", results(item(firstID, ""), item(firstID, `,"events":5`)), nil,
			"results[0].id (webhook " + firstID + `) "` + firstID + `": duplicate of results[1]; ` +
				"results[1].events (webhook " + firstID + "): want a list of strings, got the number 5"},
		{"two ids in one webhook", results(item(firstID, ""), item(firstID, `,"id":"`+secondID+`"`), item(secondID, "")), []string{firstID, secondID},
			"results[1].id: duplicate member"},
		{"an id repeated in one webhook", results(item(firstID, ""), item(firstID, `,"id":"`+firstID+`"`)), nil,
			"results[0].id (webhook " + firstID + `) "` + firstID + `": duplicate of results[1]; ` +
				"results[1].id (webhook " + firstID + "): duplicate member"},
		{"a null id before the id", results(item(firstID, ""), `{"id":null,"id":"`+firstID+`"}`), nil,
			"results[0].id (webhook " + firstID + `) "` + firstID + `": duplicate of results[1]; ` +
				"results[1].id (webhook " + firstID + "): duplicate member"},
		{"an invalid, a valid and a null id", results(item(firstID, ""), `{"id":"x","id":"`+firstID+`","id":null}`), nil,
			"results[0].id (webhook " + firstID + `) "` + firstID + `": duplicate of results[1]; ` +
				"results[1].id (webhook " + firstID + `): want a UUID of 36 characters, got the string "x"; ` +
				"results[1].id (webhook " + firstID + "): duplicate member"},
		{"three ids, two of them equal", results(item(firstID, ""), item(firstID, `,"id":"`+secondID+`","id":"`+firstID+`"`)), []string{firstID},
			"results[1].id: duplicate member"},
		{"a repeated list", results(item(firstID, `,"project_names_filter":["a","checkout"],"project_names_filter":["y",null]`)), nil,
			"results[0].project_names_filter (webhook " + firstID + "): duplicate member"},
		{"a list in another case", results(item(firstID, `,"Project_Names_Filter":["a"]`)), nil,
			"results[0].project_names_filter (webhook " + firstID + `) "Project_Names_Filter": misspelled: member names are case-sensitive`},
		{"several webhooks", results("1", item(firstID, ""), `{"id":"`+secondID+`","kind":1}`), []string{firstID},
			"results[0]: want an object, got the number 1; results[2].kind (webhook " + secondID + "): want a string, got the number 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			webhooks, problems, err := webhook.DecodeList(strings.NewReader(test.in))
			require.NoError(t, err)
			var ids, texts []string
			for _, w := range webhooks {
				ids = append(ids, w.ID.String())
			}
			require.Equal(t, test.ids, ids)
			for _, problem := range problems {
				texts = append(texts, problem.Error())
				require.Equal(t, strings.Contains(problem.Error(), "(webhook "), problem.WebhookID != uuid.Nil)
			}
			require.Equal(t, test.problems, strings.Join(texts, "; "))
			fieldErrorsOf(t, webhook.JoinFieldErrors(problems)) // each has a reason
		})
	}
}

// If a document is not a list, the error describes the document.
func TestDecodeListOfAnotherDocument(t *testing.T) {
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
		{"empty", "", "invalid format: line 1, column 1: not JSON: unexpected end", webhook.ErrInvalidFormat},
		{"a byte order mark alone", "\ufeff", "invalid format: line 1, column 1: not JSON: unexpected end", webhook.ErrInvalidFormat},
		{"truncated", "{\n\"results\": [\n{}", "invalid format: line 3, column 3: not JSON: unexpected end", webhook.ErrInvalidFormat},
		{"a trailing comma", "{\n  \"results\": [],\n}", "invalid format: line 3, column 1: not JSON: want a name in double quotes, got '}'", webhook.ErrInvalidFormat},
		{"a newline in a string", "{\"re\nsults\": []}", `invalid format: line 1, column 5: not JSON: control character '\n' in a string`, webhook.ErrInvalidFormat},
		{"characters of several bytes", "[\n\"日本\" 1]", "invalid format: line 2, column 6: not JSON: want ',' or ']', got '1'", webhook.ErrInvalidFormat},
		{"two documents", list + "\n" + list, "invalid format: line 2, column 1: not JSON: want the end of the text, got '{'", webhook.ErrInvalidFormat},
		{"HTML", "<html>", "invalid format: line 1, column 1: not JSON: want a value, got '<'", webhook.ErrInvalidFormat},
		{"a list", " \n[" + item(firstID, "") + "]", `want an object with "results", got a list`, webhook.ErrInvalidFormat},
		{"a string", `"SECRET/SECRET"`, `want an object with "results", got the string "[redacted]"`, webhook.ErrInvalidFormat},
		{"a number", "7", `want an object with "results", got the number 7`, webhook.ErrInvalidFormat},
		{"null", "null", `want an object with "results", got null`, webhook.ErrInvalidFormat},
		{"results twice", `{"results":[],"results":[` + item(firstID, "") + `]}`, "results: duplicate member", webhook.ErrDuplicate},
		{"results in another case", `{"Results":[` + item(firstID, "") + `]}`, `results "Results": misspelled: member names are case-sensitive`, webhook.ErrMisspelled},
		{"deep nesting", `{"results":[` + strings.Repeat("[", 100_000), "invalid format: line 1, column 1011: lists and objects nested deeper than 1000 levels", webhook.ErrInvalidFormat},
		{"an error of the API", `{"status":401,"error":"Unauthorized","message":"…"}`, "results: required", webhook.ErrRequired},
		{"null results", `{"results":null}`, "results: required", webhook.ErrRequired},
		{"one webhook", item(firstID, ""), "results: required", webhook.ErrRequired},
		{"results an object", `{"results":{}}`, "results: want a list of webhooks, got an object", webhook.ErrInvalidFormat},
		{"results a string", `{"results":"x"}`, `results: want a list of webhooks, got the string "x"`, webhook.ErrInvalidFormat},
		{"gzip", compressed.String(), "invalid format: compressed by gzip: decompress it, as gunzip does", webhook.ErrInvalidFormat},
		{"UTF-16", inUTF16(true, "\ufeff"+list), "invalid format: UTF-16: convert it, as iconv -f UTF-16 -t UTF-8 does", webhook.ErrInvalidFormat},
		{"UTF-16, big endian", inUTF16(false, "\ufeff"+list), "invalid format: UTF-16: convert it, as iconv -f UTF-16 -t UTF-8 does", webhook.ErrInvalidFormat},
		{"UTF-16 without a mark", inUTF16(true, list), "invalid format: UTF-16: convert it, as iconv -f UTF-16LE -t UTF-8 does", webhook.ErrInvalidFormat},
		{"UTF-16 without a mark, big endian", inUTF16(false, list), "invalid format: UTF-16: convert it, as iconv -f UTF-16BE -t UTF-8 does", webhook.ErrInvalidFormat},
		{"UTF-16, empty", "\xff\xfe", "invalid format: UTF-16: convert it, as iconv -f UTF-16 -t UTF-8 does", webhook.ErrInvalidFormat},
		{"UTF-16, empty, big endian", "\xfe\xff", "invalid format: UTF-16: convert it, as iconv -f UTF-16 -t UTF-8 does", webhook.ErrInvalidFormat},
		{"one NUL", "\x00", "invalid format: line 1, column 1: not JSON: want a value, got '\\x00'", webhook.ErrInvalidFormat},
		{"one invalid byte", "\xff", "invalid format: line 1, column 1: not JSON: want a value, got '\\xff'", webhook.ErrInvalidFormat},
	} {
		t.Run(test.name, func(t *testing.T) {
			webhooks, problems, err := webhook.DecodeList(strings.NewReader(test.in))
			require.Nil(t, webhooks)
			require.Nil(t, problems)
			require.EqualError(t, err, test.want)
			require.ErrorIs(t, err, test.reason)
		})
	}
	t.Run("a reader that fails", func(t *testing.T) {
		broken := errors.New("broken pipe")
		webhooks, _, err := webhook.DecodeList(io.MultiReader(strings.NewReader(list), iotest.ErrReader(broken)))
		require.Nil(t, webhooks)
		require.ErrorIs(t, err, broken)
	})
}

// Of the elements with the same id, the last one counts. Each element either has a
// problem, or is returned as if it were the only one.
func TestDecodeListReturnsOrReportsEachElement(t *testing.T) {
	type element struct {
		json  string
		id    int  // 0 if no id can be decoded
		valid bool // it is returned if it is the last one with its id
	}
	id := func(n int) string { return uuid.UUID{15: byte(n)}.String() }
	of := func(valid bool, format string) gopter.Gen {
		return gen.IntRange(1, 4).Map(func(n int) element { return element{fmt.Sprintf(format, id(n)), n, valid} })
	}
	elements := gen.SliceOf(gen.OneGenOf(
		of(true, `{"id":"%s","created_at":"2023-11-07T05:31:56Z"}`), of(true, `{"id":"%s","created_at":"2023-11-07T05:31:56Z"}`),
		of(true, `{"id":"%s"}`), of(false, `{"events":[1],"id":"%s","created_at":"2023-11-07T05:31:56Z"}`),
		of(false, `{"id":"%s","created_at":"2023-11-07T05:31:56Z","kind":null,"kind":null}`),
		of(false, `{"id":"%s","created_at":"2023-11-07T05:31:56Z","EVENTS":[]}`),
		oneOf(element{json: "1"}, element{json: `"x"`}, element{json: "null"}, element{json: "[]"}, element{json: item(uuid.Nil.String(), "")},
			element{json: item(firstID, `,"id":"`+secondID+`"`)}),
	))
	check(t, 1000, "valid elements and problems", prop.ForAll(func(elements []element) string {
		var f failures
		var items, want []string
		last := map[int]int{}
		for i, e := range elements {
			items = append(items, e.json)
			last[e.id] = i
		}
		unreported := map[int]bool{} // elements that must have a problem, by index; false once a problem is found
		for i, e := range elements {
			if e.valid && last[e.id] == i {
				want = append(want, e.json)
			} else {
				unreported[i] = true
			}
		}
		webhooks, problems, err := webhook.DecodeList(strings.NewReader(results(items...)))
		require.NoError(&f, err)
		var got []string
		for _, w := range webhooks {
			got = append(got, encode(&f, w))
		}
		require.Equal(&f, want, got)
		for _, problem := range problems {
			var i int
			_, scanErr := fmt.Sscanf(problem.Field, "results[%d]", &i)
			require.NoError(&f, scanErr)
			require.Contains(&f, unreported, i)
			require.Equal(&f, uuid.UUID{15: byte(elements[i].id)}, problem.WebhookID)
			unreported[i] = false
		}
		for i, missing := range unreported {
			require.False(&f, missing, "no problem for %s", items[i])
		}
		return f.String()
	}, elements))
}

// After 1,000 problems, further elements with problems are only counted.
func TestDecodeListBoundsProblems(t *testing.T) {
	_, problems, err := webhook.DecodeList(strings.NewReader(results(strings.Repeat("1,", 500_000) + "1")))
	require.NoError(t, err)
	require.Len(t, problems, 1001)
	require.EqualError(t, problems[999], "results[999]: want an object, got the number 1")
	require.ErrorIs(t, problems[1000], webhook.ErrMore)
	require.EqualError(t, problems[1000], "results: 499001 more elements have problems")
}

// A webhook that is invalid and a duplicate is counted as one element.
func TestDecodeListCountsElements(t *testing.T) {
	invalid := `{"id":"` + firstID + `","events":[` + strings.Repeat("1,", 200) + `1]}`
	_, problems, err := webhook.DecodeList(strings.NewReader(results(strings.Repeat(invalid+",", 99) + invalid)))
	require.NoError(t, err)
	places := map[string]bool{}
	for _, problem := range problems[:len(problems)-1] {
		place, _, _ := strings.Cut(problem.Field, ".")
		places[place] = true
	}
	require.EqualError(t, problems[len(problems)-1], fmt.Sprintf("results: %d more elements have problems", 100-len(places)))
	require.LessOrEqual(t, len(problems), 1000+webhook.MaxFieldErrors+1)
}
