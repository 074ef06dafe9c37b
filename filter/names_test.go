package filter_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestNames(t *testing.T) {
	long := strings.Repeat("é", webhook.MaxProjectNamesFilterEntry/2)
	for _, test := range []struct {
		rule    string
		entry   string
		matches []string
		misses  []string
	}{
		{"rule 7: whole name", "shop", []string{"shop"}, []string{"", "sho", "hop", "shops", "my shop", "shopshop"}},
		{"rule 7: spaces are not trimmed", " shop ", []string{" shop "}, []string{"shop", " shop", "shop ", "  shop  "}},
		{"rule 7: spaces of the name are not trimmed", "shop", nil, []string{" shop", "shop ", "shop\t", "shop\n", "\u00a0shop"}},
		{"rule 7: only a space", " ", []string{" "}, []string{"", "  ", "\t"}},
		{"rule 7: precomposed", "caf\u00e9", []string{"caf\u00e9", "CAF\u00c9"}, []string{"cafe\u0301", "cafe"}},
		{"rule 7: decomposed", "cafe\u0301", []string{"cafe\u0301", "CAFE\u0301"}, []string{"caf\u00e9", "cafe"}},
		{"rule 7: compatibility forms", "fi", []string{"fi", "FI"}, []string{"ﬁ", "ｆｉ"}},
		{"rule 7: at the length limit", long, []string{long, strings.ToUpper(long)}, []string{long + "é", long[2:]}},

		{"rule 8: star alone", "*", []string{"", "a", "a/b", "a\nb", "\x00", "\xff", "*", long}, nil},
		{"rule 8: stars alone", "***", []string{"", "a", "ab", "***"}, nil},
		{"rule 8: at the end", "product*", []string{"product", "product-1", "Products/eu", "product\n", "product\x00", "product\xff"}, []string{"produc", "my product", ""}},
		{"rule 8: at the start", "*-api", []string{"-api", "shop-api", "a/b\n-api", "-api-api", "\xff-api"}, []string{"api", "shop-api2", "-api "}},
		{"rule 8: in the middle", "a*a", []string{"aa", "aaa", "a/\na", "AbA"}, []string{"a", "ab", "ba", ""}},
		{"rule 8: prefix and suffix do not overlap", "abc*bcd", []string{"abcbcd", "abcXbcd"}, []string{"abcd", "abbcd"}},
		{"rule 8: on both sides", "*sho*", []string{"sho", "shop", "my Shop", "a/sho/b"}, []string{"sh", "s-ho", ""}},
		{"rule 8: twice in the middle", "a*b*c", []string{"abc", "a/b/c", "abbc", "aXbYbZc"}, []string{"ac", "acb", "abcd"}},
		{"rule 8: a match that overlaps a failed attempt", "*ab*aab", []string{"abaab", "aabaaab"}, []string{"aab", "abab", "aaab"}},
		{"rule 8: two in a row", "a**b", []string{"ab", "a*b", "a--b"}, []string{"a", "b"}},
		{"rule 8: not special in names", "a*", []string{"a*", "a?"}, []string{"*", "*a"}},

		{"rule 9: one character", "?", []string{"a", "/", "\n", "\x00", " ", "?", "日", "\U0001f680", "\ufffd", "\xff"}, []string{"", "ab", "e\u0301", "\xff\xff"}},
		{"rule 9: at the end", "v?", []string{"v1", "V日", "v/"}, []string{"v", "v10"}},
		{"rule 9: several", "???", []string{"abc", "日本語", "a\xff/"}, []string{"ab", "abcd"}},
		{"rule 9: each byte of an incomplete character counts", "?", nil, []string{"\xe6\x97", "\xed\xa0\x80"}},
		{"rule 9: in the middle", "a?c", []string{"abc", "aéc", "a?c"}, []string{"ac", "abbc"}},
		{"rules 8 and 9: ?*", "?*", []string{"a", "ab", "日"}, []string{""}},
		{"rules 8 and 9: *?", "*?", []string{"a", "ab", "日"}, []string{""}},
		{"rules 8 and 9: *?*?*", "*?*?*", []string{"ab", "abc", "日本"}, []string{"", "a", "日"}},
		{"rules 8 and 9: *a*b?", "*a*b?", []string{"abc", "xaxb/", "abbb"}, []string{"ab", "ba?", "b"}},

		{"rule 10: brackets", "[PR]*", []string{"[PR]", "[PR] 128 checkout", "[pr]x"}, []string{"P", "R", "PR", "Px", "R-1", "x[PR]"}},
		{"rule 10: brackets without wildcard", "[a]", []string{"[a]", "[A]"}, []string{"a"}},
		{"rule 10: range", "[a-c]?", []string{"[a-c]x"}, []string{"ax", "b?", "-x"}},
		{"rule 10: negation", "[!a]?", []string{"[!a]b"}, []string{"bb", "!b"}},
		{"rule 10: lone [", "[?", []string{"[x", "[]"}, []string{"[", "x"}},
		{"rule 10: lone ]", "*]?", []string{"]x", "a]]"}, []string{"]"}},
		{"rule 10: braces", "{a,b}*?", []string{"{a,b}x", "{A,B}xyz"}, []string{"ax", "bx", "{a}x", "a,b"}},
		{"rule 10: empty braces", "{}?", []string{"{}x"}, []string{"x"}},
		{"rule 10: lone {", "{*?", []string{"{x"}, []string{"x", "{"}},
		{"rule 10: lone }", "?}", []string{"x}"}, []string{"}", "x"}},
		{"rule 10: comma", "a,b?", []string{"a,bc"}, []string{"ac", "bc", "a"}},
		{"rule 10: ! and -", "!a-z?", []string{"!a-z?", "!A-Z1"}, []string{"b", "ab"}},
		{"rule 10: backslash does not escape *", `a\*`, []string{`a\`, `a\b`, `A\*`}, []string{"a*", "a", "ab"}},
		{"rule 10: backslash does not escape ?", `a\?`, []string{`a\b`, `a\?`}, []string{"a?", `a\`}},
		{"rule 10: backslash does not escape itself", `\\?`, []string{`\\x`}, []string{`\x`, `\\`}},
		{"rule 10: backslash at the end", `?\`, []string{`x\`}, []string{"x", `\`, `x\\`}},
		{"rule 10: backslash before a bracket", `\[*?`, []string{`\[x`}, []string{"[x"}},
		{"rule 10: syntax of regular expressions", "^(a|b)+.$*?", []string{"^(a|b)+.$x"}, []string{"ax", "aab", "a.x"}},
		{"rule 10: other scripts", "日本-*", []string{"日本-", "日本-shop"}, []string{"日本", "日-shop", "本-", "日本語-x"}},

		{"rule 11: ASCII", "Checkout-API", []string{"checkout-api", "CHECKOUT-API", "cHECKOUT-apI"}, []string{"checkout_api"}},
		{"rule 11: ASCII without case", "@[`{", []string{"@[`{"}, []string{"`{@[", "`[`{", "@{`{", "@[@{", "@[`["}},
		{"rule 11: kelvin", "\u212a", []string{"k", "K", "\u212a"}, []string{"κ", "c"}},
		{"rule 11: k", "k?*K", []string{"\u212a-\u212a", "kkk", "K日\u212a"}, []string{"\u212a\u212a"}},
		{"rule 11: long s", "ſ*", []string{"s", "S", "ſ", "Straße", "ſtraße"}, []string{"f", "z"}},
		{"rule 11: s", "?s", []string{"xſ", "xS", "ſſ"}, []string{"s", "ſ"}},
		{"rule 11: sigma", "Σ*σ?ς", []string{"σς-Σ", "ςΣσσ"}, []string{"σσΣ", "sss"}},
		{"rule 11: sharp s", "Straße", []string{"STRAẞE", "straße", "Straẞe"}, []string{"Strasse", "STRASSE"}},
		{"rule 11: ss", "strasse", []string{"STRASSE", "ſtraſſe"}, []string{"straße", "STRAẞE"}},
		{"rule 11: dotted I", "İ", []string{"İ"}, []string{"i", "I", "ı", "i\u0307"}},
		{"rule 11: dotless i", "ı", []string{"ı"}, []string{"i", "I", "İ"}},
		{"rule 11: i", "i", []string{"i", "I"}, []string{"İ", "ı"}},
		{"rule 11: case variants of another length", "Ⱥ*", []string{"ⱥ", "Ⱥ", "ⱥⱥ"}, []string{"a", "À"}},
		{"rule 11: case variants of another length, both ends", "ⱥ*Ⱥ", []string{"Ⱥⱥ", "ⱥⱥ", "ȺbȺ"}, []string{"Ⱥ", "ⱥ"}},
		{"rule 11: case variants of another length, one character", "?Ⱥ?", []string{"ⱥⱥⱥ", "ȺȺȺ"}, []string{"Ⱥⱥ"}},
		{"rule 11: titlecase", "ǆ", []string{"ǅ", "Ǆ"}, []string{"dž"}},
		{"rule 11: other scripts", "ДОМ-ἀ-ꭰ-𐐀", []string{"дом-Ἀ-Ꭰ-𐐨"}, []string{"dom-a-Ꭰ-𐐨"}},
		{"rule 11: combining iota", "\u0345", []string{"ι", "Ι", "\u1fbe"}, []string{"i"}},
		{"rule 11: U+FFFD", "a\ufffd", []string{"a\ufffd", "A\xff", "a\xc3", "a\x80"}, []string{"a", "a\ufffd\ufffd", "a?"}},
		{"rule 11: U+FFFD is one invalid byte", "\ufffd\ufffd", []string{"\xff\xfe", "\xe6\x97", "\ufffd\xc3"}, []string{"\xff", "\xe6\x97\xa5", "\xed\xa0\x80"}},
		{"rule 11: U+FFFD next to a wildcard", "*\ufffd?", []string{"\xffa", "ab\xff\xff", "\xe6\x97"}, []string{"\xff", "a\xe6\x97\xa5"}},

		{"rule 12: an ID is a name like any other", "3fa85f64-*", []string{"3FA85F64-5717-4562-b3fc-2c963f66afa6"}, []string{"shop"}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			f := filtertest.MustCompile(filtertest.RestrictedTo(test.entry))
			for _, name := range test.matches {
				require.True(t, f.Match(filtertest.Named(name)), "%+q", name)
			}
			for _, name := range test.misses {
				require.False(t, f.Match(filtertest.Named(name)), "%+q", name)
			}
		})
	}
}

// Rule 11 for every Unicode letter with case, compared with its case mappings and with its
// neighbors.
func TestFoldingOfEveryLetter(t *testing.T) {
	letters := 0
	for c := range unicode.MaxRune + 1 {
		others := []rune{unicode.SimpleFold(c), unicode.ToLower(c), unicode.ToUpper(c), unicode.ToTitle(c)}
		if !utf8.ValidRune(c) || others[0] == c && others[1] == c && others[2] == c {
			continue
		}
		letters++
		exact, wild := filtertest.MustCompile(filtertest.RestrictedTo(string(c))), filtertest.MustCompile(filtertest.RestrictedTo("?"+string(c)))
		for _, other := range append(others, c, c+1, c-1, unicode.SimpleFold(others[0])) {
			want := strings.EqualFold(string(c), string(other))
			require.Equal(t, want, exact.Match(filtertest.Named(string(other))), "%+q %+q", c, other)
			require.Equal(t, want, wild.Match(filtertest.Named("x"+string(other))), "%+q %+q", c, other)
		}
	}
	require.Greater(t, letters, 2500)
}
