package lint_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/lint"
)

func TestConfusableCharacters(t *testing.T) {
	for _, test := range []struct{ name, entry, want string }{
		{"zero width space", "shop\u200b", "has the character U+200B, an invisible space of no width, which is compared like any other"},
		{"byte order mark", "\ufeffshop", "has the character U+FEFF, an invisible byte order mark, which is compared like any other"},
		{"no-break space", "my\u00a0shop", "has the character U+00A0, a no-break space, which is compared like any other"},
		{"full-width asterisk", "shop＊", "has the character U+FF0A, a full-width asterisk and no wildcard, which is compared like any other"},
		{"full-width question mark", "shop？", "has the character U+FF1F, a full-width question mark and no wildcard, which is compared like any other"},
		{"asterisk operator", "shop∗", "has the character U+2217, an asterisk operator and no wildcard, which is compared like any other"},
		{"combining mark", "cafe\u0301-*", "has the character U+0301, a combining mark that differs from the same letter as one character, which is compared like any other"},
		{"last combining mark", "x\u036f", "has the character U+036F, a combining mark that differs from the same letter as one character, which is compared like any other"},
		{"only the first", "a\u0300＊", "has the character U+0300, a combining mark that differs from the same letter as one character, which is compared like any other"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, []lint.Finding{nameFinding(lint.ConfusableCharacter, 0, test.entry, test.want)}, checkNames(test.entry))
		})
	}
	require.Nil(t, checkNames("café", "日本", "my shop", "x\u02ff", "x\u0370", "a-b_c.d"))
}
