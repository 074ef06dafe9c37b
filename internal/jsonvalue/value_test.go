package jsonvalue_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

func parse(t *testing.T, text string) jsonvalue.Value {
	t.Helper()
	v, err := jsonvalue.Parse([]byte(text))
	require.NoError(t, err)
	return v
}

// requireError requires an Error with the given reason, at the first occurrence of at in text.
func requireError(t *testing.T, err error, text, at, reason string) {
	t.Helper()
	var e *jsonvalue.Error
	require.ErrorAs(t, err, &e)
	require.EqualError(t, err, reason)
	require.Equal(t, strings.Index(text, at), e.Offset, "%s", text[e.Offset:])
}

func TestParseErrors(t *testing.T) {
	for _, tc := range []struct {
		text, before, reason string // before is the text before the offset of the error
		syntax               jsonvalue.Syntax
	}{
		{"", "", "unexpected end", jsonvalue.UnexpectedEnd},
		{" \n", " \n", "unexpected end", jsonvalue.UnexpectedEnd},
		{"[1, 2 ", "[1, 2 ", "unexpected end", jsonvalue.UnexpectedEnd},
		{"[1,", "[1,", "unexpected end", jsonvalue.UnexpectedEnd},
		{`{"a"`, `{"a"`, "unexpected end", jsonvalue.UnexpectedEnd},
		{`{"a":`, `{"a":`, "unexpected end", jsonvalue.UnexpectedEnd},
		{`"a`, `"a`, "unexpected end", jsonvalue.UnexpectedEnd},
		{`"a\`, `"a\`, "unexpected end", jsonvalue.UnexpectedEnd},
		{`"a\u12`, `"a\u12`, "unexpected end", jsonvalue.UnexpectedEnd},
		{"?", "", "want a value, got '?'", jsonvalue.WantValue},
		{"\xff", "", `want a value, got '\xff'`, jsonvalue.WantValue},
		{"[\u00a0]", "[", `want a value, got '\u00a0'`, jsonvalue.WantValue},
		{"\x00", "", `want a value, got '\x00'`, jsonvalue.WantValue},
		{"[1, tru]", "[1, ", "want a value, got 't'", jsonvalue.WantValue},
		{"[1,]", "[1,", "want a value, got ']'", jsonvalue.WantValue},
		{"[,1]", "[", "want a value, got ','", jsonvalue.WantValue},
		{"[-]", "[", "a digit is missing in the number that begins with '-'", jsonvalue.WantValue},
		{"[1.]", "[", "a digit is missing in the number that begins with '1'", jsonvalue.WantValue},
		{"[1e+]", "[", "a digit is missing in the number that begins with '1'", jsonvalue.WantValue},
		{"[.5]", "[", "want a value, got '.'", jsonvalue.WantValue},
		{`{"a": }`, `{"a": `, "want a value, got '}'", jsonvalue.WantValue},
		{"{a: 1}", "{", "want a name in double quotes, got 'a'", jsonvalue.WantName},
		{`{"a": 1, }`, `{"a": 1, `, "want a name in double quotes, got '}'", jsonvalue.WantName},
		{`{]`, `{`, "want a name in double quotes, got ']'", jsonvalue.WantName},
		{"{\"a\": 1,\n \"b\" 2}", "{\"a\": 1,\n \"b\" ", "want ':' after a name, got '2'", jsonvalue.WantColon},
		{`{"a": 1 "b"}`, `{"a": 1 `, "want ',' or '}', got '\"'", jsonvalue.WantComma},
		{`[1 2]`, `[1 `, "want ',' or ']', got '2'", jsonvalue.WantComma},
		{`[1}`, `[1`, "want ',' or ']', got '}'", jsonvalue.WantComma},
		{`[01]`, `[0`, "want ',' or ']', got '1'", jsonvalue.WantComma},
		{"[1, 2]!", "[1, 2]", "want the end of the text, got '!'", jsonvalue.WantEnd},
		{"1\u20282", "1", `want the end of the text, got '\u2028'`, jsonvalue.WantEnd},
		{"[\"a\n\"]", "[\"a", `control character '\n' in a string`, jsonvalue.ControlChar},
		{"{\"a\x1b\": 1}", "{\"a", `control character '\x1b' in a string`, jsonvalue.ControlChar},
		{`["\x"]`, `["`, "backslash before 'x' in a string", jsonvalue.InvalidEscape},
		{"[\"\\\n\"]", `["`, `backslash before '\n' in a string`, jsonvalue.InvalidEscape},
		{`["\u12g4"]`, `["`, `\u without four hexadecimal digits in a string`, jsonvalue.InvalidEscape},
		{"[\"\\u000\x18\"]", `["`, `\u without four hexadecimal digits in a string`, jsonvalue.InvalidEscape},
		{strings.Repeat("[", 1001), strings.Repeat("[", 1000), "lists and objects nested deeper than 1000 levels", jsonvalue.TooDeep},
		{strings.Repeat(`{"a":`, 1001), strings.Repeat(`{"a":`, 1000), "lists and objects nested deeper than 1000 levels", jsonvalue.TooDeep},
	} {
		_, err := jsonvalue.Parse([]byte(tc.text))
		var e *jsonvalue.Error
		require.ErrorAs(t, err, &e, "%q", tc.text)
		if tc.syntax != jsonvalue.TooDeep { // which may be JSON
			tc.reason = "not JSON: " + tc.reason
		}
		require.Equal(t, jsonvalue.Error{Reason: tc.reason, Offset: len(tc.before), Syntax: tc.syntax}, *e, "%q", tc.text)
	}
	for _, text := range []string{"0", "-0.5e+10", "1E5", "10.09e-90", "90", `"\u00eF\"\\\/\b\f\n\r\t` + "\x7f\xff" + `"`, " [ ] ", "{\r\n\t}", "[[],{},null,true,false]",
		strings.Repeat("[", 1000) + strings.Repeat("]", 1000)} {
		parse(t, text)
	}
}

func TestWanted(t *testing.T) {
	const text = `{"s": "a\n", "n": -1.5e3, "b": true, "z": null, "o": {}, "l": [[1], "x" , {"k": [7]}], "long": 1` + "\n}"
	root := parse(t, text)
	fields, err := root.Fields([]string{"s", "n", "b", "z", "o", "l", "absent"}, nil)
	require.NoError(t, err)
	for i, tc := range []struct{ at, path, is string }{
		{`"a\n"`, "s", `the string "a\n"`},
		{"-1.5e3", "n", "the number -1.5e3"},
		{"true", "b", "true"},
		{"null", "z", "null"},
		{"{}", "o", "an object"},
		{"[[1]", "l", "a list"},
	} {
		v := fields[i]
		require.False(t, v.Absent())
		for what, get := range map[string]func() error{
			"a string":  func() error { _, err := v.Text(); return err },
			"a list":    func() error { _, err := v.Elements(); return err },
			"an object": func() error { _, err := v.Fields(nil, nil); return err },
		} {
			if is := strings.Fields(tc.is)[1:]; len(is) > 0 && strings.HasSuffix(what, " "+is[0]) {
				require.NoError(t, get())
				continue
			}
			requireError(t, get(), text, tc.at, tc.path+": want "+what+", got "+tc.is)
		}
	}

	absent := fields[6]
	require.True(t, absent.Absent())
	_, err = absent.Text()
	requireError(t, err, text, "{", "absent: required")
	_, err = absent.Elements()
	requireError(t, err, text, "{", "absent: required")
	_, err = absent.Fields(nil, nil)
	requireError(t, err, text, "{", "absent: required")

	elements, err := fields[5].Elements()
	require.NoError(t, err)
	require.Len(t, elements, 3)
	_, err = elements[0].Text()
	requireError(t, err, text, "[1]", "l[0]: want a string, got a list")
	inner, err := elements[2].Fields([]string{"k"}, nil)
	require.NoError(t, err)
	_, err = inner[0].Text()
	requireError(t, err, text, "[7]", "l[2].k: want a string, got a list")
	requireError(t, elements[1].Errorf("%d", 5), text, `"x"`, "l[1]: 5")

	_, err = parse(t, " 17").Text()
	requireError(t, err, " 17", "17", "want a string, got the number 17")
	_, err = parse(t, strings.Repeat("1", 1000)).Text()
	require.EqualError(t, err, "want a string, got the number "+strings.Repeat("1", 80)+"…")
}

func TestFields(t *testing.T) {
	names := []string{"a", "b"}
	unknown := func(name string) error { return errors.New("no field: " + jsonvalue.Quote(name)) }
	for _, tc := range []struct{ text, at, reason string }{
		{`{"a": 1, "b": 2, "a": 3}`, `"a": 3`, `"a" is repeated`},
		{`{"a": 1, "\u0061": null}`, `"\u`, `"a" is repeated`},
		{`{"a": 1, "A": 2}`, `"A"`, `no field: "A"`},
		{`{"": 1}`, `""`, `no field: ""`},
	} {
		_, err := parse(t, tc.text).Fields(names, unknown)
		requireError(t, err, tc.text, tc.at, tc.reason)
	}
	list, err := parse(t, `[{"a": 1, "a": 2}]`).Elements()
	require.NoError(t, err)
	_, err = list[0].Fields(names, nil)
	require.EqualError(t, err, `[0]: "a" is repeated`)
	_, err = parse(t, `{"x": 1, "x": 2, "A": []}`).Fields(names, nil)
	require.NoError(t, err, "unknown fields are ignored")
}

// FuzzValue compares Parse and the methods of Value with encoding/json.
func FuzzValue(f *testing.F) {
	f.Add(`{"a":["\\\"", "]}", {"b":[]}, "日\ud800"], "": -0.5e1 , "x":{"y":null}}`)
	f.Add("[ \n{ } , [ ] , true,false\r,\t0 ]")
	f.Add("\"\xff\"")
	f.Fuzz(func(t *testing.T, text string) {
		var want any
		wantErr := json.Unmarshal([]byte(text), &want)
		v, err := jsonvalue.Parse([]byte(text))
		var e *jsonvalue.Error
		if errors.As(err, &e) && e.Syntax == jsonvalue.TooDeep {
			return
		}
		require.Equal(t, !json.Valid([]byte(text)), err != nil, "encoding/json: %v", wantErr)
		if wantErr == nil {
			requireSame(t, want, v)
		}
	})
}

// requireSame requires that v equals want, which encoding/json decoded.
func requireSame(t *testing.T, want any, v jsonvalue.Value) {
	switch want := want.(type) {
	case string:
		got, err := v.Text()
		require.NoError(t, err)
		require.Equal(t, want, got)
	case []any:
		got, err := v.Elements()
		require.NoError(t, err)
		require.Len(t, got, len(want))
		for i := range want {
			requireSame(t, want[i], got[i])
		}
	case map[string]any:
		seen := make(map[string]bool)
		repeated := false
		_, err := v.Fields(nil, func(name string) error {
			repeated = repeated || seen[name]
			seen[name] = true
			return nil
		})
		require.NoError(t, err)
		require.Len(t, seen, len(want))
		var names []string
		for name := range want {
			require.Contains(t, seen, name)
			names = append(names, name)
		}
		got, err := v.Fields(names, func(string) error { return errors.New("an unknown field") })
		if repeated {
			require.ErrorContains(t, err, "is repeated")
			return
		}
		require.NoError(t, err)
		for i, name := range names {
			requireSame(t, want[name], got[i])
		}
	default: // a number, true, false or null
		_, err := v.Text()
		require.Error(t, err)
		_, err = v.Elements()
		require.Error(t, err)
		_, err = v.Fields(nil, nil)
		require.Error(t, err)
	}
}

func TestQuote(t *testing.T) {
	for s, want := range map[string]string{
		"":                          `""`,
		"日\x1b":                     `"日\x1b"`,
		strings.Repeat("日", 80):     `"` + strings.Repeat("日", 80) + `"`,
		strings.Repeat("日", 81):     `"` + strings.Repeat("日", 80) + `…"`,
		strings.Repeat("\xff", 200): `"` + strings.Repeat(`\xff`, 80) + `…"`,
	} {
		require.Equal(t, want, jsonvalue.Quote(s))
	}
}

func TestUTF8(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "",
		"{":                  "{",
		"\ufeff{}":           "{}",
		"\ufeff":             "",
		"\ufeff\ufeff":       "\ufeff",
		"\x1f\x8b\x08\x00":   "compressed by gzip: decompress it, as gunzip does",
		"\xff\xfe{\x00}\x00": "UTF-16: convert it, as iconv -f UTF-16 -t UTF-8 does",
		"\xfe\xff\x00{\x00}": "UTF-16: convert it, as iconv -f UTF-16 -t UTF-8 does",
		"[\x00]\x00":         "UTF-16: convert it, as iconv -f UTF-16LE -t UTF-8 does",
		"\x00{\x00}":         "UTF-16: convert it, as iconv -f UTF-16BE -t UTF-8 does",
		"\x1f":               "\x1f",
	} {
		got, err := jsonvalue.UTF8([]byte(text))
		if err != nil {
			got = []byte(err.Error())
		}
		require.Equal(t, want, string(got), "%q", text)
	}
}

func TestPrintable(t *testing.T) {
	for s, want := range map[string]string{
		"": `""`, "a b": "a b", "日本-é": "日本-é", " a": `" a"`, "a\u00a0": `"a\u00a0"`, `"a"`: `"\"a\""`, `a"`: `a"`,
		"a\nb": `"a\nb"`, "a\x1b[2J": `"a\x1b[2J"`, "\u200b": `"\u200b"`, "\u202ea": `"\u202ea"`, "a\xff": `"a\xff"`,
	} {
		require.Equal(t, want, jsonvalue.Printable(s))
	}
}
