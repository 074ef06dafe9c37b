package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// golden compares a run with a file.
func golden(t *testing.T, name string, wantStatus int, args ...string) {
	t.Helper()
	status, stdout, stderr := hooktest(args...)
	require.Equal(t, wantStatus, status, stderr)
	got := fmt.Sprintf("hooktest %s\nstatus %d\n-- stdout --\n%s-- stderr --\n%s", strings.Join(args, " "), status, stdout, stderr)
	path := filepath.Join("testdata", "golden", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, portable(string(want)), portable(got))
	require.NotContains(t, got, "not-a-token")
}

// portable returns an output as it is on Unix: on Windows, paths have backslashes, and an
// absent file is described in other words.
func portable(output string) string {
	if runtime.GOOS != "windows" {
		return output
	}
	return strings.NewReplacer(`\\`, "/", `\`, "/", syscall.ENOENT.Error(), "no such file or directory").Replace(output)
}
