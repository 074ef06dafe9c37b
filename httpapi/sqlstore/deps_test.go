package sqlstore_test

import (
	osexec "os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A program links only the driver that it imports.
func TestDrivers(t *testing.T) {
	const pgx, modernc = "github.com/jackc/pgx/", "modernc.org/"
	for pkg, links := range map[string]map[string]bool{
		".":          {pgx: false, modernc: false},
		"./postgres": {pgx: true, modernc: false},
		"./sqlite":   {pgx: false, modernc: true},
	} {
		out, err := osexec.CommandContext(t.Context(), "go", "list", "-deps", pkg).Output()
		require.NoError(t, err)
		for prefix, want := range links {
			require.Equal(t, want, strings.Contains("\n"+string(out), "\n"+prefix), "whether package %s links %s", pkg, prefix)
		}
	}
}
