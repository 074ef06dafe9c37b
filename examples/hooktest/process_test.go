package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestProcess tests the exit statuses of the program.
func TestProcess(t *testing.T) {
	program := filepath.Join(t.TempDir(), "hooktest.exe")
	build, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", build)
	for status, args := range [][]string{
		{"-webhooks", "testdata/webhooks", right},
		{"-webhooks", "testdata/webhooks", wrong},
		{"-webhooks", "testdata/absent", right},
	} {
		cmd := exec.Command(program, args...)
		output, _ := cmd.CombinedOutput() // the test checks the status
		require.Equal(t, status, cmd.ProcessState.ExitCode(), "%s", output)
		require.NotEmpty(t, output)
	}
}
