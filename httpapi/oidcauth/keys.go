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
	// maxAge is how long keys are used before they are fetched again, which limits how
	// long a withdrawn key is accepted.
	maxAge = 5 * time.Minute
	// maxStale is how long keys are used while they cannot be fetched again. An
	// unavailable provider issues no tokens, and few tokens are valid for longer.
	maxStale = 4 * time.Hour
)

// keys caches the keys that the provider publishes.
type keys struct {
	url    string
	client *http.Client
	every  time.Duration // minimum time between two requests; at most maxAge

	mu      sync.Mutex
	known   []jose.JSONWebKey
	fetched time.Time     // start of the request that returned known
	asked   time.Time     // start of the last request
	err     error         // of the last completed request
	failed  time.Time     // end of the last failed request
	running chan struct{} // closed at the end of the running request; nil if there is none
}

// find returns the keys with the key id of a token, or all keys if id is empty. It waits for
// a request to the provider if the id is unknown or the keys are older than maxAge.
//
// If the provider has no such key, find returns errUnknownKey. If the keys cannot be fetched,
// or no request is permitted yet, it returns httpapi.ErrUnavailable, possibly with known keys:
// the caller accepts a token that one of them has signed, and returns the error for any other
// token.
func (k *keys) find(ctx context.Context, id string) ([]jose.JSONWebKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found := k.match(id)
	if len(found) > 0 && time.Since(k.fetched) < maxAge {
		return found, nil
	}
	k.renew()
	requested := k.running != nil
	// Tokens with a known key do not wait if a request has failed recently.
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
	case !requested:
		return nil, errFetchedRecently
	}
	return nil, errUnknownKey
}

// match returns the known keys with an id. The caller holds k.mu.
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

// renew starts a request, unless one is running or the last one began less than k.every
// ago. The request does not use the context of a caller, since several callers may wait
// for it. The caller holds k.mu.
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

// wait waits for the end of the running request, if there is one. The caller holds k.mu,
// which wait releases meanwhile.
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

// fetch returns the keys that the provider publishes. Its errors wrap errNoKeys.
func (k *keys) fetch() ([]jose.JSONWebKey, error) {
	var set struct{ Keys []json.RawMessage }
	if err := get(context.Background(), k.client, k.url, &set); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoKeys, err)
	}
	var known []jose.JSONWebKey
	for _, raw := range set.Keys {
		// Skip keys for encryption, keys of unknown types, and keys that must be secret:
		// symmetric and private keys.
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &key) == nil && key.IsPublic() && key.Use != "enc" {
			known = append(known, key)
		}
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("%w: the response has no public signature key", errNoKeys)
	}
	return known, nil
}

var (
	errUnknownKey      = errors.New("the provider has no key with the token's key id")
	errNoKeys          = fmt.Errorf("%w: cannot fetch the provider's keys", httpapi.ErrUnavailable)
	errFetchedRecently = fmt.Errorf("%w: unknown key id, and the provider's keys were fetched less than Config.KeysEvery ago", httpapi.ErrUnavailable)
)

// ping returns the error of the last request, after a new request if k.every permits one.
func (k *keys) ping(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.renew()
	if err := k.wait(ctx); err != nil {
		return err
	}
	return k.err
}

// ready returns nil while find would use the known keys even if they could not be fetched again.
func (k *keys) ready() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.fetched) < maxStale {
		return nil
	}
	return cmp.Or(k.err, errNoKeys)
}
