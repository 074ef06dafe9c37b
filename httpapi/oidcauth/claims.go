package oidcauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// checkClaims checks what the claims say of time, and that every reader of them reads
// the same: a name that is there twice, if only in another case, is one thing to one
// and another to the next.
func checkClaims(claims json.RawMessage, now time.Time, skew time.Duration) error {
	if err := checkNames(json.NewDecoder(bytes.NewReader(claims))); err != nil {
		return err
	}
	var byName map[string]json.RawMessage
	if err := json.Unmarshal(claims, &byName); err != nil {
		return errClaims
	}
	expiry, ok := date(byName["exp"])
	if !ok {
		return errors.New("its exp is not a time")
	}
	if !now.Before(expiry.Add(skew)) {
		return errors.New("it has expired")
	}
	if raw, there := byName["nbf"]; there {
		notBefore, ok := date(raw)
		if !ok {
			return errors.New("its nbf is not a time")
		}
		if now.Before(notBefore.Add(-skew)) {
			return errors.New("it is not valid yet")
		}
	}
	return nil
}

// date reads a NumericDate of RFC 7519: a JSON number of seconds since 1970, up to the
// year 9999.
func date(raw json.RawMessage) (time.Time, bool) {
	var seconds *float64 // nil for null
	if json.Unmarshal(raw, &seconds) != nil || seconds == nil || *seconds < 0 || *seconds > 253402300799 {
		return time.Time{}, false
	}
	return time.Unix(int64(*seconds), 0), true
}

// checkNames reads one value and refuses an object that has a name twice, in whatever
// case.
func checkNames(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return errClaims
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		if delim == '{' {
			name, err := d.Token()
			if err != nil {
				return errClaims
			}
			folded := strings.ToLower(fmt.Sprint(name))
			if seen[folded] {
				return errors.New("it has a claim twice")
			}
			seen[folded] = true
		}
		if err := checkNames(d); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return errClaims
	}
	return nil
}

// Claim is a Config.Organizations for the claim of a name, at the top of the claims: a
// list of organization ids in their 36-character form. A bearer without the claim may
// read nothing; a claim of another form is an error.
func Claim(name string) func(context.Context, json.RawMessage) ([]uuid.UUID, error) {
	return func(_ context.Context, claims json.RawMessage) ([]uuid.UUID, error) {
		var byName map[string]json.RawMessage
		var texts []string
		err := json.Unmarshal(claims, &byName)
		if raw, there := byName[name]; there && err == nil {
			err = json.Unmarshal(raw, &texts)
		}
		ids := make([]uuid.UUID, len(texts))
		for i := 0; i < len(texts) && err == nil; i++ {
			ids[i], err = webhook.ParseID(texts[i])
		}
		if err != nil {
			return nil, fmt.Errorf("the claim %q is not a list of organization ids", name) // err might quote it
		}
		return ids, nil
	}
}
