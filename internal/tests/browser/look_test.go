package browser

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

var look = flag.String("look", "", "`folder` for screenshots of the page in each width and color scheme")

// The page fits every width: only tables and editors scroll horizontally.
func TestLook(t *testing.T) {
	p := open(t, base)
	p.click("#tab-1")
	p.edit("webhooks", `"kind": "SLACK"`, `"kind": "SLAK"`)
	p.edit("webhooks", `"*Checkout*"`, `"*Checkout*", "storefront"`)
	p.edit("webhooks", `"[PR]*"`, `"[PR] 128*"`)
	p.click(`#types [value="DEPLOYMENT_SUCCESSFUL"]`)
	p.click(`#modes [value="PREVIEW"]`)
	p.click(`#table tr[data-row="13"] td:nth-child(4)`)
	require.NotEmpty(t, p.changes())
	for _, scheme := range []string{"light", "dark"} {
		_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		require.NoError(t, err)
		for _, width := range []int64{400, 900, 1600} {
			p.do(chromedp.EmulateViewport(width, 1000))
			require.Equal(t, width, eval[int64](p, "document.documentElement.scrollWidth"), "%s, %d pixels wide", scheme, width)
			p.picture(fmt.Sprintf("%s-%d.png", scheme, width), width, eval[int64](p, "document.documentElement.scrollHeight"))
		}
	}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	require.NoError(t, err)
	p.picture("playground.png", 1440, 1290) // docs/playground.png
}

// picture writes a screenshot of the page to the folder of -look, if it is set.
func (p *page) picture(file string, width, height int64) {
	p.t.Helper()
	if *look == "" {
		return
	}
	p.do(chromedp.EmulateViewport(width, height))
	eval[chromedp.Void](p, "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))") // wait until new parts of the view are drawn
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(filepath.Join(*look, file), picture, 0o644))
}
