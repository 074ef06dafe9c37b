package main

import (
	"context"
	"flag"
	"io"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStartFails(t *testing.T) {
	good := folder(t, map[string]string{acme: list("")})
	tokensOf := func(content string) string {
		file := filepath.Join(t.TempDir(), "tokens.json")
		write(t, file, content)
		return file
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel() // if a program starts against expectation, it ends at once
	const notToken = "tokens.json: token 1: malformed token: want the form of RFC 6750"
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"an unknown flag":         {[]string{"-x"}, "bad arguments"},
		"an argument":             {[]string{"x"}, "bad arguments"},
		"no folder":               {[]string{"-webhooks", "absent"}, "open absent: " + syscall.ENOENT.Error()},
		"no webhook":              {[]string{"-webhooks", folder(t, map[string]string{acme: `{"results":[]}`})}, "no webhook that a token may read"},
		"no token for a webhook":  {[]string{"-webhooks", good, "-tokens", tokensOf(`{"tok-secret":["` + other + `"]}`)}, "no webhook that a token may read"},
		"an address without port": {[]string{"-webhooks", good, "-addr", "nowhere"}, "address nowhere: missing port"},
		"no tokens file":          {[]string{"-webhooks", good, "-tokens", "absent"}, "open absent: " + syscall.ENOENT.Error()},
		"no tokens":               {[]string{"-webhooks", good, "-tokens", tokensOf(`{}`)}, "tokens.json: no token"},
		"a token with a space":    {[]string{"-webhooks", good, "-tokens", tokensOf(`{"tok-secret x":["` + acme + `"]}`)}, notToken},
		"an empty token":          {[]string{"-webhooks", good, "-tokens", tokensOf(`{"":["` + acme + `"]}`)}, notToken},
		"tokens in a list":        {[]string{"-webhooks", good, "-tokens", tokensOf(`["tok-secret"]`)}, "not a JSON object from token to the list"},
		"no list":                 {[]string{"-webhooks", good, "-tokens", tokensOf(`{"tok-secret":"` + acme + `"}`)}, "token 1: not a list of organization ids"},
		"ids and tokens swapped":  {[]string{"-webhooks", good, "-tokens", tokensOf(`{"` + acme + `":["tok-secret-012345678901234567890123456789012"]}`)}, "token 1: organization id 1: want a UUID of 36 characters"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(ended, c.args, io.Discard, io.Discard)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "tok-secret")
		})
	}
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, io.Discard, io.Discard), flag.ErrHelp)
	for name, token := range map[string]string{
		"a space":                "tok-secret x",
		"a line end":             "tok-secret\n",
		"not ASCII":              "tok-secret-pässwort",
		"padding before the end": "tok-secret=x",
		"only padding":           "==",
		"too long":               "tok-secret" + strings.Repeat("x", 8<<10),
	} {
		t.Run("HOOKFILTER_TOKEN with "+name, func(t *testing.T) {
			t.Setenv("HOOKFILTER_TOKEN", token)
			err := run(ended, []string{"-webhooks", good}, io.Discard, io.Discard)
			require.ErrorContains(t, err, "HOOKFILTER_TOKEN: malformed token: want the form of RFC 6750")
			require.NotContains(t, err.Error(), token)
		})
	}
}

// TestAnyAddress: the curl line has an address that a client can dial, not 0.0.0.0.
func TestAnyAddress(t *testing.T) {
	p := start(t, "-webhooks", folder(t, map[string]string{acme: list("")}), "-addr", ":0")
	require.Contains(t, p.url, "http://localhost:")
	status, _ := get(t, "GET", p.url, p.header)
	require.Equal(t, 200, status)
	p.end()
}
