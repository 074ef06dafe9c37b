package projects_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestJoin(t *testing.T) {
	const api, orphan = "11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"
	var o projects.Organization
	_, err := o.ParseProjects([]byte("["+project+","+strings.NewReplacer(shop, api, `"shop"`, `"api"`).Replace(project)+"]"), uuid.Nil)
	require.NoError(t, err)
	var environments []string
	for _, e := range [][3]string{{api, shop, "STAGING"}, {production, shop, "PRODUCTION"}, {shop, shop, "STAGING"}, {orphan, orphan, "PRODUCTION"}, {org, api, "NEW"}} {
		environments = append(environments, `{"id":"`+e[0]+`","name":"live","mode":"`+e[2]+`","project":{"id":"`+e[1]+`"},"organization":{"id":"`+org+`"}}`)
	}
	_, err = o.ParseEnvironments([]byte("["+strings.Join(environments, ",")+"]"), uuid.Nil)
	require.NoError(t, err)
	pairs, orphans := o.Pairs()
	require.Equal(t, []projects.Pair{{"api", "NEW"}, {"shop", webhook.Production}, {"shop", webhook.Staging}}, pairs)
	require.Equal(t, []uuid.UUID{uuid.MustParse(orphan)}, orphans)

	pairs, orphans = new(projects.Organization).Pairs()
	require.Equal(t, []projects.Pair{}, pairs)
	require.Empty(t, orphans)
}
