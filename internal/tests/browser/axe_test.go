package browser

import (
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// axe returns the source of axe-core, and installs it with npm if necessary.
func axe(t *testing.T) string {
	t.Helper()
	const file = "node_modules/axe-core/axe.min.js"
	if _, err := os.Stat(file); err != nil {
		if _, err := exec.LookPath("npm"); err != nil && os.Getenv("CI") != "true" {
			t.Skip("npm is not installed")
		}
		output, err := exec.Command("npm", "ci", "--no-audit", "--no-fund").CombinedOutput()
		require.NoError(t, err, "npm ci: %s", output)
	}
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(source)
}

// axe-core finds no violation in several states, color schemes and widths of the page.
func TestAccessible(t *testing.T) {
	source := axe(t)
	p := open(t, base)
	eval[chromedp.Void](p, source)
	checked := 0
	check := func(state string, schemes ...string) {
		t.Helper()
		for _, scheme := range schemes {
			_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			require.NoError(t, err)
			result := eval[struct{ Passes, Violations []string }](p, `axe.run().then((r) => ({
				passes: r.passes.map((p) => p.id),
				violations: r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.html + " " + n.failureSummary)),
			}))`)
			require.Empty(t, result.Violations, "%s, %s", state, scheme)
			require.Contains(t, result.Passes, "color-contrast")
			checked++
		}
	}
	check("empty", "light")
	p.click("#tab-1")
	p.edit("webhooks", `"*Checkout*"`, `"*Checkout*", "storefront", ""`)
	p.edit("webhooks", `"[PR]*"`, `"[PR] 128*"`)
	p.click(`#table tr[data-row="7"] td:nth-child(5)`)
	check("an edit with an invalid webhook", "light", "dark")
	p.edit("webhooks", `, ""`, ``)
	p.edit("webhooks", `"STANDARD"`, `"STANDARDS"`)
	p.click(`#table tr[data-row="8"] td:nth-child(5)`)
	p.copied("#copy-link")
	check("an explanation and a copied link", "dark")
	p.do(chromedp.EmulateViewport(400, 900))
	check("narrow", "light")
	p.edit("webhooks", `{`, `[`)
	check("invalid JSON", "light", "dark")
	projects, environments := responses(t)
	p.click("#existing summary")
	p.paste("projects", "["+projects+"]")
	check("an invalid project", "light")
	p.paste("projects", projects)
	p.paste("environments", environments)
	check("existing projects", "dark")
	require.Equal(t, 9, checked)
}
