//go:build unix

package docs_test

import (
	"encoding/json"
	"io/fs"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// module has the parts of a go.mod file that TestReplace needs.
type module struct {
	Module  struct{ Path string }
	Require []struct{ Path string }
	Replace []struct{ Old, New struct{ Path string } }
	dir     string
}

// modules returns the modules of the repository by path.
func modules(t *testing.T) map[string]module {
	t.Helper()
	found := make(map[string]module)
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "node_modules"):
			return fs.SkipDir // npm packages may contain other Go modules
		case entry.Name() != "go.mod":
			return nil
		}
		text, err := exec.Command("go", "mod", "edit", "-json", path).Output()
		require.NoError(t, err, path)
		m := module{dir: filepath.Dir(path)}
		require.NoError(t, json.Unmarshal(text, &m), path)
		found[m.Module.Path] = m
		return nil
	}))
	return found
}

// Each module replaces exactly the modules of the repository that it requires directly or through
// other modules, since Go ignores the replace lines of a dependency. If a line is missing,
// go list -m all and go doc fail.
func TestReplace(t *testing.T) {
	found := modules(t)
	require.Contains(t, found, "github.com/hookfilter/hookfilter/examples/service")
	for path, m := range found {
		t.Run(path, func(t *testing.T) {
			replaced := make(map[string]string) // folder by path of the module
			for _, r := range m.Replace {
				replaced[r.Old.Path] = filepath.Join(m.dir, r.New.Path)
			}
			required := make(map[string]string)
			var add func(module)
			add = func(from module) {
				for _, r := range from.Require {
					to, ours := found[r.Path]
					if _, added := required[r.Path]; ours && !added {
						required[r.Path] = to.dir
						add(to)
					}
				}
			}
			add(m)
			require.Equal(t, required, replaced)
		})
	}
}
