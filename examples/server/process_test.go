package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain runs the program instead of the tests in a process that a test has started.
func TestMain(m *testing.M) {
	if os.Getenv("SERVER_TEST_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

// TestDefaultFolderIsMissing runs the program outside of the repository: the error names the
// flag to set.
func TestDefaultFolderIsMissing(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, "-addr", "127.0.0.1:0")
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "SERVER_TEST_PROGRAM=1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.Error(t, cmd.Run())
	require.Equal(t, 2, cmd.ProcessState.ExitCode())
	require.Equal(t, "server: -webhooks: open testdata/webhooks: no such file or directory\n", stderr.String())
	require.Empty(t, stdout.String())
}
