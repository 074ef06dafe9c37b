package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/filter/lint"
)

const (
	idMessage    = "is a UUID, but entries are compared with the project's name, never with its ID"
	spaceMessage = "begins or ends with white space, which is not trimmed: a matching name must have it too"
	namesMessage = "matches every name, so the list restricts nothing"
)

func foreignFinding(i int, value, part string) lint.Finding {
	return nameFinding(lint.LooksLikeRegexpOrGlob, i, value, fmt.Sprintf(
		"%q may be meant as a regular expression or a glob: here every character except * and ? stands for itself", part))
}

func TestLintNames(t *testing.T) {
	const id = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	for _, test := range []struct {
		name    string
		entries []string
		want    []lint.Finding
	}{
		{"no list", nil, nil},
		{"no findings", []string{"product*", "*-api", "billing", "[PR]*", "a.b", "team-?"}, nil},

		{"shadowed by a wildcard", []string{"product-*", "product*"}, []lint.Finding{shadowFinding(0, "product-*", 1, "product*")}},
		{"shadowed by a case variant", []string{"Shop", "shop"}, []lint.Finding{shadowFinding(1, "shop", 0, "Shop")}},
		{"shadowed by a case variant outside ASCII", []string{"ⱥ\u212aς?", "Ⱥkσ*"}, []lint.Finding{shadowFinding(0, "ⱥ\u212aς?", 1, "Ⱥkσ*")}},
		{"not case variants", []string{"straße", "STRASSE", "İ", "i"}, nil},
		{"the same wildcards in another order", []string{"a*?", "a?*"}, []lint.Finding{shadowFinding(1, "a?*", 0, "a*?")}},
		{"a chain of shadows", []string{"a-b-c", "a-b-*", "a-*"}, []lint.Finding{
			shadowFinding(0, "a-b-c", 2, "a-*"), shadowFinding(1, "a-b-*", 2, "a-*")}},
		{"a chain with case variants", []string{"AB", "ab", "A?"}, []lint.Finding{
			shadowFinding(0, "AB", 2, "A?"), shadowFinding(1, "ab", 2, "A?")}},
		{"an entry covered by two entries that it shadows", []string{"a*", "a", "a?*"}, []lint.Finding{
			shadowFinding(1, "a", 0, "a*"), shadowFinding(2, "a?*", 0, "a*")}},
		{"shadowed by two", []string{"a*", "*b", "ab"}, []lint.Finding{shadowFinding(2, "ab", 0, "a*")}},
		{"shadowed by a ?", []string{"?a", "?b", "aa", "?"}, []lint.Finding{shadowFinding(2, "aa", 0, "?a")}},
		{"overlapping entries", []string{"a*b", "*b?", "a?b?"}, []lint.Finding{shadowFinding(2, "a?b?", 1, "*b?")}},

		{"repeated", []string{"shop", "a*", "shop", "shop"}, []lint.Finding{
			repeatFinding("project_names_filter", 2, "shop", 0), repeatFinding("project_names_filter", 3, "shop", 0)}},
		{"repeated and shadowed", []string{"Shop", "shop", "shop"}, []lint.Finding{
			shadowFinding(1, "shop", 0, "Shop"), repeatFinding("project_names_filter", 2, "shop", 1)}},
		{"a repetition has no other finding", []string{id, id}, []lint.Finding{
			nameFinding(lint.LooksLikeID, 0, id, idMessage), repeatFinding("project_names_filter", 1, id, 0)}},

		{"all names", []string{"*"}, []lint.Finding{nameFinding(lint.AllNames, 0, "*", namesMessage)}},
		{"all names twice", []string{"shop", "**", "*"}, []lint.Finding{
			shadowFinding(0, "shop", 1, "**"), nameFinding(lint.AllNames, 1, "**", namesMessage), shadowFinding(2, "*", 1, "**")}},
		{"all names twice and no more", []string{"**", "*"}, []lint.Finding{
			nameFinding(lint.AllNames, 0, "**", namesMessage), shadowFinding(1, "*", 0, "**")}},
		{"all names but the empty one", []string{"?*"}, nil},

		{"an ID", []string{id}, []lint.Finding{nameFinding(lint.LooksLikeID, 0, id, idMessage)}},
		{"an ID in capitals", []string{strings.ToUpper(id)}, []lint.Finding{
			nameFinding(lint.LooksLikeID, 0, strings.ToUpper(id), idMessage)}},
		{"parts of an ID and other forms", []string{id + "*", id[:35], strings.ReplaceAll(id, "-", "")}, nil},

		{"surrounding space", []string{" shop", "billing\n", "\u00a0", "a b", " *"}, []lint.Finding{
			shadowFinding(0, " shop", 4, " *"), nameFinding(lint.SurroundingSpace, 0, " shop", spaceMessage),
			nameFinding(lint.SurroundingSpace, 1, "billing\n", spaceMessage),
			nameFinding(lint.SurroundingSpace, 2, "\u00a0", spaceMessage),
			nameFinding(lint.ConfusableCharacter, 2, "\u00a0", "has the character U+00A0, a no-break space: a matching name must have exactly this character"),
			nameFinding(lint.SurroundingSpace, 4, " *", spaceMessage)}},

		{"two findings about one entry", []string{" !" + id, "*" + id}, []lint.Finding{
			shadowFinding(0, " !"+id, 1, "*"+id), nameFinding(lint.SurroundingSpace, 0, " !"+id, spaceMessage)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, checkNames(test.entries...))
		})
	}
}

func TestLintForeignSyntax(t *testing.T) {
	for entry, part := range map[string]string{
		"shop.*": ".*", "shop.+x": ".+", "^shop": "^", "shop$": "$", "shop|api": "|", `shop\d`: `\`, `\*`: `\`,
		"[a-z]*": "[a-z]", "v[0-9][0-9]": "[0-9]", "[!x]y": "[!x]", "[^x]y": "[^x]",
		"{a,b}": "{a,b}", "x{,y}": "{,y}", "x{a,b}": "{a,b}", "!shop": "!",
		"checkout,billing": "checkout,billing", "a,b,c": "a,b", "x a,b y": "a,b", "%like%": "%", "%like": "%", "like%": "%",
		"re:foo": "re:", "regex:foo": "regex:", "regexp:foo": "regexp:", "glob:foo*": "glob:",
	} {
		require.Equal(t, []lint.Finding{foreignFinding(0, entry, part)}, checkNames(entry), entry)
	}
	for _, entry := range []string{"[PR]*", "[]", "[-]", "[a-", "{a}", "a, b", ",a", "b,", "a-b", "shop!", "50% off", "core:foo", "re", "Re:foo", "a.b*", "a$b", "v1.?", "a^b", "(x)"} {
		require.Nil(t, checkNames(entry), entry)
	}
}

func TestLintUndocumentedWildcards(t *testing.T) {
	const message = "the API documents only a * at the end: the vendor's own engine may treat ? and any other * differently"
	for entry, want := range map[string]bool{
		"shop": false, "shop*": false, "*": false, "[PR]*": false, "日本*": false,
		"*shop": true, "*shop*": true, "sh*p": true, "sh*p*": true, "shop?": true, "?": true, "?*": true, "*?": true, "shop**": true, "**": true, "sho?*": true,
	} {
		var got []lint.Finding
		for _, f := range lint.Check(filtertest.RestrictedTo(entry)) {
			if f.Code == lint.UndocumentedWildcard {
				got = append(got, f)
			}
		}
		if want {
			require.Equal(t, []lint.Finding{nameFinding(lint.UndocumentedWildcard, 0, entry, message)}, got, entry)
		} else {
			require.Empty(t, got, entry)
		}
	}
	findings := lint.Check(filtertest.RestrictedTo(" *x", " *x", "*$"))
	require.Equal(t, []lint.Finding{
		nameFinding(lint.SurroundingSpace, 0, " *x", spaceMessage), nameFinding(lint.UndocumentedWildcard, 0, " *x", message),
		repeatFinding("project_names_filter", 1, " *x", 0),
		foreignFinding(2, "*$", "$"), nameFinding(lint.UndocumentedWildcard, 2, "*$", message),
	}, findings, "UndocumentedWildcard is the last finding of an entry, and a repeated entry has no other finding")
}
