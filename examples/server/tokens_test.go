package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTokensFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.json")
	write(t, file, `{"tok-both":["`+acme+`","`+other+`"],"tok-one":["`+acme+`"],"tok-none":[]}`)
	t.Setenv("HOOKFILTER_TOKEN", "unused") // the file's tokens are the only ones
	p := start(t, "-tokens", file, "-webhooks", folder(t, map[string]string{acme: list(""), other: list("")}))
	defer p.end()
	for _, c := range []struct {
		token, organization string
		want                int
	}{
		{"tok-both", acme, 200}, {"tok-both", other, 200}, {"tok-both", first, 403},
		{"tok-one", acme, 200}, {"tok-one", other, 403}, {"tok-one", first, 403},
		{"tok-none", acme, 403}, {"tok-none", other, 403},
		{"unused", acme, 401}, {"tok-on", acme, 401}, {"tok-onee", acme, 401},
	} {
		for _, scheme := range []string{"Bearer", "Token", "bearer", "TOKEN"} {
			for _, url := range []string{p.url, p.list} {
				status, _ := get(t, "GET", strings.Replace(url, acme, c.organization, 1), "Authorization: "+scheme+" "+c.token)
				require.Equal(t, c.want, status, c)
			}
		}
	}
}
