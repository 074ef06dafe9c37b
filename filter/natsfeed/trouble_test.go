package natsfeed

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// The first failure is logged at once, and then at most one failure a minute, however often the
// feed recovers.
func TestTroubleIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		trouble := &trouble{logger: slog.New(slog.NewTextHandler(&log, nil)), status: func() string { return "CONNECTED" }}
		logged := func(warnings, recoveries int) {
			t.Helper()
			require.Equal(t, warnings, strings.Count(log.String(), "level=WARN"), log.String())
			require.Equal(t, recoveries, strings.Count(log.String(), "level=INFO"), log.String())
		}
		trouble.recovered(t.Context())
		logged(0, 0)
		trouble.failed(t.Context(), errors.New("first"))
		logged(1, 0)
		require.Contains(t, log.String(), "reason=first connection=CONNECTED")
		for range 59 {
			time.Sleep(time.Second)
			trouble.failed(t.Context(), errors.New("next"))
		}
		logged(1, 0)
		time.Sleep(time.Second)
		trouble.failed(t.Context(), errors.New("last"))
		logged(2, 0)
		trouble.recovered(t.Context())
		logged(2, 1)
		require.Contains(t, log.String(), "after=1m0s")
		trouble.failed(t.Context(), errors.New("soon"))
		trouble.recovered(t.Context())
		logged(2, 1)
		time.Sleep(time.Minute)
		done, cancel := context.WithCancel(t.Context())
		cancel()
		trouble.failed(done, errors.New("closed"))
		logged(2, 1)
	})
}
