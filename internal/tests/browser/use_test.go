package browser

import (
	"fmt"
	"strings"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

const previews = `{
  "id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
  "created_at": "2023-11-07T05:31:56Z",
  "target_url": "https://hooks.example.com/SECRET",
  "description": "Previews",
  "events": ["DEPLOYMENT_FAILURE"],
  "project_names_filter": ["[PR]*", "[pr]-1"]
}`

// cell returns the label of a cell for screen readers, by row and column from 0.
func (p *page) cell(row, column int) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf(`document.querySelector('#table tr[data-row="%d"]').querySelectorAll("td")[%d].ariaLabel`, row, column))
}

// A user pastes a webhook, types names, sees which fire, and clicks for the explanation.
func TestWhy(t *testing.T) {
	p := open(t, base)
	require.Contains(t, p.text("#empty"), "Paste a webhook, or start from an example")
	p.paste("webhooks", previews)
	p.do(chromedp.SendKeys(chromedp.ID("names"), "[pr] 128 shop\nPR 128 shop"))
	require.Equal(t, "fires", p.cell(0, 0))
	require.Equal(t, "does not fire", p.cell(1, 0))
	require.Equal(t, "1 of 2 names fires: 1 delivery.", p.text("#counts"))
	require.False(t, eval[bool](p, `document.getElementById("empty").checkVisibility()`))

	p.click(`#table tr[data-row="0"] td`)
	require.Contains(t, p.text("#explanation"), "Fires.")
	require.Contains(t, p.text(".clauses"), `project_names_filter[0] "[PR]*" matches "[pr] 128 shop"`)
	require.Equal(t, []string{"[pr]", " 128 shop"}, eval[[]string](p, `[...document.querySelectorAll(".of-name")].map((e) => e.textContent)`))
	require.Equal(t, []string{"[PR]", "*"}, eval[[]string](p, `[...document.querySelectorAll(".of-entry")].map((e) => e.textContent)`))
	require.Equal(t, `"[PR]*" matches: "[pr]" is literal, * matches " 128 shop"`, eval[string](p, `document.querySelector(".alignment").ariaLabel`))
	require.Contains(t, p.text(".entries li:nth-child(2)"), "every name that it matches is also matched by project_names_filter[0]", "the finding at its entry")
	require.Contains(t, p.text(".entries li:nth-child(2)"), "Remove it: no verdict changes.", "the advice")

	p.click(`#table tr[data-row="1"] td`)
	require.Contains(t, p.text("#explanation"), "Does not fire.")
	require.Contains(t, p.text(".clauses"), `project_names_filter ["[PR]*" "[pr]-1"] does not match "PR 128 shop": "[PR]*" expects "[" at the start, the name has "P"`)
	require.Equal(t, []string{"", "P", "R 128 shop"}, eval[[]string](p, `(([code]) => [...code.childNodes].map((n) => n.textContent))(document.querySelectorAll(".pair code"))`))
	require.Equal(t, "P", p.text(".pair code mark"), "the place where the name stops matching")
	require.Contains(t, p.text("#explanation"), "* stands for any characters or none, and ? for exactly one character. "+
		"Every other character stands for itself, even [ and ], and upper and lower case are equal.")
	p.edit("names", "PR 128 shop", "[PR")
	require.Equal(t, []float64{0, 1}, eval[[]float64](p, `((mark) => [mark.textContent.length, Number(mark.getBoundingClientRect().width > 4)])(document.querySelector(".pair mark"))`), "a mark at the end of the name")
	p.edit("names", "[PR", "PR 128 shop")

	p.click(`#types [value="DEPLOYMENT_STARTED"]`)
	require.Equal(t, "fires for some", p.cell(0, 0))
	p.click(`#types [value="DEPLOYMENT_FAILURE"]`)
	require.Equal(t, "does not fire", p.cell(0, 0))
	require.Contains(t, p.text(".clauses"), `events ["DEPLOYMENT_FAILURE"] does not match "DEPLOYMENT_STARTED"`)
	p.click(`#types [value="DEPLOYMENT_STARTED"]`)
	require.Equal(t, "Choose a type and a mode.", p.text("#counts"))
}

// Problems are marked in the text, described next to it, and listed.
func TestProblems(t *testing.T) {
	p := open(t, base)
	p.paste("names", "shop")
	p.paste("webhooks", strings.Replace(previews, "DEPLOYMENT_FAILURE", "DEPLOYMENT_FAILED", 1))
	marked := func() []string {
		return eval[[]string](p, `[...document.querySelectorAll(".behind mark")].map((e) => e.textContent)`)
	}
	require.Equal(t, []string{`"DEPLOYMENT_FAILED"`, `"[pr]-1"`}, marked())
	require.Contains(t, eval[string](p, `document.querySelector(".beside").textContent`), "did you mean DEPLOYMENT_FAILURE?")
	require.Contains(t, p.text("#notes"), "did you mean DEPLOYMENT_FAILURE?")
	p.click("#notes button")
	require.Equal(t, `"DEPLOYMENT_FAILED"`, eval[string](p, `(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))(document.getElementById("webhooks"))`))

	// The mark is at the position of the text.
	require.InDelta(t, 0, eval[float64](p, `(() => {
		const area = document.getElementById("webhooks"), mark = document.querySelector(".behind mark").getBoundingClientRect();
		const style = getComputedStyle(area), line = area.value.split("\n")[5], canvas = document.createElement("canvas").getContext("2d");
		canvas.font = style.font;
		const x = area.getBoundingClientRect().left + 1 + parseFloat(style.paddingLeft) + canvas.measureText(line.slice(0, line.indexOf('"DEPLOYMENT_FAILED"'))).width;
		const y = area.getBoundingClientRect().top + 1 + 8 + 5 * 20;
		return Math.abs(mark.left - x) + Math.abs(Math.floor(mark.top - y) > 8 || mark.bottom > y + 22 ? 100 : 0);
	})()`), 1)

	p.edit("webhooks", `"DEPLOYMENT_FAILED"`, `5`)
	require.Contains(t, p.text("#notes"), "want a string, got the number 5")
	require.Contains(t, p.text("#table thead"), "unreadable")
	p.edit("webhooks", `[5]`, `[]]`)
	require.Contains(t, p.text("#notes"), "Error:")
	require.Equal(t, "The webhooks cannot be read: this is the previous table.", p.text("#counts"))
	require.Equal(t, []string{"]"}, marked())
}

// A repeated or misspelled member is marked, and makes the webhook unreadable.
func TestNamesOfMembers(t *testing.T) {
	p := open(t, base)
	p.paste("names", "shop")
	for _, test := range []struct{ member, marked, note string }{
		{`"project_names_filter": [],`, `"project_names_filter"`, "duplicate member"},
		{`"Project_names_filter": [],`, `"Project_names_filter"`, "misspelled"},
	} {
		p.paste("webhooks", strings.Replace(previews, "{", "{ "+test.member, 1))
		require.Equal(t, []string{test.marked}, eval[[]string](p, `[...document.querySelectorAll(".behind mark")].map((e) => e.textContent)`))
		require.Contains(t, p.text("#notes"), test.note)
		require.Contains(t, p.text("#table thead"), "unreadable")
		require.Equal(t, "does not fire", p.cell(0, 0))
	}
}

// If two webhooks have the same id, the last one counts, and the page marks the other as duplicate.
func TestDuplicate(t *testing.T) {
	p := open(t, base)
	p.paste("names", "[PR] 1\nshop")
	p.paste("webhooks", `{"results": [`+previews+`, `+strings.Replace(previews, `"[PR]*"`, `"shop"`, 1)+`]}`)
	require.Equal(t, "does not fire", p.cell(0, 0))
	require.Equal(t, "fires", p.cell(1, 1))
	require.Contains(t, p.text("#notes"), "duplicate of results[1], which replaces it")
	require.Equal(t, "Previews (duplicate)", eval[string](p, `document.querySelector("#table th.duplicate").title`))
	errorColor := eval[string](p, `getComputedStyle(document.querySelector("#notes .error .kind")).color`)
	require.Equal(t, errorColor, eval[string](p, `getComputedStyle(document.querySelector("#table th.duplicate")).color`))
	p.click(`#table tr[data-row="0"] td`)
	require.Contains(t, p.text("#explanation"), "Does not fire. A later webhook has the same id and replaces it, so this one fires for nothing.")
	require.Contains(t, p.text("#explanation"), "uplicate of results[1], which replaces it")

	p.edit("webhooks", `"id": "3`, `"id": "4`)
	require.Equal(t, "fires, added by the edit", p.cell(0, 0))
	require.NotContains(t, p.text("#table thead"), "duplicate")
}

// Text that is nested too deeply for the browser's stack results in a note.
func TestDeepNesting(t *testing.T) {
	p := open(t, base)
	p.paste("names", "[pr]-1")
	deep := func(open string) string { return strings.Repeat(open, 100_000) }
	for _, text := range []string{
		deep("["), deep(`{"a":`), deep("[") + strings.Repeat("]", 100_000),
		`{"x": ` + deep("[") + strings.Repeat("]", 100_000) + `}`, `{"events": ` + deep(`[{"a":`),
		`{"results": [` + previews + `, {"x": ` + deep(`{"a":`),
	} {
		p.paste("webhooks", text)
		require.Contains(t, p.text("#notes"), "ested deeper than 1000")
		p.edit("webhooks", text, previews) // the nested text, which was pasted, is the baseline of this edit
		require.Equal(t, "fires", p.cell(0, 0))
		require.NotContains(t, p.text("#counts"), "The edit")
	}
	p.paste("names", deep("["))
	require.Equal(t, "does not fire", p.cell(0, 0))
}

// changes waits until the page has listed the effects of an edit on events with any project name, and
// returns the list.
func (p *page) changes() []string {
	p.t.Helper()
	p.wait(`document.getElementById("changes").childElementCount > 0`)
	return eval[[]string](p, `[...document.querySelectorAll("#changes li")].map((e) => e.textContent)`)
}

// Changes by an edit are marked relative to the pasted text.
func TestEdit(t *testing.T) {
	p := open(t, base)
	p.paste("names", "[pr]-1\nPR-1\nx")
	p.paste("webhooks", previews)
	require.False(t, eval[bool](p, `document.getElementById("revert").checkVisibility()`))
	p.edit("webhooks", `"[PR]*", "[pr]-1"`, `"PR*"`)
	require.Equal(t, "does not fire, removed by the edit", p.cell(0, 0))
	require.Equal(t, "fires, added by the edit", p.cell(1, 0))
	require.Equal(t, "does not fire", p.cell(2, 0))
	require.Contains(t, p.text("#counts"), "The edit adds 1 and removes 1.")
	p.click(`#table tr[data-row="1"] td`)
	require.Contains(t, p.text("#explanation"), "Added by the edit: DEPLOYMENT_FAILURE in PRODUCTION.")
	p.click(`#table tr[data-row="0"] td`)
	require.Contains(t, p.text("#explanation"), "Removed by the edit: DEPLOYMENT_FAILURE in PRODUCTION.")

	// After a pause the page also says what the edit changes for names that the user has not typed.
	require.Equal(t, []string{
		"Previews now also fires for DEPLOYMENT_FAILURE of pr in DEVELOPMENT.",
		"Previews no longer fires for DEPLOYMENT_FAILURE of [pr] in DEVELOPMENT.",
	}, p.changes())
	require.Contains(t, p.text("#changes"), "Reaches no webhook: DEPLOYMENT_FAILURE of a in PRODUCTION.")
	p.edit("webhooks", `"DEPLOYMENT_FAILURE"`, `"DEPLOYMENT_CANCELLED"`)
	require.Contains(t, p.changes(), "Previews now also fires for DEPLOYMENT_CANCELLED of pr in DEVELOPMENT.")
	p.edit("webhooks", `"DEPLOYMENT_CANCELLED"`, `"DEPLOYMENT_FAILURE"`)

	p.click("#rebase")
	require.Equal(t, "fires", p.cell(1, 0))
	require.Equal(t, []string{}, p.changes())
	p.edit("webhooks", `"PR*"`, `"*"`)
	require.Equal(t, "fires, added by the edit", p.cell(0, 0))
	p.click("#revert")
	require.Equal(t, "does not fire", p.cell(0, 0))
	require.Contains(t, eval[string](p, `document.getElementById("webhooks").value`), `"PR*"`)
}

// Each tab keeps its state.
func TestTabs(t *testing.T) {
	p := open(t, base)
	p.paste("names", "mine")
	p.click("#tab-1")
	require.Contains(t, p.text("#table"), "Checkout team")
	p.paste("names", "changed")
	p.click("#tab-2")
	require.NotContains(t, p.text("#table"), "Checkout team")
	p.click("#tab-1")
	require.Equal(t, "changed", eval[string](p, `document.getElementById("names").value`))
	p.click("#tab-0")
	require.Equal(t, "mine", eval[string](p, `document.getElementById("names").value`))
}

// A reload asks before it drops an edit in any tab, and only then.
func TestReloadAsks(t *testing.T) {
	p := open(t, base)
	asked := make(chan string, 10)
	require.NoError(t, chromedp.Listen(p.ctx, func(event any) {
		if e, ok := event.(*cdppage.EventJavascriptDialogOpening); ok {
			asked <- string(e.Type)
			go chromedp.Call(p.ctx, cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{Accept: true})
		}
	}))
	reload := func() {
		t.Helper()
		p.do(chromedp.Reload())
		p.wait(`document.documentElement.dataset.ready === "true"`)
	}
	p.click("#tab-1")
	p.click(`#table tr[data-row="7"] td:nth-child(5)`)
	reload()
	require.Empty(t, asked, "nothing was edited")

	for _, field := range []string{"webhooks", "names"} {
		p.click("#tab-2")
		p.do(chromedp.SendKeys(chromedp.ID(field), " "))
		p.click("#tab-1")
		reload()
		require.Len(t, asked, 1, field)
		require.Equal(t, "beforeunload", <-asked)
	}

	p.click(`#types [value="DEPLOYMENT_STARTED"]`)
	p.click(`#types [value="DEPLOYMENT_STARTED"]`)
	reload()
	require.Empty(t, asked, "the edit was undone")
}

// Below a table that scrolls, the page shows the number of rows that follow.
func TestMoreRows(t *testing.T) {
	p := open(t, base)
	p.click("#tab-1")
	more := func() (text string, want int) {
		t.Helper()
		// want is the number of rows whose lower end is below the table's. It is measured, not
		// computed as the page does.
		want = eval[int](p, `(() => {
			const table = document.getElementById("table"), bottom = table.getBoundingClientRect().top + table.clientTop + table.clientHeight;
			const rows = [...table.querySelectorAll("tr[data-row]")], whole = rows.filter((tr) => tr.getBoundingClientRect().bottom <= bottom + 1);
			return Number(table.getAttribute("aria-rowcount")) - 2 - Number(whole.at(-1).dataset.row);
		})()`)
		return p.text("#more"), want
	}
	text, want := more()
	require.Greater(t, want, 3, "the example is higher than the table")
	require.Equal(t, fmt.Sprintf("↓ %d more rows", want), text)
	before := eval[float64](p, `document.getElementById("legend").getBoundingClientRect().top`)

	eval[chromedp.Void](p, `void (document.getElementById("table").scrollTop = 56)`)
	p.wait(`document.getElementById("more").textContent !== ` + quote(text))
	text, want = more()
	require.Equal(t, fmt.Sprintf("↓ %d more rows", want), text)

	p.do(chromedp.Focus(chromedp.ID("table")), chromedp.KeyEvent(kb.End, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.wait(`document.getElementById("more").textContent === ""`)
	_, want = more()
	require.Zero(t, want)
	require.InDelta(t, before, eval[float64](p, `document.getElementById("legend").getBoundingClientRect().top`), 1, "the page below does not move")

	p.paste("names", "a\nb")
	require.False(t, p.visible("more"), "the whole table is shown")
}

// Everything can be done with the keyboard alone.
func TestKeyboard(t *testing.T) {
	p := open(t, base)
	focus := func() string {
		return eval[string](p, `document.activeElement.id || document.activeElement.value || document.activeElement.textContent`)
	}
	press := func(keys string) { p.do(chromedp.KeyEvent(keys)) }
	press(kb.Tab)
	require.Equal(t, "tab-0", focus())
	press(kb.ArrowRight)
	require.Equal(t, "tab-1", focus())
	require.Contains(t, p.text("#table"), "Checkout team")
	var seen []string
	for range 30 {
		press(kb.Tab)
		seen = append(seen, focus())
		if focus() == "table" {
			break
		}
	}
	require.Equal(t, "table", seen[len(seen)-1], "%q", seen)
	for _, id := range []string{"webhooks", "notes", "names", "DEPLOYMENT_FAILURE", "PRODUCTION"} {
		require.Contains(t, seen, id)
	}

	chosen := func() [2]int {
		at := eval[[]int](p, `(({ parentElement, cellIndex }) => [Number(parentElement.dataset.row), cellIndex - 1])(document.getElementById(document.getElementById("table").getAttribute("aria-activedescendant")))`)
		return [2]int{at[0], at[1]}
	}
	for _, step := range []struct {
		key string
		at  [2]int
	}{
		{kb.ArrowDown, [2]int{1, 0}}, {kb.ArrowRight, [2]int{1, 1}}, {kb.ArrowUp, [2]int{0, 1}}, {kb.ArrowUp, [2]int{0, 1}},
		{kb.End, [2]int{0, 9}}, {kb.ArrowRight, [2]int{0, 9}}, {kb.Home, [2]int{0, 0}}, {kb.ArrowLeft, [2]int{0, 0}},
		{kb.PageDown, [2]int{eval[int](p, `Math.max(1, Math.floor((document.getElementById("table").clientHeight - document.querySelector("thead").offsetHeight) / 28) - 1)`), 0}},
	} {
		press(step.key)
		require.Equal(t, step.at, chosen())
	}
	require.Equal(t, "table", focus(), "the focus has moved")
	require.Contains(t, p.text("#explanation"), "fire")

	for range 30 {
		press(kb.Tab)
		if focus() == "copy-link" {
			break
		}
	}
	require.Equal(t, "copy-link", focus())
	press(kb.Enter)
	p.wait(`document.getElementById("copy").checkVisibility()`)
}
