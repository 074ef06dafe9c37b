package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// TestPublish: what is published twice, and what is not.
func TestPublish(t *testing.T) {
	_, do, _ := startServer(t)
	organizationID := uuid.New()
	a, b := eventLine(organizationID, "a"), eventLine(organizationID, "b")
	withID := func(line, id string) string {
		text, err := json.Marshal(id)
		require.NoError(t, err)
		return fmt.Sprintf(`{"id":%s,%s`, text, line[1:])
	}
	file := func(lines ...string) string { return writeFile(t, []byte(strings.Join(lines, ""))) }
	last := 0
	for _, step := range []struct {
		name                  string
		stdin                 string
		args                  []string
		published, duplicates int
	}{
		{"standard input", a, nil, 1, 0},
		{"the same line again, which is another event", a, nil, 1, 0},
		{"a file, with a line twice", "", []string{"-events", file(a, b, a)}, 3, 0},
		{"the file again, with lines appended", "", []string{"-events", file(a, "\n", b, a, b)}, 1, 3},
		{"the file with a revision", "", []string{"-events", file(a, b, a, b), "-after", "1"}, 4, 0},
		{"an id", withID(a, "1"), nil, 1, 0},
		{"the same id on standard input, with other content", withID(b, "1"), nil, 0, 1},
		{"the same id in a file", "", []string{"-events", file(b, withID(a, "1"), withID(a, "2"), withID(a, "2"))}, 2, 2},
		{"the same id of another organization", withID(eventLine(uuid.New(), "a"), "1"), nil, 1, 0},
		{"an id of any length and content", withID(a, strings.Repeat("\n\x00日", 50_000)), nil, 1, 0},
	} {
		t.Run(step.name, func(t *testing.T) {
			got := do(step.stdin, "publish", append([]string{"-events", "-"}, step.args...)...)
			require.Zero(t, got.status, got.stderr)
			require.Contains(t, got.stdout, fmt.Sprintf("published %d, duplicates %d, malformed lines 0, last sequence ", step.published, step.duplicates))
			if last += step.published; step.duplicates == 0 {
				require.Contains(t, got.stdout, fmt.Sprintf("last sequence %d\n", last))
			}
		})
	}

	got := do(a+"{}\n"+withID(a, "")+b, "publish", "-events", "-")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stdout, "published 2, duplicates 0, malformed lines 2,")
	require.Contains(t, got.stderr, "stdin:2: organization_id: required;")
	require.Contains(t, got.stderr, "stdin:3: id: empty: want an id, or no such field\n")
}

// TestPublishTooLarge: an event is refused if the servers would refuse a message of it; the
// largest ones that are accepted are delivered.
func TestPublishTooLarge(t *testing.T) {
	js, do, url := startServer(t)
	dir := t.TempDir()
	organizationID := uuid.New()
	writeFolder(t, dir, organizationID, newWebhook("*"))
	require.Zero(t, do("", "put", "-webhooks", dir).status)

	const most = 1<<20 - headerRoom
	empty := len(strings.TrimSpace(eventLine(organizationID, "")))
	delivered := empty + len(`"event_seq":18446744073709551615,"webhook_id":"","revision":18446744073709551615,`) + 36
	// named returns an event whose project name, a repeated character, takes size bytes in the
	// JSON of a delivery. bytes is what one character takes there.
	named := func(size int, character string, bytes int) string {
		return eventLine(organizationID, strings.Repeat(character, size/bytes)+strings.Repeat("x", size%bytes))
	}
	field := func(size int) string {
		line := strings.Replace(eventLine(organizationID, "p"), "}", `,"x":""}`, 1)
		return strings.Replace(line, `"x":"`, `"x":"`+strings.Repeat("x", size-len(strings.TrimSpace(line))), 1)
	}
	lines := named(most-delivered, "x", 1) + // the largest ones
		named(most-delivered, "<", 6) +
		field(most) +
		named(most-delivered+1, "x", 1) + // one byte more
		named(most-delivered+1, "<", 6) +
		field(most+1) +
		eventLine(organizationID, "p")
	got := do(lines, "publish", "-events", "-")
	require.Equal(t, 1, got.status)
	require.Equal(t, "published 4, duplicates 0, malformed lines 3, last sequence 4\n", got.stdout)
	reason := "takes 1046529 bytes: want at most 1046528, which is max_payload of the servers less 2048 for headers\n"
	require.Equal(t, "stdin:4: too large: its delivery "+reason+"stdin:5: too large: its delivery "+reason+"stdin:6: too large: the event "+reason, got.stderr)

	startDispatcher(t, "-nats", url)
	eventually(t, func() bool {
		consumer, err := js.Consumer(t.Context(), eventsStream, consumerName)
		return err == nil && consumer.CachedInfo().AckFloor.Stream == 4
	})
	require.Len(t, queue(t, js), 4)
}
