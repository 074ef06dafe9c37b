package main

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "docs", "scaling.svg")
	require.NoError(t, run([]string{"-o", path, "-largest", "1000", "-runs", "1", "-time", "1ms"}))
	svg, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, xml.Unmarshal(svg, new(struct{})))
	for _, text := range []string{
		"webhooks", "10", "100", "1,000",
		"time", "100 ns", "1 µs", "10 µs",
		"hookfilter", "gobwas/glob in a loop", "tidwall/match in a loop", "copying the answer",
	} {
		require.Contains(t, string(svg), ">"+text+"</text>")
	}
}
