//go:build unix

package docs_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// programs has the programs of "needs" comments. When a program is ready, it has printed
// the values of environment variables for the commands. The dispatcher needs NATS,
// with webhooks that a command has put.
var programs = map[string]struct {
	command   string
	variables []string
	printed   *regexp.Regexp // a group for each variable
}{
	"nats": {"go run github.com/nats-io/nats-server/v2@v2.15.2 -js -sd nats-store -a 127.0.0.1 -p -1", []string{"NATS"},
		regexp.MustCompile(`Listening for client connections on (\S+)`)},
	"service": {"go -C examples/service run . -addr 127.0.0.1:0 -metrics 127.0.0.1:0", []string{"METRICS", "SERVICE"},
		regexp.MustCompile(`(?s)Metrics on (\S+)/metrics.*Serving on (\S+) .*curl`)},
	"dispatcher": {"go -C examples/cluster run . dispatch -nats $NATS -metrics 127.0.0.1:0", []string{"DISPATCHER"},
		regexp.MustCompile(`(?s)msg="serving metrics" address=(\S+)\n.*msg=started`)},
}

// startProgram starts a program that ends with the test parent, and returns its variables.
func startProgram(t, parent *testing.T, dir, name string, env []string) (variables []string) {
	t.Helper()
	program := programs[name]
	cmd := exec.Command("bash", "-c", program.command)
	cmd.Dir, cmd.Env = dir, env
	printed := start(t, cmd, program.printed.Match)
	parent.Cleanup(func() { interrupt(parent, cmd) })
	for i, value := range program.printed.FindStringSubmatch(string(printed))[1:] {
		variables = append(variables, program.variables[i]+"="+value)
	}
	return variables
}

// runUntil runs cmd until it has printed ready, and then interrupts it.
func runUntil(t *testing.T, cmd *exec.Cmd, ready string) {
	t.Helper()
	start(t, cmd, func(printed []byte) bool { return bytes.Contains(printed, []byte(ready)) })
	interrupt(t, cmd)
}

// start starts cmd, waits until ready returns true for its output, and returns the output.
func start(t *testing.T, cmd *exec.Cmd, ready func(printed []byte) bool) (printed []byte) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	read, write, err := os.Pipe()
	require.NoError(t, err)
	cmd.Stdout, cmd.Stderr = write, write
	require.NoError(t, cmd.Start())
	require.NoError(t, write.Close())
	for buffer := make([]byte, 4096); !ready(printed); {
		n, err := read.Read(buffer)
		printed = append(printed, buffer[:n]...)
		require.NoError(t, err, "the command ended before it was ready:\n%s", printed)
	}
	go func() { // the command may print more
		defer read.Close()
		_, _ = io.Copy(io.Discard, read)
	}()
	return printed
}

// interrupt ends cmd and the processes that it has started.
func interrupt(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	require.NoError(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGINT))
	_ = cmd.Wait() // the error is the interrupt
}
