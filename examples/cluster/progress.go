package main

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress returns a progress bar of n steps, visible if w is a terminal. It is safe for
// concurrent use.
func progress(w io.Writer, n int64, what string) *progressbar.ProgressBar {
	file, ok := w.(*os.File)
	return progressbar.NewOptions64(n, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionSetVisibility(ok && term.IsTerminal(int(file.Fd()))),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetSpinnerChangeInterval(0)) // turn the spinner with the steps if n is unknown: the library's goroutine has a data race
}
