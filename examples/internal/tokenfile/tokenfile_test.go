package tokenfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/tokenfile"
	"github.com/hookfilter/hookfilter/httpapi"
)

const acme, other = "8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c", "c2a4f3f0-5f53-4d1a-8a55-6f5f2f1f6a11"

func write(t *testing.T, content string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "tokens.json")
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

func TestRead(t *testing.T) {
	tokens, err := tokenfile.Read(write(t, `{"one":["`+acme+`"],"both":["`+acme+`","`+other+`"],"none":[]}`))
	require.NoError(t, err)
	for _, c := range []struct {
		token        string
		acme, others error
	}{
		{"one", nil, httpapi.ErrForbidden},
		{"both", nil, nil},
		{"none", httpapi.ErrForbidden, httpapi.ErrForbidden},
		{"unknown", httpapi.ErrUnauthenticated, httpapi.ErrUnauthenticated},
		{"", httpapi.ErrUnauthenticated, httpapi.ErrUnauthenticated},
		{"ONE", httpapi.ErrUnauthenticated, httpapi.ErrUnauthenticated},
	} {
		for _, scheme := range []httpapi.Scheme{httpapi.SchemeBearer, httpapi.SchemeToken} {
			credential := httpapi.Credential{Scheme: scheme, Token: c.token}
			require.Equal(t, c.acme, tokens.Authorize(t.Context(), credential, uuid.MustParse(acme)), c.token)
			require.Equal(t, c.others, tokens.Authorize(t.Context(), credential, uuid.MustParse(other)), c.token)
		}
	}
	require.NotContains(t, fmt.Sprintf("%+v", tokens), "both", "only hashes are stored")
	require.True(t, tokens.AnyReads(uuid.MustParse(acme)))
	require.False(t, tokens.AnyReads(uuid.New()))
}

func TestReadRefuses(t *testing.T) {
	for name, content := range map[string]string{
		"an empty file":      "",
		"a list":             `["secret"]`,
		"no tokens":          `{}`,
		"null":               `null`,
		"an id for the list": `{"secret":"` + acme + `"}`,
		"null for the list":  `{"secret":null}`,
		"not an id":          `{"secret":["secret"]}`,
		"id without hyphens": `{"secret":["` + strings.ReplaceAll(acme, "-", "") + `"]}`,
		"id in braces":       `{"secret":["{` + acme + `}"]}`,
		"id as URN":          `{"secret":["urn:uuid:` + acme + `"]}`,
		"a number":           `{"secret":["` + acme + `",5]}`,
		"repeated token":     `{"secret":["` + acme + `"],"x":[],"secret":["` + other + `"]}`,
		"repeated, escaped":  `{"secret":[],"\u0073ecret":[]}`,
		"truncated":          `{"secret":["` + acme + `"]`,
		"cannot be sent":     `{"secret secret":[]}`,
		"longer than 8 KiB":  `{"secret` + strings.Repeat("x", 8<<10) + `":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, content)
			_, err := tokenfile.Read(file)
			require.ErrorContains(t, err, file)
			require.NotContains(t, err.Error(), "secret")
		})
	}
	_, err := tokenfile.Read(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = tokenfile.Read(write(t, `{"secret":["`+acme+`"],"x":[],"secret":[]}`))
	require.ErrorContains(t, err, ": token 3 is repeated")
	_, err = tokenfile.Read(write(t, `{"secret":["`+acme+`"],"x":["`+acme+`","?"]}`))
	require.ErrorContains(t, err, ": token 2: organization id 2: want a UUID of 36 characters")
}

func TestAll(t *testing.T) {
	tokens, err := tokenfile.All("one")
	require.NoError(t, err)
	require.True(t, tokens.AnyReads(uuid.New()))
	require.NoError(t, tokens.Authorize(t.Context(), httpapi.Credential{Scheme: httpapi.SchemeToken, Token: "one"}, uuid.New()))
	require.ErrorIs(t, tokens.Authorize(t.Context(), httpapi.Credential{Scheme: httpapi.SchemeToken, Token: "two"}, uuid.New()), httpapi.ErrUnauthenticated)
	_, err = tokenfile.All("not one")
	require.Error(t, err)
}
