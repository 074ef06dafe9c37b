//go:build unix

package docs_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// The -h of each program ends with its exit statuses, and a document has all its flags.
func TestHelp(t *testing.T) {
	flag := regexp.MustCompile(`(?m)^  -(\S+)`)
	for _, test := range []struct {
		command  string
		document string
	}{
		{"go run ./dispatch", "README.md"},
		{"go run ./hooktest", "README.md"},
		{"go run ./playground", "README.md"},
		{"go run ./server", "README.md"},
		{"go -C service run .", "service/README.md"},
		{"go -C cluster run .", "cluster/README.md"},
		{"go -C cluster run . put", "cluster/README.md"},
		{"go -C cluster run . publish", "cluster/README.md"},
		{"go -C cluster run . dispatch", "cluster/README.md"},
		{"go -C cluster run . why", "cluster/README.md"},
		{"go -C cluster run . try", "cluster/README.md"},
	} {
		t.Run(test.command, func(t *testing.T) {
			if !*all && slow.MatchString(test.command) {
				t.Skip("slow: runs only with -all")
			}
			cmd := exec.Command("bash", "-c", test.command+" -h")
			cmd.Dir = "../examples"
			output, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", output)
			require.Regexp(t, `\nExit status: 0 .*, 2 .*\.\n$`, string(output))
			document, err := os.ReadFile("../examples/" + test.document)
			require.NoError(t, err)
			flags := flag.FindAllStringSubmatch(string(output), -1)
			require.NotEmpty(t, flags)
			for _, found := range flags {
				require.Regexp(t, `\W-`+found[1]+`\b`, string(document), "%s has no -%s", test.document, found[1])
			}
		})
	}
}
