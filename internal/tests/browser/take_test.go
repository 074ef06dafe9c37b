package browser

import (
	"bytes"
	"compress/gzip"
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
	require.True(t, strings.HasPrefix(link, base+"#2."), link)
	packed, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(link, base+"#2."))
	require.NoError(t, err)
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	state, err := io.ReadAll(unpacked)
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

	// Each fragment that is not a link has a message, which the next link removes.
	for _, fragment := range []string{"#2.AAAA", "#2.", "#1.q1YqSyzKTEzKSVWyUkpKLE5VqgUA", "#webhooks", "#%", link[len(base) : len(link)-20]} {
		r.do(chromedp.Navigate(link))
		r.wait(`!document.getElementById("trouble").checkVisibility()`)
		r.do(chromedp.Navigate(base + fragment))
		r.wait(`document.getElementById("trouble").checkVisibility()`)
		require.Equal(t, "The link cannot be read. It is incomplete, has been changed, or is of another version of this page.", r.text("#trouble"), fragment)
		require.Equal(t, p.shown(), r.shown(), "an invalid link changes nothing")
		require.True(t, open(t, base+fragment).visible("trouble"), fragment)
	}
}

// A link with one changed character cannot be read, or has the same state.
func TestChangedLink(t *testing.T) {
	p := open(t, base)
	result := eval[struct {
		Same, Refused int
		Other         []string
	}](p, `(async () => {
		const { toFragment, fromFragment } = await import("./link.js");
		const state = JSON.stringify({ webhooks: '{"events": ["DEPLOYMENT_FAILURE"], "project_names_filter": ["[PR]*"]}', names: "shop\n[PR] 128 checkout" });
		const fragment = await toFragment(state);
		const result = { same: 0, refused: 0, other: [] };
		for (let i = 1; i < fragment.length; i++) {
			for (const c of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
				if (c === fragment[i]) continue;
				const changed = fragment.slice(0, i) + c + fragment.slice(i + 1);
				try {
					if (JSON.stringify(await fromFragment(changed)) === state) result.same++;
					else result.other.push(changed);
				} catch {
					result.refused++;
				}
			}
		}
		return result;
	})()`)
	require.Equal(t, 0, len(result.Other), "changed links with another state")
	require.Greater(t, result.Refused, 5000)
	t.Logf("%d changed links refused, %d with the same state", result.Refused, result.Same)
}

// Exported expectations pass in hooktest with the exported webhooks, and fail if a webhook has changed.
func TestExpectations(t *testing.T) {
	p := open(t, base)
	for _, test := range []struct{ name, tab, webhooks, old, new string }{
		{"an organization", "#tab-1", "", `"enabled": true`, `"enabled": false`},
		{"names in many writing systems", "#tab-2", "", `"enabled": true`, `"enabled": false`},
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
