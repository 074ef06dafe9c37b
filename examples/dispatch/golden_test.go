package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// requireGolden compares got with the file in testdata.
func requireGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// TestGolden compares whole outputs for the shipped data: of all events without -why, and
// of the first 20 with it.
func TestGolden(t *testing.T) {
	events, err := os.ReadFile(shippedEvents)
	require.NoError(t, err)
	first := bytes.Join(slices.Collect(bytes.Lines(events))[:20], nil)
	for _, tc := range []struct {
		file   string
		events []byte
		args   []string
		stderr string
	}{
		{"text.golden", events, nil, ""},
		{"json.golden", events, []string{"-json"}, "events 200, fired 140, deliveries 193, malformed lines 0, invalid webhooks 0\n"},
		{"text-why.golden", first, []string{"-why"}, ""},
		{"json-why.golden", first, []string{"-json", "-why"}, "events 20, fired 15, deliveries 23, malformed lines 0, invalid webhooks 0\n"},
	} {
		t.Run(tc.file, func(t *testing.T) {
			got := dispatch(bytes.NewReader(tc.events), append(tc.args, "-webhooks", shippedWebhooks, "-events", "-")...)
			require.Zero(t, got.status)
			require.Equal(t, tc.stderr, got.stderr)
			requireGolden(t, tc.file, got.stdout)
		})
	}
}

func TestNoArguments(t *testing.T) {
	want, err := os.ReadFile("testdata/text.golden")
	require.NoError(t, err)
	t.Chdir("../..")
	got := dispatch(strings.NewReader("not read\n"))
	require.Equal(t, result{stdout: string(want)}, got)
}
