package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// attemptTimeout limits one attempt of retry, because a request that reaches a server
	// without a leader gets no answer.
	attemptTimeout = 2 * time.Second
	// retryTimeout is longer than an election takes.
	retryTimeout = 30 * time.Second
)

// retries gives retry the connection's last error, and the writer to which it reports that
// requests fail. It is a value of the context of a command.
type retries struct {
	lastError func() error // of the connection; nil before there is one
	stderr    io.Writer
	reported  atomic.Bool // whether retry has reported that requests fail
}

type retriesKey struct{}

// last returns the connection's last error.
func (r *retries) last() error {
	if r == nil || r.lastError == nil {
		return nil
	}
	return r.lastError()
}

// retry calls f until it succeeds, for at least as long as an election may take; f must be
// idempotent. Failures that only an administrator can end are final if they last for
// attemptTimeout. Other failures that last as long are reported once. At the deadline of ctx, if
// it has one, retry returns the last failure.
func retry(ctx context.Context, f func(context.Context) error) error {
	r, _ := ctx.Value(retriesKey{}).(*retries)
	start := time.Now()
	lastingSince := start
	var previous error // of the attempt before
	for ; ; time.Sleep(100 * time.Millisecond) {
		before := r.last()
		attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
		err := f(attempt)
		cancel()
		switch {
		case err == nil:
			return nil
		case errors.Is(ctx.Err(), context.Canceled):
			return ctx.Err()
		}
		now, last := time.Now(), r.last()
		// A server does not answer a request that is not permitted; it only sends an error on
		// the connection.
		denied := last != before && errors.Is(last, nats.ErrPermissionViolation)
		if !denied && !lasting(err) {
			lastingSince = now
		}
		if errors.Is(err, nats.ErrNoResponders) {
			err = fmt.Errorf("%w: no server offers JetStream to this account", err)
		}
		if last != nil {
			err = fmt.Errorf("%w; the connection's last error: %w", err, last)
		}
		switch {
		case ctx.Err() != nil && previous != nil:
			return fmt.Errorf("%w: %w", ctx.Err(), previous)
		case ctx.Err() != nil, now.Sub(lastingSince) >= attemptTimeout:
			return err
		case now.Sub(start) > retryTimeout:
			return fmt.Errorf("gave up after %v: %w", retryTimeout, err)
		case r != nil && now.Sub(start) >= attemptTimeout && !r.reported.Swap(true):
			fmt.Fprintf(r.stderr, "the servers fail or do not answer, retrying for %v: %v\n", retryTimeout, err)
		}
		previous = err
	}
}

// apiError matches an error of JetStream's API. The package natsfeed returns it as text.
var apiError = regexp.MustCompile(`API error: code=(\d+) err_code=(\d+)`)

// lasting reports whether err is an answer that stays the same until an administrator
// changes the configuration of the servers, or the program is called with other flags.
func lasting(err error) bool {
	if errors.Is(err, nats.ErrNoResponders) { // all servers with JetStream answer its API
		return true
	}
	code := apiError.FindStringSubmatch(err.Error())
	return code != nil && (code[1] == "400" || slices.Contains(lastingCodes, code[2]))
}

// lastingCodes are the codes of further failures that last: no JetStream, for the account or
// at all, and several replicas on a server that is not in a cluster.
var lastingCodes = []string{"10039", "10076", "10074"}
