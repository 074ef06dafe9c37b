package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// It is an error to write to an input, to write two outputs to one file, and to read standard input
// twice.
func TestConflictingFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	const stdinTwice = "standard input, -, is named twice: want it once"
	for _, test := range []struct {
		want string
		args []string
	}{
		{"-junit and -sarif name the same file a.xml: want two files", []string{"-lint", "-junit", "a.xml", "-sarif", "b/../a.xml"}},
		{`-junit "a\x1b": the file is also an input`, []string{"-junit", "a\x1b", "b.json", "./a\x1b"}},
		{"-sarif a.json: the file is also an input", []string{"-sarif", "a.json", "-deliveries", "A=./a.json"}},
		{stdinTwice, []string{"-", "-"}},
		{stdinTwice, []string{"-deliveries", "A=-", "-deliveries", "B=-"}},
		{stdinTwice, []string{"-deliveries", "A=-", "-"}},
	} {
		status, stdout, stderr := hooktest(append([]string{"-webhooks", "absent"}, test.args...)...)
		require.Equal(t, 2, status, test.args)
		require.Empty(t, stdout)
		require.True(t, strings.HasPrefix(stderr, test.want+"\n"), "%s\nwant %s", stderr, test.want)
	}
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Empty(t, files)
}
