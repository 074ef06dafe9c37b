// Package formtest writes webhooks in the forms of the vendor's data, for tests.
package formtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
)

// Rewrite returns a copy of a folder of webhooks, with its projects and environments. change
// changes the members of each webhook, and bare leaves out the object around the list.
func Rewrite(t *testing.T, dir string, bare bool, change func(w map[string]any)) string {
	t.Helper()
	to := t.TempDir()
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	organizations, err := webhookdir.Read(dir)
	require.NoError(t, err)
	for _, o := range organizations {
		text, err := os.ReadFile(o.File)
		require.NoError(t, err)
		var list struct {
			Results []map[string]any `json:"results"`
		}
		require.NoError(t, json.Unmarshal(text, &list))
		for _, w := range list.Results {
			change(w)
		}
		var document any = list
		if bare {
			document = list.Results
		}
		text, err = json.Marshal(document)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, filepath.Base(o.File)), text, 0o600))
	}
	return to
}

// AsCLI changes a webhook to what the vendor's CLI prints.
func AsCLI(w map[string]any) {
	delete(w, "target_secret_set")
	for name, value := range w {
		if list, ok := value.([]any); ok && len(list) == 0 {
			delete(w, name)
		}
		if text, ok := value.(string); ok && strings.HasSuffix(name, "_at") {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				panic(err)
			}
			w[name] = at.String()
		}
	}
}
