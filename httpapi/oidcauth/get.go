package oidcauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	maxBody        = 1 << 20 // of a response of the provider, in bytes
	requestTimeout = 5 * time.Second
)

// get decodes the JSON value at a URL. Its errors contain no part of the body of the response. Errors of
// net/http may quote a malformed header.
func get(ctx context.Context, client *http.Client, url string, v any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s responded with status %d, want 200", r.URL.Redacted(), res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return fmt.Errorf("cannot read the response of %s: %w", r.URL.Redacted(), err)
	}
	if json.Unmarshal(body, v) != nil {
		return errors.New(r.URL.Redacted() + " did not respond with a JSON object of at most 1 MiB in the expected form")
	}
	return nil
}
