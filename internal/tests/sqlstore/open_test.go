//go:build linux

package sqlstore_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore/postgres"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore/sqlite"
)

func TestOpenRefuses(t *testing.T) {
	for url, want := range map[string]string{
		"":                                       "unsupported URL scheme: want",
		"x":                                      "unsupported URL scheme: want",
		"secret@h:5432/d":                        "",
		"mysql://u:secret@h/d":                   "unsupported URL scheme: want",
		"SQLITE:secret":                          "unsupported URL scheme: want",
		"postgres://u:secret@h:port/d":           "",
		"postgres://u:secret@h/d?sslmode=secret": "",
		"postgres:// :secret@h":                  "",
		"sqlite:":                                "",
		"sqlite:/secret-folder/that/is/not/there": "",
	} {
		for name, open := range map[string]func(context.Context, string, ...sqlstore.Option) (*sqlstore.Store, error){
			"postgres": postgres.Open, "sqlite": sqlite.Open,
		} {
			s, err := open(t.Context(), url)
			require.ErrorContains(t, err, "sqlstore: "+want, "%s %s", name, url)
			require.NotContains(t, err.Error(), "secret")
			require.Nil(t, s)
		}
	}
}

// An error says what is wrong with a URL, and quotes no part of the password.
func TestPostgresURL(t *testing.T) {
	const prefix = "sqlstore: cannot parse the PostgreSQL URL: "
	const noScheme = "sqlstore: unsupported URL scheme: want postgres"
	for url, want := range map[string]string{
		"postgres://u:hush@h:port/d":                             prefix + "invalid port after host",
		"postgres://u:hush@h:99999/d":                            prefix + "invalid port",
		"postgres://h/d?user=u&password=hush&port=port":          prefix + "invalid port",
		"postgres://u:h%75sh@h/d?sslmode=on":                     prefix + "failed to configure TLS (sslmode is invalid)",
		"postgres://h/d?p%61ssword=h%75sh&sslmode=on":            prefix + "failed to configure TLS (sslmode is invalid)",
		"postgres://u:hush@h/d?default_query_exec_mode=fast":     prefix + `invalid default_query_exec_mode (unknown value "fast")`,
		"postgres://u:hush@h/d?target_session_attrs=two%0Alines": prefix + "unknown target_session_attrs value: two lines",
		// Passwords that are not percent-encoded.
		"postgres://u:hu%sh@h/d":        prefix + "invalid URL escape",
		"postgres://h/d?password=hu%sh": prefix + "failed to parse as URL (invalid percent-encoded token in password)",
		"postgres://u:hush/@h/d":        prefix + "invalid port after host",
		"postgres://u:hush#@h/d":        prefix + "invalid port after host",
		"postgres://u:hush?@h/d":        prefix + "invalid port after host",
		`postgres://u:"hush"hush/@h/d`:  prefix + "invalid port after host",
		"postgres://u:x@y:hush@h/d":     prefix + "invalid port",
		"postgres://u:hush @h/d":        prefix + "net/url: invalid userinfo",
		"postgres://u:x\nhush@h/d":      prefix + "net/url: invalid control character in URL",
		// libpq's form is not a URL.
		"host=h port=port user=u password=hush": noScheme,
		"password='hush' host=h sslmode=on":     noScheme,
		"password=h%75sh host=h":                noScheme,
		"password=hush:hush host=h":             prefix + "first path segment in URL cannot contain colon",
	} {
		_, err := postgres.Open(t.Context(), url)
		require.EqualError(t, err, want, url)
		require.NotContains(t, err.Error(), "hu")
	}
}

func testOpenedByMany(t *testing.T, url string) {
	organization := uuid.New()
	errs := make(chan error)
	for range 8 {
		go func() {
			s, err := openURL(t.Context(), url)
			if err == nil {
				defer s.Close()
				_, err = s.Put(t.Context(), organization, made(""))
			}
			errs <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-errs)
	}
	require.Len(t, contents(t, open(t, url), organization), 8)
}

func testReopened(t *testing.T, url string) {
	organization := uuid.New()
	s := open(t, url)
	change, err := s.Put(t.Context(), organization, made(""))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	s = open(t, url)
	require.Len(t, contents(t, s, organization), 1)
	next, err := s.Put(t.Context(), organization, made(""))
	require.NoError(t, err)
	require.Equal(t, change+1, next)
}

func TestSQLiteFileNames(t *testing.T) {
	for _, name := range []string{"a b", "100%", "a?b=c&d", "#1", "a:b", "%41", "ü", "mode=memory", "'"} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), name)
			s := open(t, "sqlite:"+file)
			require.FileExists(t, file)
			require.NoError(t, s.Ping(t.Context()))
		})
	}
}
