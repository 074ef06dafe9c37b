package browser

import (
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// copied clicks a button and returns the text that it copies.
func (p *page) copied(button string) string {
	p.t.Helper()
	p.do(chromedp.SetJavascriptAttribute(chromedp.ID("copied"), "textContent", ""))
	p.click(button)
	p.wait(`document.getElementById("copied").textContent`)
	require.NotContains(p.t, p.text("#copied"), "Not copied")
	return eval[string](p, `document.getElementById("copy").value`)
}

// shown returns the labels of the table's cells, row by row.
func (p *page) shown() string {
	p.t.Helper()
	return eval[string](p, `[...document.querySelectorAll("#table tr[data-row]")].map((tr) => [...tr.children].map((c) => c.ariaLabel ?? c.textContent).join("|")).join("\n")`)
}

// On another page, a link shows the same table and edit. It does not contain target URLs.
func TestLink(t *testing.T) {
	p := open(t, base)
	p.click("#tab-1")
	p.click(`#types [value="DEPLOYMENT_SUCCESSFUL"]`)
	p.click(`#modes [value="PREVIEW"]`)
	p.paste("names", "日本 \U0001d11e\n\"a\\nb\"\n[PR] 1\ncheckout")
	p.edit("webhooks", `"[PR]*"`, `"*checkout"`)
	require.Contains(t, p.text("#counts"), "The edit adds 2 and removes 2.")
	link := p.copied("#copy-link")
	require.True(t, strings.HasPrefix(link, base+"#1."), link)
	packed, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(link, base+"#1."))
	require.NoError(t, err)
	state, err := io.ReadAll(flate.NewReader(strings.NewReader(string(packed))))
	require.NoError(t, err)
	require.NotContains(t, string(state), "target_url")
	require.NotContains(t, string(state), "://")
	require.Contains(t, string(state), "Checkout team")
	t.Logf("length of the link of a shop with an edit: %d characters", len(link))

	q := open(t, link)
	require.Equal(t, p.shown(), q.shown())
	require.Equal(t, p.text("#counts"), q.text("#counts"))
	require.NotContains(t, eval[string](q, `document.getElementById("webhooks").value`), "target_url")
	require.Equal(t, link, q.copied("#copy-link"), "a link copied from the opened link")

	// An open page opens a link too, keeps its other tabs, and reports an invalid link.
	r := open(t, base)
	r.paste("names", "mine")
	r.do(chromedp.Navigate(link))
	r.wait(`document.getElementById("tab-4")`)
	require.Equal(t, p.shown(), r.shown())
	r.click("#tab-0")
	require.Equal(t, "mine", eval[string](r, `document.getElementById("names").value`))

	q.do(chromedp.Navigate(base + "#1.AAAA"))
	q.wait(`document.getElementById("trouble").checkVisibility()`)
	require.Equal(t, "The link cannot be read. Was it copied completely?", q.text("#trouble"))
	require.Equal(t, p.shown(), q.shown(), "an invalid link changes nothing")
}

// Exported expectations pass in hooktest with the exported webhooks, and fail with changed ones.
func TestExpectations(t *testing.T) {
	p := open(t, base)
	for _, test := range []struct{ name, tab, webhooks, old, new string }{
		{"an organization", "#tab-1", "", `"enabled": true`, `"enabled": false`},
		{"names of every script", "#tab-2", "", `"enabled": true`, `"enabled": false`},
		{"one webhook", "#tab-0", previews, `[PR]*`, `[P]*`},
	} {
		t.Run(test.name, func(t *testing.T) {
			p.t = t
			p.click(test.tab)
			if test.webhooks != "" {
				p.paste("webhooks", test.webhooks)
				p.paste("names", "[PR]\nx")
				p.click("#copy-expectations")
				p.wait(`document.getElementById("copied").textContent`)
				require.Contains(t, p.text("#copied"), "Not copied: organization id")
				require.Equal(t, "organization", eval[string](p, "document.activeElement.id"))
				p.do(chromedp.SendKeys(chromedp.ID("organization"), "8f36c487-4e75-4da9-a5bc-d7916f1acda0"))
			}
			p.click(`#types [value="DEPLOYMENT_SUCCESSFUL"]`)
			p.click(`#modes [value="PREVIEW"]`)
			expectations := p.copied("#copy-expectations")
			webhooks := p.copied("#copy-webhooks")
			if test.webhooks != "" {
				webhooks = `{"results": [` + webhooks + `]}`
			}

			var file struct {
				OrganizationID string `json:"organization_id"`
				Events         []json.RawMessage
			}
			require.NoError(t, json.Unmarshal([]byte(expectations), &file))
			dir := t.TempDir()
			hooks, expect := filepath.Join(dir, "webhooks"), filepath.Join(dir, "expect.json")
			require.NoError(t, os.Mkdir(hooks, 0o755))
			write := func(path, text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o644)) }
			write(expect, expectations)
			write(filepath.Join(hooks, file.OrganizationID+".json"), webhooks)
			hooktest := func() (string, error) {
				output, err := exec.Command(filepath.Join(programs, "hooktest"), "-webhooks", hooks, expect).CombinedOutput()
				return string(output), err
			}
			output, err := hooktest()
			require.NoError(t, err, output)
			require.Contains(t, output, "not as expected 0")

			changed := strings.Replace(webhooks, test.old, test.new, 1)
			require.NotEqual(t, webhooks, changed)
			write(filepath.Join(hooks, file.OrganizationID+".json"), changed)
			output, err = hooktest()
			require.Error(t, err, "hooktest passes with a changed webhook: %s", output)
		})
	}
}
