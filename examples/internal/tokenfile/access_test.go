package tokenfile_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/tokenfile"
	"github.com/hookfilter/hookfilter/httpapi"
)

func TestAccess(t *testing.T) {
	file := write(t, `{"tok-file":["`+acme+`"]}`)
	for name, c := range map[string]struct {
		file, env, token, header, note string
	}{
		"generated":       {"", "", "", "'Authorization: Token GENERATED'", ""},
		"the environment": {"", "tok-env", "tok-env", `"Authorization: Token $HOOKFILTER_TOKEN"`, "HOOKFILTER_TOKEN set to the server's token"},
		"a file":          {file, "tok-env", "tok-file", `"Authorization: Token $TOKEN"`, "TOKEN set to a token of " + file},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOOKFILTER_TOKEN", c.env)
			a, err := tokenfile.Open(c.file)
			require.NoError(t, err)
			header := a.Header(httpapi.SchemeToken)
			if c.token == "" {
				c.token = strings.TrimSuffix(strings.TrimPrefix(header, "'Authorization: Token "), "'")
				require.Len(t, c.token, 26)
				header = strings.Replace(header, c.token, "GENERATED", 1)
			}
			require.Equal(t, c.header, header)
			require.Equal(t, c.note, a.Note())
			for _, scheme := range []httpapi.Scheme{httpapi.SchemeBearer, httpapi.SchemeToken} {
				for token, want := range map[string]error{c.token: nil, "tok": httpapi.ErrUnauthenticated, "": httpapi.ErrUnauthenticated} {
					require.Equal(t, want, a.Authorize(t.Context(), httpapi.Credential{Scheme: scheme, Token: token}, uuid.MustParse(acme)))
				}
			}
			require.True(t, a.AnyReads(uuid.MustParse(acme)))
			require.Equal(t, c.file == "", a.AnyReads(uuid.New()))
		})
	}
}

func TestAccessReload(t *testing.T) {
	file := write(t, `{"tok-a":["`+acme+`"]}`)
	a, err := tokenfile.Open(file)
	require.NoError(t, err)
	accepted := func(token string) error {
		return a.Authorize(t.Context(), httpapi.Credential{Scheme: httpapi.SchemeToken, Token: token}, uuid.MustParse(acme))
	}
	require.Equal(t, "1 tokens of "+file, a.String())
	require.NoError(t, os.WriteFile(file, []byte(`{"tok-b":["`+acme+`"],"tok-c":["`), 0o600))
	require.ErrorContains(t, a.Reload(), file+": not a JSON object")
	require.NoError(t, accepted("tok-a"))
	require.ErrorIs(t, accepted("tok-b"), httpapi.ErrUnauthenticated)
	require.NoError(t, os.WriteFile(file, []byte(`{"tok-b":["`+acme+`"],"tok-c":[]}`), 0o600))
	require.NoError(t, a.Reload())
	require.ErrorIs(t, accepted("tok-a"), httpapi.ErrUnauthenticated)
	require.NoError(t, accepted("tok-b"))
	require.Equal(t, "2 tokens of "+file, a.String())

	require.NoError(t, os.Remove(file))
	require.ErrorIs(t, a.Reload(), os.ErrNotExist)
	require.NoError(t, accepted("tok-b"))
	_, err = tokenfile.Open(file)
	require.ErrorIs(t, err, os.ErrNotExist)
}
