package oidcauth

import (
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
	// maxAge is how long keys are used before they are asked for again, beside the
	// requests that go on: so a key that the provider withdrew ends.
	maxAge = 5 * time.Minute
)

// keys are the provider's published keys, kept and renewed.
type keys struct {
	url    string
	client *http.Client
	every  time.Duration // at least between two requests to the provider

	mu      sync.Mutex
	known   []jose.JSONWebKey
	asked   time.Time     // when the last request began
	err     error         // of the last request
	running chan struct{} // closed at the end of the request; nil if none runs
}

// find returns the keys with the id of a token, all of them if it has none. If there is
// none it asks the provider, unless that was asked just now. It returns
// errUnknownKey if the provider has no such key, and another error if it could not say
// so.
func (k *keys) find(ctx context.Context, id string) ([]jose.JSONWebKey, error) {
	k.mu.Lock()
	found := k.match(id)
	age := time.Since(k.asked)
	if age >= maxAge || len(found) == 0 && age >= k.every {
		k.renew()
	}
	running := k.running
	k.mu.Unlock()
	if len(found) > 0 {
		return found, nil
	}
	if running != nil {
		select {
		case <-running:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", errNoKeys, ctx.Err())
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if found = k.match(id); len(found) > 0 {
		return found, nil
	}
	if k.err != nil {
		return nil, k.err
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

// renew begins a request, unless one runs. It is called with the lock. The request is
// nobody's alone, so no caller's context ends it.
func (k *keys) renew() {
	if k.running != nil {
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
		if err == nil {
			k.known = known
		}
	}()
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

// Why there is no key for a token: the provider has none, or cannot be asked.
var (
	errUnknownKey = errors.New("the provider has no key with this id")
	errNoKeys     = fmt.Errorf("%w: cannot fetch the provider's keys", httpapi.ErrUnavailable)
)

// ping returns the error of the last request, which it makes if it is time for one.
func (k *keys) ping(ctx context.Context) error {
	k.mu.Lock()
	if time.Since(k.asked) >= k.every {
		k.renew()
	}
	running := k.running
	k.mu.Unlock()
	if running != nil {
		select {
		case <-running:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", errNoKeys, ctx.Err())
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.err
}
