package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// TestRetry: which failures are retried, for how long, and what is reported.
func TestRetry(t *testing.T) {
	denied := func() error { return fmt.Errorf("%w: of a subject", nats.ErrPermissionViolation) }
	silent := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	answer := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	apiError := func(code int, errorCode jetstream.ErrorCode) error {
		return &jetstream.APIError{Code: code, ErrorCode: errorCode, Description: "why"}
	}
	const retrying = "the servers fail or do not answer, retrying for 30s: "
	for name, tc := range map[string]struct {
		attempt   func(context.Context) error
		succeeds  int           // attempt that succeeds; 0: none
		last      func() error  // the connection's last error, made by each attempt
		ends      time.Duration // the least time that retry takes; it takes at most one attempt more
		err, said string
	}{
		"success":                  {answer(nil), 1, nil, 0, "", ""},
		"a short failure":          {answer(errors.New("x")), 10, nil, 0, "", ""},
		"an election":              {silent, 3, nil, 4 * time.Second, "", retrying + "context deadline exceeded\n"},
		"no answer":                {silent, 0, nil, retryTimeout, "gave up after 30s: context deadline exceeded", retrying + "context deadline exceeded\n"},
		"no permission":            {silent, 0, denied, attemptTimeout, "context deadline exceeded; the connection's last error: nats: permissions violation: of a subject", ""},
		"no connection":            {silent, 0, func() error { return errors.New("EOF") }, retryTimeout, "gave up after 30s: context deadline exceeded; the connection's last error: EOF", retrying + "context deadline exceeded; the connection's last error: EOF\n"},
		"no JetStream":             {answer(jetstream.ErrJetStreamNotEnabled), 0, nil, attemptTimeout, "nats: API error: code=503 err_code=10076 description=jetstream not enabled", ""},
		"no server with JetStream": {answer(nats.ErrNoResponders), 0, nil, attemptTimeout, "nats: no responders available for request: no server offers JetStream to this account", ""},
		"no JetStream at first":    {answer(jetstream.ErrJetStreamNotEnabled), 5, nil, 0, "", ""},
		"replicas":                 {answer(apiError(500, 10074)), 0, nil, attemptTimeout, "nats: API error: code=500 err_code=10074 description=why", ""},
		"as text of natsfeed":      {answer(errors.New(apiError(500, 10074).Error())), 0, nil, attemptTimeout, "nats: API error: code=500 err_code=10074 description=why", ""},
		"an invalid request":       {answer(apiError(400, 10025)), 0, nil, attemptTimeout, "nats: API error: code=400 err_code=10025 description=why", ""},
		"temporarily unavailable":  {answer(apiError(503, 10008)), 0, nil, retryTimeout, "gave up after 30s: nats: API error: code=503 err_code=10008 description=why", retrying + "nats: API error: code=503 err_code=10008 description=why\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var stderr buffer
				var last error
				r := &retries{lastError: func() error { return last }, stderr: &stderr}
				ctx := context.WithValue(t.Context(), retriesKey{}, r)
				start, n := time.Now(), 0
				err := retry(ctx, func(ctx context.Context) error {
					if n++; n == tc.succeeds {
						return nil
					}
					if tc.last != nil {
						last = tc.last()
					}
					return tc.attempt(ctx)
				})
				took := time.Since(start)
				if tc.err == "" {
					require.NoError(t, err)
				} else {
					require.EqualError(t, err, tc.err)
				}
				require.Equal(t, tc.said, stderr.String())
				require.GreaterOrEqual(t, took, tc.ends)
				require.Less(t, took, tc.ends+attemptTimeout+200*time.Millisecond)
			})
		})
	}
	require.ErrorIs(t, retry(t.Context(), func(ctx context.Context) error {
		return jetstream.ErrJetStreamNotEnabled
	}), jetstream.ErrJetStreamNotEnabled)
}

// TestRetryDeadline: at the deadline of its context, retry returns the last failure.
func TestRetryDeadline(t *testing.T) {
	full := &jetstream.APIError{Code: 500, ErrorCode: 10047, Description: "insufficient storage resources available"}
	for name, tc := range map[string]struct {
		attempts []error // the last one repeats; nil: no answer
		kind     string
	}{
		"an answer":               {[]error{full}, "full"},
		"an answer, then silence": {[]error{full, nil}, "full"},
		"silence":                 {[]error{nil}, "no answer"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), answerWait)
				defer cancel()
				n := 0
				err := retry(ctx, func(ctx context.Context) error {
					err := tc.attempts[min(n, len(tc.attempts)-1)]
					if n++; err != nil {
						return err
					}
					<-ctx.Done()
					return ctx.Err()
				})
				require.Equal(t, tc.kind, kindOf(err).name, "%v", err)
				require.ErrorIs(t, err, context.DeadlineExceeded)
			})
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	require.Equal(t, context.Canceled, retry(ctx, func(context.Context) error { cancel(); return full }))
}
