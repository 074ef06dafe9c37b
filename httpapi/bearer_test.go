package httpapi_test

import (
	"context"
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
	for name, c := range map[string]struct {
		headers []string
		want    string // the challenge
		token   string
	}{
		"a token":              {[]string{"Bearer abc"}, ok, "abc"},
		"the whole alphabet":   {[]string{"Bearer AZaz09-._~+/=="}, ok, "AZaz09-._~+/=="},
		"scheme in lower case": {[]string{"bearer abc"}, ok, "abc"},
		"scheme in upper case": {[]string{"BEARER abc"}, ok, "abc"},
		"several spaces":       {[]string{"Bearer   abc"}, ok, "abc"},
		"the longest":          {[]string{"Bearer " + longest}, ok, longest},

		"no header":          {nil, missing, ""},
		"an empty header":    {[]string{""}, missing, ""},
		"no token":           {[]string{"Bearer"}, missing, ""},
		"spaces for a token": {[]string{"Bearer  "}, missing, ""},
		"Basic":              {[]string{"Basic YTpi"}, missing, ""},
		"Token":              {[]string{"Token abc"}, missing, ""},
		"no scheme":          {[]string{"abc"}, missing, ""},
		"a scheme like it":   {[]string{"Bearers abc"}, missing, ""},
		"a tab":              {[]string{"Bearer\tabc"}, missing, ""},
		"a space before":     {[]string{" Bearer abc"}, missing, ""},
		"no space":           {[]string{"Bearerabc"}, missing, ""},
		"two of Basic":       {[]string{"Basic YTpi", "Basic YTpi"}, missing, ""},

		"one byte too long":     {[]string{"Bearer a" + longest}, refused, ""},
		"padding makes it long": {[]string{"Bearer " + longest + "="}, refused, ""},
		"padding alone":         {[]string{"Bearer =="}, refused, ""},
		"padding inside":        {[]string{"Bearer a=b"}, refused, ""},
		"two tokens":            {[]string{"Bearer abc def"}, refused, ""},
		"a space behind":        {[]string{"Bearer abc "}, refused, ""},
		"a list":                {[]string{"Bearer abc, Bearer abc"}, refused, ""},
		"quoted":                {[]string{`Bearer "abc"`}, refused, ""},
		"a parameter":           {[]string{"Bearer token=abc"}, refused, ""},
		"control":               {[]string{"Bearer abc\x00"}, refused, ""},
		"a line end":            {[]string{"Bearer abc\r\nX: y"}, refused, ""},
		"not ASCII":             {[]string{"Bearer abç"}, refused, ""},
		"not UTF-8":             {[]string{"Bearer ab\xff"}, refused, ""},
		"two headers":           {[]string{"Bearer abc", "Bearer def"}, refused, ""},
		"the same twice":        {[]string{"Bearer abc", "Bearer abc"}, refused, ""},
		"Basic first":           {[]string{"Basic YTpi", "Bearer abc"}, refused, ""},
		"Basic last":            {[]string{"Bearer abc", "Basic YTpi"}, refused, ""},
		"an empty one last":     {[]string{"Bearer abc", ""}, refused, ""},
	} {
		t.Run(name, func(t *testing.T) {
			asked := ""
			h := httpapi.NewHandler(goodStore, httpapi.AuthorizerFunc(func(_ context.Context, token string, _ uuid.UUID) error {
				asked = token
				return nil
			}), nil)
			got := serve(h, request("GET", goodPath, c.headers...))
			require.Equal(t, c.want, got.Header().Get("WWW-Authenticate"))
			require.Equal(t, c.token, asked)
			require.NoError(t, answerFault("GET", got.Code, got.Header(), got.Body.String()))
			if c.want == ok {
				require.Equal(t, 200, got.Code)
			} else {
				require.Equal(t, 401, got.Code)
			}
		})
	}
}

// TestTokenAlphabet has every byte inside a token and at its end.
func TestTokenAlphabet(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/"
	h := httpapi.NewHandler(goodStore, anybody, nil)
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
