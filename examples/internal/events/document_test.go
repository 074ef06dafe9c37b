package events_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/events"
)

// pretty returns an event of a project as JSON over several lines.
func pretty(project string) string {
	return strings.NewReplacer("{", "{\n ", `,"`, ",\n \"", ":", ": ", "}", "\n}").Replace(edited("shop", project))
}

func TestDocument(t *testing.T) {
	long := strings.Replace(line, "}", `,"x":"`+strings.Repeat("x", events.MaxLine-len(line)-len(`,"x":""`))+`"}`, 1)
	list := func(elements ...string) string { return "[\n" + strings.Join(elements, ",\n") + "\n]\n" }
	const a, b, tooLong = "2 a", "3 b", ": longer than 1048576 bytes"
	named := func(project string) string { return edited("shop", project) }
	for _, tc := range []struct {
		name, text string
		want       []string
		err        string
	}{
		{"a list", list(named("a"), named("b")), []string{a, b}, ""},
		{"a list in one line", "[" + named("a") + "," + named("b") + "]", []string{"1 a", "1 b"}, ""},
		{"blank lines and a byte order mark", "\ufeff\n\t\n [ " + named("a") + " , \n\n" + named("b") + "\r\n]\n\n ", []string{"3 a", "5 b"}, ""},
		{"empty list", "[ ]", nil, ""},
		{"results", "{\"results\": [\n" + named("a") + ",\n" + named("b") + "]}", []string{a, b}, ""},
		{"results in one line", `{"results":[` + named("a") + `]}`, []string{"1 a"}, ""},
		{"no results", `{"results":[]}`, nil, ""},
		{"results after and before other members", "{\n\"page\": {\"results\": [1]}, \"results\" : [" + named("a") + "], \"total\": [2]\n}", []string{a}, ""},
		{"results after other members in one line", `{"page":1,"results":[` + named("a") + `]}`, []string{"1 a"}, ""},
		{"an object over several lines", "\n" + pretty("a"), []string{a}, ""},
		{"elements over several lines", list(pretty("a"), pretty("b")), []string{a, "8 b"}, ""},
		{"elements that are not events", list("7", "null", `"x"`, "[{}]", "{}", named("b"), "true"), []string{
			"2: want an object, got the number 7", "3: want an object, got null", `4: want an object, got the string "x"`, "5: want an object, got a list",
			"6: organization_id: required; event_type: required; project_name: required; environment_mode: required", "7 b", "8: want an object, got true"}, ""},
		{"webhooks", `{"results":[{"id":"x","target_url":"https://host/s3cret"}]}`, []string{"1: want an event, got a webhook"}, ""},
		{"brackets and quotes in strings", list(named(`a]}\"\\`), named("b")), []string{`2 a]}"\`, b}, ""},
		{"longest element", list(long, named("b")), []string{"2 shop", b}, ""},
		{"an element that is too long", list(named("a"), strings.Replace(long, "x", "xx", 1), named("b")), []string{a, "3" + tooLong, "4 b"}, ""},
		{"an element that is far too long", list(`["`+strings.Repeat("]", 3*events.MaxLine)+`"]`, named("b")), []string{"2" + tooLong, b}, ""},
		{"an object over several lines that is too long", "{\n\"x\": \"" + strings.Repeat("x", events.MaxLine) + "\",\n" + line[1:], []string{"1" + tooLong}, ""},

		{"cut off after an element", "[\n" + named("a"), []string{a}, "line 2: not JSON: unexpected end"},
		{"cut off after a comma", "[\n" + named("a") + ",\n", []string{a}, "line 3: not JSON: unexpected end"},
		{"cut off in an element", "[\n" + named("a") + ",\n" + line[:20], []string{a}, "line 3: not JSON: unexpected end"},
		{"cut off in an element over several lines", "[\n" + pretty("a")[:30], nil, "line 3: not JSON: unexpected end"},
		{"cut off after the list", "{\"results\":[\n" + named("a") + "]\n", []string{a}, "line 3: not JSON: unexpected end"},
		{"cut off in an object over several lines", pretty("a")[:30], nil, "line 2: not JSON: unexpected end" + begins(1)},
		{"cut off in the results of one line", `{"results":[` + named("a") + "," + line[:20], []string{"1 a"}, "line 1: not JSON: unexpected end"},
		{"a missing comma", "[" + named("a") + "\n" + named("b") + "]", []string{"1 a"}, "line 2: not JSON: want ',' or ']', got '{'"},
		{"a trailing comma", "[" + named("a") + ",\n]", []string{"1 a"}, "line 2: not JSON: want a value, got ']'"},
		{"two commas", "[" + named("a") + ",,\n]", []string{"1 a"}, "line 1: not JSON: want a value, got ','"},
		{"a missing quote", "[\n" + named("a") + ",\n" + strings.Replace(pretty("b"), `b"`, "b", 1) + "," + line + "]", []string{a}, `line 6: not JSON: control character '\n' in a string`},
		{"a missing quote before a long rest", "[\n{\"a\": \"b\n" + strings.Repeat("x", 2*events.MaxLine), nil, `line 2: not JSON: control character '\n' in a string`},
		{"the wrong bracket", "[\n{\"a\": [1}]", nil, "line 2: not JSON: want ',' or ']', got '}'"},
		{"a brace in place of the bracket", "[" + named("a") + "\n}", []string{"1 a"}, "line 2: not JSON: want ',' or ']', got '}'"},
		{"a syntax error in the object", "{\n\"results\": [" + named("a") + "],\n}", []string{a}, `line 3: not JSON: want a name in double quotes, got '}'`},
		{"a name that ends like results", "{\n\"a\\\"results\": [" + named("a") + "]\n}", []string{"1: organization_id: required; event_type: required; project_name: required; environment_mode: required"}, ""},
		{"a syntax error in an object over several lines", "\n" + strings.Replace(pretty("a"), ",\n", "\n", 1), nil, "line 4: not JSON: want ',' or '}', got '\"'" + begins(2)},
		{"a number in two parts", "{\n\"x\": 1\n2,\n" + line[1:], nil, "line 3: not JSON: want ',' or '}', got '2'" + begins(1)},
		{"a first line that is cut off after a colon", "{\"organization_id\":\n" + named("a") + "\n" + named("b") + "\n", nil, "line 3: not JSON: want ',' or '}', got '{'" + begins(1)},
		{"two first lines that are cut off", "\n{\n{\"event_type\":\n" + named("a") + "\n", nil, `line 3: not JSON: want a name in double quotes, got '{'` + begins(2)},
		{"lists in lines", `{"page":1,"results":[` + named("a") + "]}\n" + `{"page":2,"results":[` + named("b") + "]}", []string{"1 a"}, "line 2: not JSON: want the end of the document, got '{': " + oneOrLines},
		{"an object in the second line", "{\"page\":\n{}\n,\"results\":[" + named("a") + "]}", []string{"3 a"}, ""},
		{"an element in the second line", "{\"page\":1,\"results\":[\n" + named("a") + "\n]}", []string{a}, ""},
		{"a number in two parts beside results", "{\n\"x\": 1 2, \"results\": [" + named("a") + "]}", []string{a}, "line 2: not JSON: want ',' or '}', got '2'"},
		{"results twice", "{\"results\": [" + named("a") + "],\n\"results\": [" + named("b") + "]}", []string{"1 a"}, `line 2: "results" is repeated`},
		{"results twice, the second one long", `{"results":[` + named("a") + `],"results":[` + strings.Repeat(line+",", events.MaxLine/len(line)) + line + "]}", []string{"1 a"}, `line 1: "results" is repeated`},
		{"results twice, the second one null", `{"results":[` + named("a") + `],"results":null}`, []string{"1 a"}, `line 1: "results" is repeated`},
		{"a long member before results", "{\n\"x\":\"" + strings.Repeat("x", events.MaxLine-len("{\n \"x\": \"\", \"results\":0")) + `","results":[` + named("a") + "]\n}", []string{"2 a"}, ""},
		{"a member before results that is too long", "{\n\"x\":\"" + strings.Repeat("x", events.MaxLine+1-len("{\n \"x\": \"\", \"results\":0")) + `","results":[` + named("a") + "]\n}", []string{"2 a"}, "line 2: " + besideResults},
		{"a long member after results and garbage", `{"results":[` + named("a") + "],\n\"x\":\"" + strings.Repeat("x", events.MaxLine) + "\", garbage garbage }", []string{"1 a"}, "line 2: " + besideResults},
		{"commas after results", `{"results":[` + named("a") + "]" + strings.Repeat(",", events.MaxLine) + " garbage}", []string{"1 a"}, "line 1: " + besideResults},
		{"a second list", "[" + named("a") + "]\n[]", []string{"1 a"}, "line 2: not JSON: want the end of the document, got '[': " + oneOrLines},
		{"objects over several lines", pretty("a") + "\n" + pretty("b"), []string{"1 a"}, "line 7: not JSON: want the end of the document, got '{': " + oneOrLines},
		{"nested too deep", "[" + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + "]", nil, "line 1: lists and objects nested deeper than 1000 levels"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cuts := []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.DataErrReader}
			if len(tc.text) < events.MaxBlock { // otherwise it takes seconds
				cuts = append(cuts, iotest.OneByteReader)
			}
			for _, cut := range cuts {
				blocks, err := read(cut(strings.NewReader(tc.text)))
				var lines []string
				for _, block := range blocks {
					if block != "" {
						lines = append(lines, block)
					}
				}
				require.Equal(t, tc.want, lines)
				if tc.err == "" {
					require.NoError(t, err)
				} else {
					require.EqualError(t, err, tc.err)
				}
			}
		})
	}
}

// begins returns the end of the message of a syntax error in an object over several lines. line is
// the first line of the object.
func begins(line int) string {
	return fmt.Sprintf(": line %d begins a document, because it is not a complete object", line)
}

const besideResults = "the members beside results are longer than 1048576 bytes"

const oneOrLines = "events are either one document, or one object per line as jq -c . writes them"

// A first line with null is a list of the CLI only if nothing follows. Otherwise it is a line
// like any other, even if the next line arrives later and looks like a document.
func TestNull(t *testing.T) {
	for rest, want := range map[string]string{
		"": "", "[]\n" + line + "\n": "6: want an object, got null/7: want an object, got a list/8 shop",
	} {
		reader := events.NewReader(io.MultiReader(strings.NewReader("\n\n\n\n\nnull\n"), strings.NewReader(rest)), nil)
		var b events.Block
		var got []string
		var err error
		for err == nil {
			err = reader.Read(&b)
			for l, invalid := range b.Lines() {
				if invalid != nil {
					got = append(got, fmt.Sprintf("%d: %v", l.Number, invalid))
				} else {
					got = append(got, fmt.Sprintf("%d %s", l.Number, l.ProjectName))
				}
			}
		}
		require.Equal(t, io.EOF, err)
		require.Equal(t, want, strings.Join(got, "/"))
	}
}

// An element is returned as soon as it is complete, and the error of the input is returned.
func TestDocumentOfAPipe(t *testing.T) {
	in, feed := io.Pipe()
	reader := events.NewReader(in, nil)
	var b events.Block
	go func() { _, _ = io.WriteString(feed, `{"results":[`+line+`,`+line[:9]) }()
	require.NoError(t, reader.Read(&b))
	for l, err := range b.Lines() {
		require.NoError(t, err)
		require.Equal(t, "shop", l.ProjectName)
	}
	broken := errors.New("broken")
	feed.CloseWithError(broken)
	require.ErrorIs(t, reader.Read(&b), broken)
	for range b.Lines() {
		require.Fail(t, "an element that is not complete")
	}
}
