package projects_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Without an organization's id, the elements may be of any organization.
func TestParse(t *testing.T) {
	var o projects.Organization
	invalid, err := o.ParseProjects([]byte("["+project+",\n7]"), uuid.Nil)
	require.NoError(t, err)
	require.Len(t, invalid, 1)
	var at *jsonvalue.Error
	require.ErrorAs(t, invalid[0], &at)
	require.Equal(t, len(project)+3, at.Offset)
	require.Equal(t, map[uuid.UUID]string{uuid.MustParse(shop): "shop"}, o.Projects)
	require.Nil(t, o.Environments)

	invalid, err = o.ParseEnvironments([]byte("["+environment+"]"), uuid.Nil)
	require.NoError(t, err)
	require.Empty(t, invalid)
	require.Equal(t, webhook.Production, o.Environments[uuid.MustParse(production)].Mode)

	_, err = o.ParseProjects([]byte("<html>"), uuid.Nil)
	require.ErrorContains(t, err, "HTML, not JSON")
	invalid, err = o.ParseProjects([]byte("["+project+"]"), uuid.MustParse(other))
	require.NoError(t, err)
	require.Len(t, invalid, 1)
}
