//go:build unix

package webhookdir_test

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
)

// A pipe that no process writes to would block the program in open.
func TestReadNamedPipe(t *testing.T) {
	dir := folder(t, map[string]string{orgA + ".json": list(one)})
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, orgB+".json"), 0o600))
	require.Equal(t, outline{unreadable: []string{orgB + ".json: not a regular file"}}, read(t, dir))
}

func TestReadLinkToFile(t *testing.T) {
	dir := folder(t, map[string]string{"data": list(one)})
	require.NoError(t, os.Symlink("data", filepath.Join(dir, orgA+".json")))
	require.Equal(t, []string{orgA + ".json " + orgA}, read(t, dir).organizations)
}

// A file's name cannot forge a line.
func TestReadNameWithControlCharacters(t *testing.T) {
	dir := folder(t, map[string]string{"a\nb\x1b[2J.json": list(one)})
	_, err := webhookdir.Read(dir)
	require.EqualError(t, err, strconv.Quote(filepath.Join(dir, "a\nb\x1b[2J.json"))+": the file's name is not an organization's id")
}
