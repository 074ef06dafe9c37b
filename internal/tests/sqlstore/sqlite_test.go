//go:build linux

package sqlstore_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
)

// Another connection holds the lock for writing.
func TestSQLiteLocked(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "webhooks.db")
	s := open(t, url)
	f := follow(t, s)
	organization, w := uuid.New(), made("")
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	db := raw(t, url)
	defer db.Close()
	writer, err := db.Conn(t.Context())
	require.NoError(t, err)
	_, err = writer.ExecContext(t.Context(), `BEGIN IMMEDIATE`)
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = s.Put(ctx, organization, made(""))
	require.ErrorIs(t, err, httpapi.ErrUnavailable)
	_, err = s.Webhook(t.Context(), organization, w.ID)
	require.NoError(t, err, "a read waits for the writer")
	wait(t, f, 1)
	_, err = writer.ExecContext(t.Context(), `COMMIT`)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	_, err = s.Put(t.Context(), organization, made(""))
	require.NoError(t, err)
}

// Two writers have connections that do not wait for each other.
func TestSQLiteWithoutBusyTimeout(t *testing.T) {
	file := filepath.Join(t.TempDir(), "webhooks.db")
	require.NoError(t, open(t, "sqlite:"+file).Close())
	organization := uuid.New()
	errs := make(chan error)
	for range 2 {
		db, err := sql.Open("sqlite", file)
		require.NoError(t, err)
		s := sqlstore.New(db, sqlstore.SQLite, sqlstore.WithTimeout(soon))
		defer s.Close()
		go func() {
			var err error
			for range 200 {
				if _, putErr := s.Put(t.Context(), organization, made("")); err == nil {
					err = putErr
				}
			}
			errs <- err
		}()
	}
	for range 2 {
		require.NoError(t, <-errs)
	}
	require.Len(t, contents(t, open(t, "sqlite:"+file), organization), 400)
}

// The first load keeps the last version of a webhook and reports invalid rows in the order of their
// revisions, even if the rows of a webhook spell its organization differently.
func TestSQLiteFirstLoad(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "webhooks.db")
	s := open(t, url)
	organization, other := uuid.MustParse("8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c"), uuid.New()
	upper := strings.ToUpper(organization.String())
	replaced, spoiled, kept := made("first"), made("spoiled"), made("kept")
	second := *replaced
	second.Description = "second"
	for _, row := range []struct{ organization, id, document string }{
		{upper, replaced.ID.String(), encoded(t, replaced)},
		{organization.String(), replaced.ID.String(), encoded(t, &second)},
		{upper, spoiled.ID.String(), encoded(t, spoiled)},
		{organization.String(), spoiled.ID.String(), "{"},
		{other.String(), kept.ID.String(), encoded(t, kept)},
		{other.String(), uuid.NewString(), encoded(t, kept)},
	} {
		exec(t, url, fmt.Sprintf(`INSERT INTO hookfilter_webhooks (organization_id, id, document, change) SELECT '%s', '%s', '%s', last + 1 FROM hookfilter_changes`,
			row.organization, row.id, row.document))
	}
	var reported []uint64
	f := follow(t, s, sqlstore.OnInvalid(func(i sqlstore.Invalid) { reported = append(reported, i.Revision) }))
	require.Equal(t, []uint64{4, 6}, reported)
	require.Equal(t, 2, f.Invalid())
	require.Equal(t, map[string]string{
		organization.String() + " " + replaced.ID.String(): encoded(t, &second),
		other.String() + " " + kept.ID.String():            encoded(t, kept),
	}, indexed(t, f, organization, other))
}

// A process is killed during its Puts.
func TestSQLiteWriterKilled(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "webhooks.db")
	s := open(t, url)
	f := follow(t, s)
	self, err := os.Executable()
	require.NoError(t, err)
	organization := uuid.New()
	cmd := osexec.Command(self, url, organization.String())
	cmd.Env = append(os.Environ(), "SQLSTORE_TEST_WRITER=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var acknowledged []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		acknowledged = append(acknowledged, organization.String()+" "+lines.Text())
		if len(acknowledged) == 1000 {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.Error(t, cmd.Wait())
	require.GreaterOrEqual(t, len(acknowledged), 1000)
	stored := contents(t, s, organization)
	for _, key := range acknowledged {
		require.Contains(t, stored, key)
	}
	change, err := s.Put(t.Context(), organization, made("last"))
	require.NoError(t, err)
	wait(t, f, change)
	require.Equal(t, contents(t, s, organization), indexed(t, f, organization))
}

func TestMain(m *testing.M) {
	if os.Getenv("SQLSTORE_TEST_WRITER") == "" {
		os.Exit(m.Run())
	}
	ctx := context.Background()
	s, err := openURL(ctx, os.Args[1])
	for err == nil {
		w := made("")
		if _, err = s.Put(ctx, uuid.MustParse(os.Args[2]), w); err == nil {
			fmt.Println(w.ID)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
