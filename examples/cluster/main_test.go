package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/events"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
	"github.com/hookfilter/hookfilter/webhook"
)

// TestMain runs the program instead of the tests if CLUSTER_PROGRAM is set, so that tests
// can start it as a process.
func TestMain(m *testing.M) {
	if os.Getenv("CLUSTER_PROGRAM") != "" {
		main()
	}
	natstest.Main(m)
}

const (
	organization = "8f36c487-4e75-4da9-a5bc-d7916f1acda0"
	secret       = "not-a-token" // in the target URLs of the sample webhooks
)

// buffer is a bytes.Buffer that is safe for concurrent use.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

type result struct {
	status         int
	stdout, stderr string
}

// cluster runs the program until it ends.
func cluster(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stdout, stderr buffer
	status := cli.Status("cluster", run(ctx, args, strings.NewReader(stdin), &stdout, &stderr), &stderr)
	require.NotContains(t, stdout.String()+stderr.String(), secret)
	return result{status, stdout.String(), stderr.String()}
}

// dispatcherRun is a dispatcher that runs in this process.
type dispatcherRun struct {
	stdout, stderr buffer
	stop           func() error
}

func startDispatcher(t *testing.T, args ...string) *dispatcherRun {
	t.Helper()
	d := new(dispatcherRun)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append([]string{"dispatch", "-json"}, args...), nil, &d.stdout, &d.stderr) }()
	d.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = d.stop() })
	return d
}

// address returns the address of the dispatcher's metrics, which it logs.
func (d *dispatcherRun) address(t *testing.T) string {
	t.Helper()
	served := regexp.MustCompile(`msg="serving metrics" address=(\S+)`)
	eventually(t, func() bool { return served.MatchString(d.stderr.String()) })
	return served.FindStringSubmatch(d.stderr.String())[1]
}

// deliveriesIn returns the deliveries of JSON lines.
func deliveriesIn(t *testing.T, lines string) (all []delivery) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var d delivery
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(&d), line)
		all = append(all, d)
	}
	return all
}

// queue counts the messages in DELIVERIES by event and webhook.
func queue(t *testing.T, js jetstream.JetStream) map[string]int {
	t.Helper()
	all := make(map[string]int)
	for _, m := range storedIn(t, js, deliveriesStream) {
		var d delivery
		require.NoError(t, json.Unmarshal(m.Data, &d))
		require.Equal(t, fmt.Sprintf("deliveries.%s.%s", d.OrganizationID, d.WebhookID), m.Subject)
		all[fmt.Sprint(d.EventSeq, " ", d.WebhookID)]++
	}
	return all
}

// storedIn returns the messages of a stream, read from its leader.
func storedIn(t *testing.T, js jetstream.JetStream, stream string) (all []*jetstream.RawStreamMsg) {
	t.Helper()
	s, err := js.Stream(t.Context(), stream)
	require.NoError(t, err)
	state := s.CachedInfo().State
	for seq := max(state.FirstSeq, 1); seq <= state.LastSeq; seq++ {
		m, err := s.GetMsg(t.Context(), seq)
		require.NoError(t, err)
		all = append(all, m)
	}
	return all
}

// expected returns the expected deliveries of a file of events, whose first line has
// sequence first, to the webhooks of a folder. It evaluates every filter on every event.
func expected(t *testing.T, dir, file string, first uint64) map[string]int {
	t.Helper()
	organizations, err := webhookdir.Read(dir)
	require.NoError(t, err)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	all := make(map[string]int)
	seq := first
	for line := range bytes.Lines(data) {
		id, e, err := events.Parse(bytes.TrimSpace(line))
		require.NoError(t, err)
		for _, o := range organizations {
			for _, w := range o.Webhooks {
				if f, err := filter.Compile(w); err == nil && o.ID == id && f.Match(e) {
					all[fmt.Sprint(seq, " ", w.ID)]++
				}
			}
		}
		seq++
	}
	return all
}

// writeFolder writes the webhooks of one organization to a folder.
func writeFolder(t *testing.T, dir string, organizationID uuid.UUID, webhooks ...*webhook.Webhook) {
	t.Helper()
	data, err := json.Marshal(map[string]any{"results": webhooks})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, organizationID.String()+".json"), data, 0o600))
}
