package browsertest

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

var look = flag.String("look", "", "`folder` to write pictures of the page to, in each width and scheme")

// The page fits every width: nothing but its own tables and editors scrolls aside.
func TestLook(t *testing.T) {
	p := open(t, base)
	p.click("#tab-1")
	p.edit("webhooks", `"DEPLOYMENT_SUCCESSFUL"`, `"DEPLOYMENT_SUCCESFUL"`)
	p.edit("webhooks", `"*Checkout*"`, `"*Checkout*", "storefront"`)
	p.edit("webhooks", `"[PR]*"`, `"[PR] 128*"`)
	p.click(`#types [value="DEPLOYMENT_SUCCESSFUL"]`)
	p.click(`#modes [value="PREVIEW"]`)
	p.click(`#table tr[data-row="7"] td:nth-child(5)`)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{400, 900, 1600} {
			_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			require.NoError(t, err)
			p.do(chromedp.EmulateViewport(width, 1000))
			require.Equal(t, width, eval[int64](p, "document.documentElement.scrollWidth"), "%s, %d pixels wide", scheme, width)
			if *look != "" {
				picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(*look, fmt.Sprintf("%s-%d.png", scheme, width)), picture, 0o644))
			}
		}
	}
}
