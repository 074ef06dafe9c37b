//go:build linux

package main

import (
	"flag"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRefusesToStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	dir := t.TempDir()
	other := write(t, filepath.Join(dir, "other"), strings.Repeat("another kind of file\n", 100))
	for name, c := range map[string]struct {
		args []string
		says string // on standard error, or in the error
	}{
		"an argument":                {[]string{"x"}, `unexpected argument: "x"`},
		"an unknown flag":            {[]string{"-x"}, "-x"},
		"an issuer alone":            {[]string{"-issuer", "https://x.example"}, "-issuer and -audience go together"},
		"an audience alone":          {[]string{"-audience", "x"}, "-issuer and -audience go together"},
		"a certificate alone":        {[]string{"-tls-cert", "x"}, "-tls-cert and -tls-key go together"},
		"a key alone":                {[]string{"-tls-key", "x"}, "-tls-cert and -tls-key go together"},
		"another database":           {[]string{"-db", "mysql://u:SECRET@h"}, `unsupported URL scheme "mysql": want postgres or sqlite`},
		"no URL":                     {[]string{"-db", "SECRET"}, `unsupported URL scheme "": want postgres or sqlite`},
		"no scheme":                  {[]string{"-db", "SECRET@h:5432/d"}, `unsupported URL scheme "": want postgres or sqlite`},
		"an unreachable server":      {[]string{"-db", "postgres://u:SECRET@/d?host=/nowhere"}, "postgres:///d: sqlstore: migrate: unavailable: "},
		"a malformed URL":            {[]string{"-db", "postgres://u:SEC%RET@h/d"}, "postgres: sqlstore: cannot parse the PostgreSQL URL"},
		"a file in a missing folder": {[]string{"-db", "sqlite:/nonexistent/x.db"}, "sqlite:/nonexistent/x.db: sqlstore: migrate: unavailable: unable to open database file"},
		"a folder instead of a file": {[]string{"-db", "sqlite:" + dir}, "sqlite:" + dir + ": sqlstore: migrate: unavailable: unable to open database file"},
		"a file of another kind":     {[]string{"-db", "sqlite:" + other}, "sqlite:" + other + ": sqlstore: migrate: file is not a database"},
		"a missing folder":           {[]string{"-import", "/nowhere"}, "-import: open /nowhere: no such file or directory"},
		"a missing file of tokens":   {[]string{"-tokens", "/nowhere"}, "open /nowhere: no such file or directory"},
		"an issuer by plain http":    {[]string{"-issuer", "http://x.example", "-audience", "x"}, "Issuer is not an https URL"},
		"an unreachable provider":    {[]string{"-issuer", "https://127.0.0.1:1", "-audience", "x"}, "oidcauth: unavailable"},
		"an address in use":          {[]string{"-addr", taken.Addr().String()}, "address already in use"},
		"a metrics address in use":   {[]string{"-addr", "127.0.0.1:0", "-metrics", taken.Addr().String()}, "address already in use"},
		"a missing certificate":      {[]string{"-addr", "127.0.0.1:0", "-tls-cert", "/nowhere", "-tls-key", "/nowhere"}, "certificate /nowhere with key /nowhere: open /nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr output
			err := run(t.Context(), c.args, &stdout, &stderr)
			require.Error(t, err)
			require.Contains(t, stderr.String()+err.Error(), c.says)
			require.NotContains(t, stderr.String()+err.Error(), "SECRET")
		})
	}
	var stdout, stderr output
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, &stdout, &stderr), flag.ErrHelp)
	require.Contains(t, stderr.String(), "-organizations-claim")
}

// TestDefaultFolderIsMissing runs the program outside of its own folder, which the default of
// -import needs: the error names the flag.
func TestDefaultFolderIsMissing(t *testing.T) {
	cmd := process(t, "-addr", "127.0.0.1:0")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 2, cmd.ProcessState.ExitCode())
	require.Equal(t, "service: -import: open ../../testdata/webhooks: no such file or directory\n", string(out))
}

func TestEndsBySignal(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			p, signal := startProcess(t, "-import", folder(t, described(first, "x")))
			signal(s)
			require.NoError(t, p.wait(t))
		})
	}
}
