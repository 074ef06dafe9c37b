//go:build unix && !darwin

package projects_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// On other systems, two names that differ in case are one file.
func TestTwoFilesOfAnOrganization(t *testing.T) {
	_, _, err := read(t, map[string]string{org + ".projects.json": "[]", strings.ToUpper(org) + ".projects.json": "[]"})
	require.Equal(t, org+".projects.json: the organization already has such a file", err)
}
