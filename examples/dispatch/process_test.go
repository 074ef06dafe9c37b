//go:build unix

package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestProcess tests signals, exit statuses and a closed pipe, which need a process.
func TestProcess(t *testing.T) {
	program := filepath.Join(t.TempDir(), "dispatch")
	build, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", build)
	dir, id := oneWebhook(t)

	// start starts the program, which reads events from standard input.
	start := func(t *testing.T, args ...string) (cmd *exec.Cmd, stdin io.WriteCloser, stdout io.ReadCloser, stderr *bytes.Buffer) {
		cmd = exec.Command(program, append(args, "-webhooks", dir, "-events", "-")...)
		stdin, err := cmd.StdinPipe()
		require.NoError(t, err)
		stdout, err = cmd.StdoutPipe()
		require.NoError(t, err)
		stderr = new(bytes.Buffer)
		cmd.Stderr = stderr
		require.NoError(t, cmd.Start())
		t.Cleanup(func() { _ = cmd.Process.Kill() }) // in case it hangs in a failed test
		return cmd, stdin, stdout, stderr
	}

	t.Run("as dispatch | head -1", func(t *testing.T) {
		for name, args := range map[string][]string{"text": nil, "-json": {"-json"}} {
			t.Run(name, func(t *testing.T) {
				cmd, stdin, stdout, stderr := start(t, args...)
				go func() {
					var err error
					for err == nil { // until the program has ended
						_, err = io.WriteString(stdin, started("shop"))
					}
				}()
				_, err := bufio.NewReader(stdout).ReadString('\n')
				require.NoError(t, err)
				require.NoError(t, stdout.Close())
				require.NoError(t, cmd.Wait(), stderr)
				require.Empty(t, stderr.String())
			})
		}
	})

	t.Run("interrupted while it waits", func(t *testing.T) {
		cmd, stdin, stdout, stderr := start(t, "-json")
		_, err := io.WriteString(stdin, started("shop")+`{"organization_id":`)
		require.NoError(t, err)
		line, err := bufio.NewReader(stdout).ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, outputLine(1, "shop", id), line)
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		require.NoError(t, cmd.Wait(), stderr)
		require.Equal(t, "events 1, fired 1, deliveries 1, malformed lines 0, invalid webhooks 0\n", stderr.String())
	})

	t.Run("exit status", func(t *testing.T) {
		for name, tc := range map[string]struct {
			input  string
			args   []string
			status int
		}{
			"valid input":    {started("shop"), nil, 0},
			"malformed line": {"?\n", nil, 1},
			"bad flag":       {"", []string{"-x"}, 2},
		} {
			t.Run(name, func(t *testing.T) {
				cmd := exec.Command(program, append(tc.args, "-webhooks", dir, "-events", "-")...)
				cmd.Stdin = strings.NewReader(tc.input)
				_ = cmd.Run() // the test checks the status
				require.Equal(t, tc.status, cmd.ProcessState.ExitCode())
			})
		}
	})
}
