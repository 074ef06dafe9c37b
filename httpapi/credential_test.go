package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
)

func TestAuthorization(t *testing.T) {
	const (
		ok      = ""
		missing = "Bearer"
		refused = `Bearer error="invalid_token"`
	)
	longest := strings.Repeat("a", 8<<10)
	bearer := func(token string) httpapi.Credential { return httpapi.Credential{httpapi.SchemeBearer, token} }
	apiToken := func(token string) httpapi.Credential { return httpapi.Credential{httpapi.SchemeToken, token} }
	none := httpapi.Credential{}
	for name, c := range map[string]struct {
		headers []string
		want    string // the challenge
		asked   httpapi.Credential
	}{
		"a token":              {[]string{"Bearer abc"}, ok, bearer("abc")},
		"an API token":         {[]string{"Token abc"}, ok, apiToken("abc")},
		"the whole alphabet":   {[]string{"Bearer AZaz09-._~+/=="}, ok, bearer("AZaz09-._~+/==")},
		"scheme in lower case": {[]string{"bearer abc"}, ok, bearer("abc")},
		"scheme in upper case": {[]string{"BEARER abc"}, ok, bearer("abc")},
		"Token in lower case":  {[]string{"token abc"}, ok, apiToken("abc")},
		"Token in mixed case":  {[]string{"tOKEN abc"}, ok, apiToken("abc")},
		"several spaces":       {[]string{"Bearer   abc"}, ok, bearer("abc")},
		"spaces after Token":   {[]string{"Token   abc"}, ok, apiToken("abc")},
		"the longest token":    {[]string{"Bearer " + longest}, ok, bearer(longest)},
		"longest API token":    {[]string{"Token " + longest}, ok, apiToken(longest)},

		"no header":           {nil, missing, none},
		"an empty header":     {[]string{""}, missing, none},
		"no token":            {[]string{"Bearer"}, missing, none},
		"Token alone":         {[]string{"Token"}, missing, none},
		"only spaces":         {[]string{"Bearer  "}, missing, none},
		"Basic":               {[]string{"Basic YTpi"}, missing, none},
		"no scheme":           {[]string{"abc"}, missing, none},
		"Bearers":             {[]string{"Bearers abc"}, missing, none},
		"Tokens":              {[]string{"Tokens abc"}, missing, none},
		"a Kelvin sign for k": {[]string{"To\u212aen abc"}, missing, none},
		"a tab":               {[]string{"Bearer\tabc"}, missing, none},
		"a leading space":     {[]string{" Bearer abc"}, missing, none},
		"no separator":        {[]string{"Bearerabc"}, missing, none},
		"two Basic headers":   {[]string{"Basic YTpi", "Basic YTpi"}, missing, none},

		"one byte too long":     {[]string{"Bearer a" + longest}, refused, none},
		"Token, too long":       {[]string{"Token a" + longest}, refused, none},
		"too long with padding": {[]string{"Bearer " + longest + "="}, refused, none},
		"padding alone":         {[]string{"Bearer =="}, refused, none},
		"padding inside":        {[]string{"Bearer a=b"}, refused, none},
		"two tokens":            {[]string{"Bearer abc def"}, refused, none},
		"two API tokens":        {[]string{"Token abc def"}, refused, none},
		"a scheme in the token": {[]string{"Token Bearer abc"}, refused, none},
		"a trailing space":      {[]string{"Bearer abc "}, refused, none},
		"a list":                {[]string{"Bearer abc, Bearer abc"}, refused, none},
		"quoted":                {[]string{`Bearer "abc"`}, refused, none},
		"a parameter":           {[]string{"Bearer token=abc"}, refused, none},
		"a control character":   {[]string{"Bearer abc\x00"}, refused, none},
		"a line end":            {[]string{"Bearer abc\r\nX: y"}, refused, none},
		"not ASCII":             {[]string{"Bearer abç"}, refused, none},
		"not UTF-8":             {[]string{"Bearer ab\xff"}, refused, none},
		"two headers":           {[]string{"Bearer abc", "Bearer def"}, refused, none},
		"two equal headers":     {[]string{"Bearer abc", "Bearer abc"}, refused, none},
		"both schemes":          {[]string{"Bearer abc", "Token abc"}, refused, none},
		"Basic, then Bearer":    {[]string{"Basic YTpi", "Bearer abc"}, refused, none},
		"Token, then Basic":     {[]string{"Token abc", "Basic YTpi"}, refused, none},
		"an empty header last":  {[]string{"Bearer abc", ""}, refused, none},
	} {
		t.Run(name, func(t *testing.T) {
			asked := none
			h := httpapi.NewHandler(goodStore, httpapi.AuthorizerFunc(func(_ context.Context, c httpapi.Credential, _ uuid.UUID) error {
				asked = c
				return nil
			}), nil)
			got := serve(h, request("GET", goodPath, c.headers...))
			require.Equal(t, c.want, got.Header().Get("WWW-Authenticate"))
			require.Equal(t, c.asked, asked)
			require.NoError(t, checkResponse("GET", got.Code, got.Header(), got.Body.String()))
			if c.want == ok {
				require.Equal(t, 200, got.Code)
			} else {
				require.Equal(t, 401, got.Code)
			}
		})
	}
}

// Every byte is tried inside a token and at its end.
func TestTokenAlphabet(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/"
	h := httpapi.NewHandler(goodStore, allowAll, nil)
	for b := range 256 {
		c := string([]byte{byte(b)})
		for token, ok := range map[string]bool{
			"a" + c + "a": strings.Contains(alphabet, c),
			"a" + c:       strings.Contains(alphabet+"=", c),
		} {
			want := 401
			if ok {
				want = 200
			}
			require.Equal(t, want, serve(h, request("GET", goodPath, "Bearer "+token)).Code, "%q", token)
		}
	}
}

func TestCredentialValidate(t *testing.T) {
	longest := strings.Repeat("a", 8<<10)
	for name, c := range map[string]struct {
		credential httpapi.Credential
		want       string // in the error
	}{
		"a JWT":            {httpapi.Credential{httpapi.SchemeBearer, "aa.bb.cc"}, ""},
		"an API token":     {httpapi.Credential{httpapi.SchemeToken, longest}, ""},
		"the zero value":   {httpapi.Credential{}, "unsupported scheme: want Bearer or Token"},
		"no scheme":        {httpapi.Credential{Token: "abc"}, "unsupported scheme: want Bearer or Token"},
		"another scheme":   {httpapi.Credential{"Basic", "abc"}, "unsupported scheme: want Bearer or Token"},
		"lower case":       {httpapi.Credential{"bearer", "abc"}, "unsupported scheme: want Bearer or Token"},
		"no token":         {httpapi.Credential{httpapi.SchemeBearer, ""}, "malformed token: want "},
		"padding alone":    {httpapi.Credential{httpapi.SchemeBearer, "="}, "malformed token: want "},
		"a space":          {httpapi.Credential{httpapi.SchemeToken, "secret secret"}, "malformed token: want "},
		"one byte too big": {httpapi.Credential{httpapi.SchemeToken, longest + "="}, "malformed token: want "},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.credential.Validate()
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

// No usual way to print or encode a Credential shows its token.
func TestCredentialHidesToken(t *testing.T) {
	c := httpapi.Credential{Scheme: httpapi.SchemeToken, Token: "SECRET"}
	type holder struct {
		C httpapi.Credential
		P *httpapi.Credential
	}
	for name, v := range map[string]any{
		"a value":   c,
		"a pointer": &c,
		"a struct":  holder{c, &c},
		"a slice":   []httpapi.Credential{c},
		"a map":     map[httpapi.Credential]*httpapi.Credential{c: &c},
	} {
		t.Run(name, func(t *testing.T) {
			texts := map[string]string{}
			for _, verb := range []string{"v", "+v", "#v", "s", "q", "x", "X", "d", "T", "t", "U", "e", "20v", "-20.3s"} {
				texts["%"+verb] = fmt.Sprintf("%"+verb, v)
			}
			var out bytes.Buffer
			slog.New(slog.NewTextHandler(&out, nil)).Info("m", "c", v)
			texts["slog's text"] = out.String()
			out.Reset()
			slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "c", v)
			texts["slog's JSON"] = out.String()
			text, err := json.Marshal(v)
			require.NoError(t, err)
			texts["JSON"] = string(text)
			text, err = xml.Marshal(v)
			texts["XML"] = fmt.Sprint(string(text), err) // XML has no maps
			for how, text := range texts {
				require.NotContains(t, text, "SECRET", how)
				require.NotContains(t, text, "534543524554", how) // SECRET in hexadecimal
			}
			for _, how := range []string{"slog's JSON", "JSON"} {
				require.Contains(t, texts[how], "Token [token]", how)
			}
		})
	}
	require.Equal(t, "Token [token]", fmt.Sprintf("%#v", c))
	require.Equal(t, "Token [token]", c.String())
}
