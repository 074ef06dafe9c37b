package lint_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/lint"
)

func TestConfusableCharacters(t *testing.T) {
	for _, test := range []struct{ name, entry, want string }{
		{"zero width space", "shop\u200b", "has the character U+200B, an invisible zero-width space: a matching name must have exactly this character"},
		{"byte order mark", "\ufeffshop", "has the character U+FEFF, an invisible byte order mark: a matching name must have exactly this character"},
		{"no-break space", "my\u00a0shop", "has the character U+00A0, a no-break space: a matching name must have exactly this character"},
		{"full-width asterisk", "shop＊", "has the character U+FF0A, a full-width asterisk, which is not a wildcard: a matching name must have exactly this character"},
		{"full-width question mark", "shop？", "has the character U+FF1F, a full-width question mark, which is not a wildcard: a matching name must have exactly this character"},
		{"asterisk operator", "shop∗", "has the character U+2217, an asterisk operator, which is not a wildcard: a matching name must have exactly this character"},
		{"combining mark", "cafe\u0301-*", "has the character U+0301, a combining mark, so a precomposed letter does not match: a matching name must have exactly this character"},
		{"last combining mark", "x\u036f", "has the character U+036F, a combining mark, so a precomposed letter does not match: a matching name must have exactly this character"},
		{"only the first", "a\u0300＊", "has the character U+0300, a combining mark, so a precomposed letter does not match: a matching name must have exactly this character"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, []lint.Finding{nameFinding(lint.ConfusableCharacter, 0, test.entry, test.want)}, checkNames(test.entry))
		})
	}
	require.Nil(t, checkNames("café", "日本", "my shop", "x\u02ff", "x\u0370", "a-b_c.d"))
}
