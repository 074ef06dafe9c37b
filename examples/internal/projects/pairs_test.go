package projects_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestPairs(t *testing.T) {
	const billing = "11111111-0000-4000-8000-000000000000"
	list := func(elements ...string) string { return "[" + strings.Join(elements, ",") + "]" }
	edited := func(text string, oldnew ...string) string { return strings.NewReplacer(oldnew...).Replace(text) }
	anotherShop := edited(project, shop, billing)
	staging := edited(environment, "79ebc231", "89ebc231", "PRODUCTION", "STAGING")
	for _, test := range []struct {
		name                   string
		projects, environments string // "" is no file
		want                   []projects.Pair
		reports                []string
	}{
		{"no files", "", "", nil,
			[]string{org + ".projects.json and " + org + ".environments.json: no such file: the organization's pairs of project and mode are not known"}},
		{"only projects", list(project), "", nil, []string{org + ".environments.json: no such file: the organization's pairs of project and mode are not known"}},
		{"only environments", "", list(environment), nil, []string{org + ".projects.json: no such file: the organization's pairs of project and mode are not known"}},
		{"empty lists", "[]", "null", []projects.Pair{}, nil},
		{"a project without an environment", list(project, edited(anotherShop, `"shop"`, `"billing"`)), list(environment), []projects.Pair{{"shop", webhook.Production}}, nil},
		{"two modes, sorted", list(project), list(staging, environment), []projects.Pair{{"shop", webhook.Production}, {"shop", webhook.Staging}}, nil},
		{"sorted by name first", list(project, edited(anotherShop, `"shop"`, `"billing"`)), list(environment, edited(staging, shop, billing)),
			[]projects.Pair{{"billing", webhook.Staging}, {"shop", webhook.Production}}, nil},
		{"two environments of one mode", list(project), list(environment, edited(environment, "79ebc231", "89ebc231")), []projects.Pair{{"shop", webhook.Production}}, nil},
		{"two projects of one name", list(project, anotherShop), list(environment, edited(environment, "79ebc231", "89ebc231", shop, billing)),
			[]projects.Pair{{"shop", webhook.Production}}, nil},
		{"names that differ in case", list(project, edited(anotherShop, `"shop"`, `"Shop"`)), list(environment, edited(environment, "79ebc231", "89ebc231", shop, billing)),
			[]projects.Pair{{"Shop", webhook.Production}, {"shop", webhook.Production}}, nil},
		{"an undocumented mode", list(project), list(edited(environment, "PRODUCTION", "SANDBOX")), []projects.Pair{{"shop", "SANDBOX"}}, nil},
		{"an environment of an unknown project", list(project), list(edited(staging, shop, billing), environment), []projects.Pair{{"shop", webhook.Production}},
			[]string{org + ".environments.json:1: environment 89ebc231-f9ae-483d-93d3-bcfe6852dfc3: its project " + billing + " is not in " + org + ".projects.json"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{".projects.json": test.projects, ".environments.json": test.environments} {
				if text != "" {
					require.NoError(t, os.WriteFile(filepath.Join(dir, org+name), []byte(text), 0o600))
				}
			}
			organizations, invalid, err := projects.Read(dir)
			require.NoError(t, err)
			require.Empty(t, invalid)
			all, errs := projects.Pairs(dir, organizations, []uuid.UUID{uuid.MustParse(org)})
			if test.want == nil {
				require.Empty(t, all)
			} else {
				require.Equal(t, []projects.Existing{{OrganizationID: uuid.MustParse(org), Pairs: test.want}}, all)
			}
			var reports []string
			for _, err := range errs {
				reports = append(reports, strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""))
			}
			require.Equal(t, test.reports, reports)
		})
	}
}

// The environments of unknown projects are reported in the order of the file. After 100 of them, the
// others are only counted.
func TestManyEnvironmentsOfUnknownProjects(t *testing.T) {
	var environments []string
	for i := range 150 {
		environments = append(environments, strings.Replace(environment, "79ebc231", fmt.Sprintf("%08d", 999-i), 1))
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, org+".projects.json"), []byte("[]"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, org+".environments.json"), []byte("[\n"+strings.Join(environments, ",\n")+"]"), 0o600))
	organizations, _, err := projects.Read(dir)
	require.NoError(t, err)
	_, reports := projects.Pairs(dir, organizations, nil)
	require.Len(t, reports, 101)
	file := filepath.Join(dir, org+".environments.json")
	require.ErrorContains(t, reports[0], file+":2: environment 00000999-")
	require.ErrorContains(t, reports[99], file+":101: environment 00000900-")
	require.EqualError(t, reports[100], file+": 50 more elements have problems")
}

// The organizations are sorted, and each is there once.
func TestPairsOfOrganizations(t *testing.T) {
	both := &projects.Organization{Projects: map[uuid.UUID]string{}, Environments: map[uuid.UUID]projects.Environment{}}
	first, second, third := uuid.MustParse(org), uuid.MustParse(other), uuid.Max
	all, reports := projects.Pairs("dir", map[uuid.UUID]*projects.Organization{third: both, first: both}, []uuid.UUID{third, second})
	require.Equal(t, []projects.Existing{{first, []projects.Pair{}}, {third, []projects.Pair{}}}, all)
	require.Len(t, reports, 1)
	require.Contains(t, reports[0].Error(), other)
}

// TestPairsOfOneOrganization: an environment whose project is not listed belongs to no pair.
func TestPairsOfOneOrganization(t *testing.T) {
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
