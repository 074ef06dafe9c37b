package jsonvalue_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// The result of At does not depend on the previous call.
func TestPositions(t *testing.T) {
	text := "{\n  \"é\": 1,\r\n\n\"日本\": \"x\xff\"\n}"
	want := func(offset int) jsonvalue.Position {
		lines := strings.Split(text[:offset], "\n")
		return jsonvalue.Position{Line: len(lines), Column: 1 + utf8.RuneCountInString(lines[len(lines)-1])}
	}
	var offsets []int
	for offset := range text { // of characters
		offsets = append(offsets, offset)
	}
	offsets = append(offsets, len(text))
	require.Equal(t, jsonvalue.Position{Line: 5, Column: 2}, want(len(text)))
	for _, first := range offsets {
		for _, second := range offsets {
			positions := jsonvalue.NewPositions([]byte(text))
			require.Equal(t, want(first), positions.At(first), fmt.Sprint(first))
			require.Equal(t, want(second), positions.At(second), fmt.Sprint(first, second))
		}
	}
}
