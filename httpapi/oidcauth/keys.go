package oidcauth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/hookfilter/hookfilter/httpapi"
)

const (
	// maxAge is how long keys are used before they are fetched again, so that a key
	// that the provider has withdrawn is refused.
	maxAge = 5 * time.Minute
	// maxStale is how long keys are used while they cannot be fetched again. A provider
	// that is away issues no tokens, and few tokens are valid for longer.
	maxStale = 4 * time.Hour
)

// keys are the keys that the provider publishes, kept and renewed.
type keys struct {
	url    string
	client *http.Client
	every  time.Duration // at least between two requests to the provider; at most maxAge

	mu      sync.Mutex
	known   []jose.JSONWebKey
	fetched time.Time     // when the request that returned known began
	asked   time.Time     // when the last request began
	err     error         // of the last request that has ended
	failed  time.Time     // when it ended, if it failed
	running chan struct{} // closed at the end of the request; nil if none runs
}

// find returns the keys with the id of a token, or all keys if it has none. It waits for
// a request to the provider if the id is unknown or the keys are older than maxAge.
//
// It returns no keys and errUnknownKey if the provider has no such key. If that is not
// known, the error is httpapi.ErrUnavailable; then there may be keys too, which are older
// than maxAge: a token that one of them has signed is valid, but one that none of them
// has signed may be valid as well.
func (k *keys) find(ctx context.Context, id string) ([]jose.JSONWebKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found := k.match(id)
	if len(found) > 0 && time.Since(k.fetched) < maxAge {
		return found, nil
	}
	k.renew()
	asks := k.running != nil
	// While one request after the other fails, tokens of known keys do not wait for the
	// next one.
	if len(found) == 0 || time.Since(k.failed) >= k.every {
		if err := k.wait(ctx); err != nil {
			return nil, err
		}
		found = k.match(id)
	}
	switch {
	case k.err != nil && time.Since(k.fetched) < maxStale:
		return found, k.err
	case k.err != nil:
		return nil, k.err
	case len(found) > 0:
		return found, nil
	case !asks:
		return nil, errAskedJustNow
	}
	return nil, errUnknownKey
}

// match is called with the lock.
func (k *keys) match(id string) (found []jose.JSONWebKey) {
	if id == "" {
		return k.known
	}
	for _, key := range k.known {
		if key.KeyID == id {
			found = append(found, key)
		}
	}
	return found
}

// renew begins a request, unless one runs or the last one began less than k.every ago.
// It is called with the lock. Several callers may wait for the request, so it does not
// end with the context of one.
func (k *keys) renew() {
	if k.running != nil || time.Since(k.asked) < k.every {
		return
	}
	done := make(chan struct{})
	k.running, k.asked = done, time.Now()
	go func() {
		defer close(done)
		known, err := k.fetch()
		k.mu.Lock()
		defer k.mu.Unlock()
		k.running, k.err = nil, err
		if err != nil {
			k.failed = time.Now()
			return
		}
		k.known, k.fetched = known, k.asked
	}()
}

// wait waits for the end of the request, if one runs. It is called with the lock, and
// releases it while it waits.
func (k *keys) wait(ctx context.Context) error {
	running := k.running
	if running == nil {
		return nil
	}
	k.mu.Unlock()
	defer k.mu.Lock()
	select {
	case <-running:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errNoKeys, ctx.Err())
	}
}

// fetch returns the keys that the provider publishes. Its errors are errNoKeys.
func (k *keys) fetch() ([]jose.JSONWebKey, error) {
	var set struct{ Keys []json.RawMessage }
	if err := get(context.Background(), k.client, k.url, &set); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoKeys, err)
	}
	var known []jose.JSONWebKey
	for _, raw := range set.Keys {
		// Keys for encryption and keys of unknown types are skipped. A symmetric key
		// would be a published secret, and a private key would be one too.
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &key) == nil && key.IsPublic() && key.Use != "enc" {
			known = append(known, key)
		}
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("%w: no public key for signatures among them", errNoKeys)
	}
	return known, nil
}

// Why there is no key for a token.
var (
	errUnknownKey   = errors.New("the provider has no key with this id")
	errNoKeys       = fmt.Errorf("%w: cannot fetch the provider's keys", httpapi.ErrUnavailable)
	errAskedJustNow = fmt.Errorf("%w: the key is unknown, and the provider's keys were fetched just now", httpapi.ErrUnavailable)
)

// ping returns the error of the last request, which it makes if enough time has passed
// since the one before.
func (k *keys) ping(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.renew()
	if err := k.wait(ctx); err != nil {
		return err
	}
	return k.err
}

// ready returns nil while the known keys are used, even if they cannot be fetched again.
func (k *keys) ready() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.fetched) < maxStale {
		return nil
	}
	return cmp.Or(k.err, errNoKeys)
}
