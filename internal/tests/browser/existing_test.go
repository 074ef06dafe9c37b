package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// responses returns the projects and environments of the shop in testdata.
func responses(t *testing.T) (projects, environments string) {
	t.Helper()
	read := func(suffix string) string {
		text, err := os.ReadFile(filepath.Join(root, "testdata/webhooks", "8f36c487-4e75-4da9-a5bc-d7916f1acda0."+suffix+".json"))
		require.NoError(t, err)
		return string(text)
	}
	return read("projects"), read("environments")
}

// value returns the value of a field.
func (p *page) value(id string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf("document.getElementById(%s).value", quote(id)))
}

// A user pastes the API's lists of projects and environments, and adds a project and its mode with
// the keyboard. From then on, an existing project in the table has only the modes of its environments.
func TestExistingProjects(t *testing.T) {
	p := open(t, base)
	projects, environments := responses(t)
	p.paste("webhooks", previews)
	p.paste("names", "[pr] 1")
	require.False(t, p.visible("offers"))
	p.do(chromedp.Focus(chromedp.CSS("#existing summary")), chromedp.KeyEvent(kb.Enter))
	p.wait(`document.getElementById("existing").open`)
	require.Equal(t, "1 of 1 name fires: 1 delivery.", p.text("#counts"))

	p.paste("projects", projects)
	require.Contains(t, p.text("#existing-counts"), "Paste the environments too")
	require.Contains(t, p.text("#counts"), "1 name belongs to no existing project.")
	p.paste("environments", environments)
	require.Regexp(t, `^\d+ projects, \d+ pairs of a name and a mode\.$`, p.text("#existing-counts"))

	p.paste("names", "checkout\n")
	p.do(chromedp.Focus(chromedp.ID("offer")), chromedp.KeyEvent("[PR] 128 checkout"), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	require.Equal(t, "checkout\n[PR] 128 checkout", p.value("names"))
	require.True(t, eval[bool](p, `document.querySelector('#modes [value="PREVIEW"]').checked`))
	require.Equal(t, "does not fire", p.cell(0, 0))
	require.Equal(t, "fires", p.cell(1, 0), "for all existing modes of the project")
	p.do(chromedp.KeyEvent(kb.Enter))
	require.Equal(t, "checkout\n[PR] 128 checkout", p.value("names"), "a name is added once")

	p.click(`#modes [value="PREVIEW"]`)
	require.Equal(t, "has no such event", p.cell(1, 0))
	require.Contains(t, p.text("#legend"), "∅ the project has no environment of a chosen mode")
	p.click(`#table tr[data-row="1"] td`)
	require.Contains(t, p.text("#explanation"), "There is no such event. The project has no environment of a chosen mode.")

	p.do(chromedp.Focus(chromedp.ID("add-all")), chromedp.KeyEvent(kb.Enter))
	pairs := eval[int](p, `document.getElementById("offer").length`)
	require.Contains(t, p.text("#existing-counts"), fmt.Sprintf("%d pairs", pairs))
	require.Contains(t, p.value("names"), "\nStrasse-Admin")
	require.NotContains(t, p.text("#table"), "∅", "all modes of all projects are chosen")

	p.do(chromedp.EmulateViewport(400, 1000))
	require.Equal(t, 400, eval[int](p, "document.documentElement.scrollWidth"))

	// Another tab has its own projects.
	p.click("#tab-1")
	require.False(t, p.visible("offers"))
	require.Empty(t, p.value("projects"))
	p.click("#tab-0")
	require.True(t, p.visible("offers"))
	require.Equal(t, projects, p.value("projects"))
}

// If a pasted text is not a list of projects or environments, its note says what the text is. Invalid
// elements are listed with their line.
func TestInvalidExistingProjects(t *testing.T) {
	p := open(t, base)
	projects, environments := responses(t)
	p.click("#existing summary")
	for _, test := range []struct{ field, text, want string }{
		{"projects", previews, "line 1\nError: want a list, got a webhook."},
		{"projects", `{"status": 401, "message": "no"}`, "got an error response, status 401: check the URL and the token"},
		{"environments", "\n<!doctype html>", "line 2\nError: HTML, not JSON"},
	} {
		p.paste(test.field, test.text)
		require.Contains(t, p.text("#"+test.field+"-notes"), test.want)
		require.Contains(t, p.text("#existing-counts"), test.field)
		require.Contains(t, p.text("#existing-counts"), "cannot be read.")
		require.False(t, p.visible("offers"))
	}
	p.paste("environments", projects)
	require.Contains(t, p.text("#environments-notes"), "line 2\nError: results[0]: want an environment, got a project.")
	p.paste("environments", environments)
	require.False(t, p.visible("environments-notes"))
	p.paste("projects", projects)
	p.paste("projects", "["+strings.Repeat("17,", 150)+"17]")
	require.Contains(t, p.text("#projects-notes"), "and 51 more elements have problems")
	p.paste("projects", projects)
	p.edit("projects", `{"id"`, "\n17,\n{\"id\"")
	require.Equal(t, "line 3\nError: results[0]: want an object, got the number 17.", p.text("#projects-notes"))
	require.True(t, p.visible("offers"))
	p.click("#projects-notes button")
	require.Equal(t, "1", eval[string](p, `(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))(document.activeElement)`))
}

// A link has neither projects nor environments. If a link that was made by hand has them, the page
// ignores them. A link that was made before the page had the two fields still opens.
func TestLinkOfExistingProjects(t *testing.T) {
	p := open(t, base)
	projects, environments := responses(t)
	p.paste("webhooks", previews)
	p.paste("names", "[PR] 128 checkout")
	old := p.copied("#copy-link")
	p.click("#existing summary")
	p.paste("projects", projects)
	p.paste("environments", environments)
	require.Equal(t, old, p.copied("#copy-link"))

	q := open(t, base)
	follow := func(more string) {
		t.Helper()
		link := eval[string](q, `import("./link.js").then((link) => link.toFragment(JSON.stringify({ webhooks: `+quote(previews)+`, names: "[PR] 1", types: ["DEPLOYMENT_FAILURE"], modes: ["PREVIEW"]`+more+` })))`)
		eval[string](q, "location.hash = "+quote(link))
	}
	follow("")
	q.wait(`document.getElementById("tab-4")`)
	require.Equal(t, "fires", q.cell(0, 0))
	follow(", baseline: \"\", organization_id: \"\", projects: " + quote(projects) + ", environments: " + quote(environments))
	q.wait(`document.getElementById("tab-5")`)
	require.Equal(t, "fires", q.cell(0, 0))
	require.Empty(t, q.value("projects")+q.value("environments"))
}
