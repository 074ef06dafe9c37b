package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	if buildInChild() {
		return
	}
	os.Exit(m.Run())
}

func TestTables(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run([]string{"-divide", "1000", "-runs", "1", "-time", "1ms"}, &out))
	require.Regexp(t, `^.+ cores; go1.+; \d{4}-\d\d-\d\d; median of 1 runs\n`, out.String())

	rows := map[string]int{}
	heading, columns := "", 0
	for line := range strings.Lines(out.String()) {
		line = strings.TrimSuffix(line, "\n")
		if after, ok := strings.CutPrefix(line, "## "); ok {
			heading, columns = after, 0
		}
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(line, " | ")
		if columns == 0 {
			columns = len(cells)
		}
		require.Len(t, cells, columns, line)
		require.NotRegexp(t, `NaN|Inf`, line)
		rows[heading]++
	}
	for heading := range rows {
		rows[heading] -= 2
	}
	require.Equal(t, map[string]int{
		"One webhook, one event": 9,
		"Many webhooks of one organization, 200,000 project names, no match-all webhooks": 4,
		"Many webhooks of one organization, 200,000 project names":                        4,
		"Many webhooks of one organization, 2,000 project names":                          4,
		"Many organizations, events of random ones":                                       6,
		"Loading all webhooks, compared with compiling them":                              3,
		"Building through Put":                                        1,
		"One call at 1,000 webhooks":                                  4,
		"A reader on every core, and a writer that replaces webhooks": 9,
		"Hostile webhooks":                                            24,
		"Long names, `abcabc…` against `*abc*`, `*bca*` and `*cab*`":  1,
		"Replacing random webhooks 10,000 times":                      3,
	}, rows)
}

func TestTablesAreChosen(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run([]string{"-tables", "one,churn", "-divide", "10000", "-runs", "1", "-time", "1ms"}, &out))
	headings := regexp.MustCompile(`(?m)^## \w+`).FindAllString(out.String(), -1)
	require.Equal(t, []string{"## One", "## Replacing"}, headings)

	require.ErrorContains(t, run([]string{"-tables", "one,two"}, &out), `"two"`)
	require.ErrorContains(t, run([]string{"-time", "0"}, &out), "-time")
}
