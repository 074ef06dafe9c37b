package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// Input is never interpreted as HTML, and never executed.
func TestTextIsText(t *testing.T) {
	hostile := []string{`<img src=x onerror="window.hacked = true">`, `<script>window.hacked = true</script>`, `</textarea>"><svg onload=window.hacked=true><b>`}
	p := open(t, base)
	elements := func() string {
		return eval[string](p, `String([...document.querySelectorAll("img, script, svg, b, iframe, [onerror], [onload]")].map((e) => e.outerHTML))`)
	}
	before := elements()
	for _, text := range hostile {
		quoted := quote(text)
		p.paste("names", text+"\n"+quoted)
		p.paste("organization", text)
		p.paste("projects", `[{"id": "3c90c3cc-0d44-4b50-8888-8dd25736052a", "organization": {"id": "1f0c7d8a-5b0e-4c51-9b57-6a1f4f1d2a01"}, "name": `+quoted+`}, `+quoted+`]`)
		require.Equal(t, text, eval[string](p, `document.getElementById("offer").textContent`))
		p.paste("environments", text)
		for _, fieldset := range []string{"types", "modes"} {
			require.Equal(t, text, eval[string](p, fmt.Sprintf(`(() => {
				const [box, other] = document.querySelectorAll("#%s .another input");
				other.value = %s;
				other.dispatchEvent(new InputEvent("input", { bubbles: true }));
				return box.checked ? other.value : "";
			})()`, fieldset, quoted)))
		}
		for _, webhooks := range []string{
			text,
			`{"description": ` + quoted + `, "kind": ` + quoted + `, "events": [` + quoted + `], "project_names_filter": [` + quoted + `, "*", "", ` + quoted + `], "environment_types_filter": [` + quoted + `]}`,
			`{"description": ` + quoted + `, "events": [` + quoted + `], "project_names_filter": [` + quoted + `, "*", ` + quoted + `], "environment_types_filter": [` + quoted + `]}`,
			`{"id": ` + quoted + `, "created_at": ` + quoted + `, "target_url": ` + quoted + `, ` + quoted + `: ` + quoted + `}`,
		} {
			p.paste("webhooks", webhooks)
			if webhooks != text {
				p.edit("webhooks", `{`, "{\n ")
				p.click(`#table tr[data-row="0"] td`)
				p.copied("#copy-webhooks")
			}
			require.Equal(t, before, elements())
		}
		p.click("#copy-expectations")
	}
	require.Equal(t, "undefined", eval[string](p, "typeof window.hacked"))

	// The same for a link, which may be from an attacker.
	q := open(t, base)
	fragment := eval[string](q, `import("./link.js").then((link) => link.toFragment(JSON.stringify({ webhooks: {}, names: 5, types: ["<img src=x>"], modes: "x", baseline: ["<b>"], organization_id: null })))`)
	eval[string](q, fmt.Sprintf("location.hash = %s", quote(fragment)))
	q.wait(`document.getElementById("tab-4")`)
	require.Equal(t, "<img src=x>", eval[string](q, `document.querySelector("#types .other").value`))
	require.Equal(t, "", eval[string](q, `document.getElementById("webhooks").value`), "a value that is not text is ignored")
	require.Equal(t, before, eval[string](q, `String([...document.querySelectorAll("img, script, svg, b, iframe, [onerror], [onload]")].map((e) => e.outerHTML))`))
}

// A short link may hold a very large state. The page stays usable, and says what it leaves out.
func TestLargeLink(t *testing.T) {
	p := open(t, base)
	follow := func(webhook string, webhooks, names int) {
		t.Helper()
		link := eval[string](p, fmt.Sprintf(`import("./link.js").then((link) => link.toFragment(JSON.stringify({
			webhooks: '{"results": [' + Array(%d).fill(%s) + ']}', names: "a\n".repeat(%d), types: ["DEPLOYMENT_FAILURE"], modes: ["PRODUCTION"],
		})))`, webhooks, quote(webhook), names))
		require.Less(t, len(link), 20_000)
		eval[string](p, "location.hash = "+quote(link))
	}
	follow(`{}`, 100_000, 1_000_000)
	p.wait(`document.getElementById("trouble").checkVisibility()`)
	require.Equal(t, "The link is not opened, because it holds more than 512 kB.", p.text("#trouble"))

	follow(`{}`, 100_000, 50_000)
	p.wait(`document.getElementById("tab-4")`)
	require.False(t, p.visible("trouble"), "the message about the previous link")
	require.Contains(t, p.text("#notes"), "want a list of at most 1000 webhooks, got 100000")

	follow(`{"events": ["DEPLOYMENT_FAILURE"]}`, 1000, 100_000)
	p.wait(`document.getElementById("tab-5")`)
	require.Equal(t, "10,000 of 10,000 names fire: 10,000,000 deliveries. There are too many names for these webhooks: the table ends after 10,000 of 100,000.", p.text("#counts"))
	p.do(chromedp.Focus(chromedp.ID("table")), chromedp.KeyEvent(kb.End, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	require.Equal(t, "9999", eval[string](p, `document.getElementById("chosen").parentElement.dataset.row`))

	follow(`{"events": ["DEPLOYMENT_FAILURE"], "project_names_filter": [`+strings.Repeat(`"b", `, 50_000)+`"b"]}`, 1, 1)
	p.wait(`document.getElementById("tab-6")`)
	require.Contains(t, p.text("#notes"), "and 49,901 more")
	require.Contains(t, p.text("#explanation"), "and 49,951 more entries")
	require.Less(t, eval[int](p, `document.querySelectorAll("*").length`), 10_000, "elements of the page")
}

// Nothing is stored, and the content security policy holds: no inline script runs, and no request
// goes to another origin.
func TestNothingIsStoredOrSent(t *testing.T) {
	p := newTab(t)
	openIn(p, base)
	p.paste("webhooks", previews)
	p.paste("names", "shop")
	p.copied("#copy-link")
	require.Equal(t, "0 0 0 0", eval[string](p, `(async () => [localStorage.length, sessionStorage.length, document.cookie.length, (await indexedDB.databases()).length].join(" "))()`))
	console, _, _ := p.seen()
	require.Empty(t, console)

	var arrived atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived.Add(1)
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	defer elsewhere.Close()
	for _, attempt := range []string{
		`fetch(elsewhere + "?SECRET").then(() => "sent", () => "refused")`,
		`new Promise((resolve) => { const i = new Image(); i.onload = () => resolve("sent"); i.onerror = () => resolve("refused"); i.src = elsewhere + "?SECRET"; })`,
		`(async () => { try { document.body.innerHTML = "<b>"; return "done"; } catch { return "refused"; } })()`,
		`new Promise((resolve) => { const s = document.createElement("script"); s.onerror = () => resolve("refused"); s.onload = () => resolve("sent"); try { s.src = elsewhere + "x.js"; document.head.append(s); } catch { resolve("refused"); } })`,
		`(async () => { try { const s = document.createElement("script"); s.append("window.ran = true"); document.head.append(s); } catch {} return window.ran ? "done" : "refused"; })()`,
	} {
		require.Equal(t, "refused", eval[string](p, "(() => { const elsewhere = "+quote(elsewhere.URL+"/")+"; return "+attempt+"; })()"), attempt)
	}
	// Chromium emits network.EventRequestWillBeSent even for a request that the page's policy blocks,
	// so only the server knows whether a request was sent.
	require.Zero(t, arrived.Load())
}
