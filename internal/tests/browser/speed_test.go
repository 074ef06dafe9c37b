package browser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// large returns 100 webhooks and 500 names.
func large() (webhooks, names string) {
	var hooks, lines []string
	for i := range 100 {
		hooks = append(hooks, fmt.Sprintf(`    {
      "id": "3c90c3cc-0d44-4b50-8888-%012d",
      "created_at": "2024-01-07T11:34:13Z",
      "updated_at": "2026-05-09T07:28:29Z",
      "kind": "STANDARD",
      "target_url": "https://hooks.example.com/teams/%d",
      "target_secret_set": true,
      "description": "Team %d",
      "enabled": true,
      "events": [
        "DEPLOYMENT_FAILURE",
        "DEPLOYMENT_SUCCESSFUL"
      ],
      "project_names_filter": [
        "team-%d-*",
        "*-service-%d",
        "*checkout-%d?"
      ],
      "environment_types_filter": [
        "PRODUCTION",
        "STAGING"
      ]
    }`, i+1, i, i, i, i, i))
	}
	for i := range 500 {
		lines = append(lines, fmt.Sprintf("team-%d-checkout-service-%d", i%120, i))
	}
	return "{\n  \"results\": [\n" + strings.Join(hooks, ",\n") + "\n  ]\n}", strings.Join(lines, "\n")
}

// A key press redraws a table of 500 names and 100 webhooks. The test logs the time from the key's
// event until the browser has drawn.
func TestLargeTable(t *testing.T) {
	p := open(t, base)
	webhooks, names := large()
	p.paste("webhooks", webhooks)
	p.paste("names", names)
	require.Equal(t, "501", eval[string](p, `document.getElementById("table").getAttribute("aria-rowcount")`))
	require.Equal(t, 100, eval[int](p, `document.querySelector("#table tr[data-row]").querySelectorAll("td").length`))
	eval[chromedp.Void](p, `(() => {
		const drawn = () => new Promise((resolve) => requestAnimationFrame(() => {
			const channel = new MessageChannel();
			channel.port1.onmessage = resolve;
			channel.port2.postMessage(0);
		}));
		document.addEventListener("keydown", () => {
			const start = performance.now();
			window.time = drawn().then(() => performance.now() - start);
		}, true);
	})()`)

	for _, test := range []struct{ what, focus, key string }{
		{"in a name", `names.focus(), names.setSelectionRange(3, 3)`, "x"},
		{"in an entry", `webhooks.focus(), webhooks.setSelectionRange(entry, entry)`, "x"},
		{"a * in an entry", `webhooks.focus(), webhooks.setSelectionRange(entry, entry)`, "*"},
		{"on a type", `type.focus()`, " "},
		{"down in the table", `table.focus()`, kb.ArrowDown},
		{"across the table", `table.focus()`, kb.ArrowRight},
		{"a page down", `table.focus()`, kb.PageDown},
	} {
		eval[chromedp.Void](p, `(() => {
			const [names, webhooks, table] = ["names", "webhooks", "table"].map((id) => document.getElementById(id));
			const type = document.querySelector('#types [value="DEPLOYMENT_SUCCESSFUL"]');
			const entry = webhooks.value.indexOf('team-50-');
			`+test.focus+`;
		})()`)
		var times []float64
		for range 5 {
			p.do(chromedp.KeyEvent(test.key)) // returns after the page has handled the key
			times = append(times, eval[float64](p, "window.time"))
		}
		t.Logf("key press %s: drawn after %.0f ms (median of %d; maximum %.0f ms)", test.what, median(times), len(times), slices.Max(times))
	}
}

func median(a []float64) float64 {
	a = slices.Sorted(slices.Values(a))
	return a[len(a)/2]
}
