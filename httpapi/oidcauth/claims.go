package oidcauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// registered are the claims of RFC 7519, section 4.1.
var registered = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}

// checkClaims returns nil if the claims are a JSON object that names the issuer, the
// audience and a time around now, and the registered claims by their exact names.
func checkClaims(claims json.RawMessage, c Config, now time.Time) error {
	var byName map[string]json.RawMessage
	if err := json.Unmarshal(claims, &byName); err != nil {
		return errClaims
	}
	for _, name := range registered {
		if folds(byName, name) {
			return fmt.Errorf("a claim's name equals %q under case folding only", name)
		}
	}
	var issuer string
	if json.Unmarshal(byName["iss"], &issuer) != nil || issuer != c.Issuer || !names(byName["aud"], c.Audience) {
		return errClaims
	}
	expiry, ok := date(byName["exp"])
	if !ok {
		return errors.New("exp is not a time")
	}
	if !now.Before(expiry.Add(c.ClockSkew)) {
		return errors.New("the token has expired")
	}
	if raw, there := byName["nbf"]; there {
		notBefore, ok := date(raw)
		if !ok {
			return errors.New("nbf is not a time")
		}
		if now.Before(notBefore.Add(-c.ClockSkew)) {
			return errors.New("the token is not valid yet")
		}
	}
	return nil
}

// folds reports whether a key of the map is equal to name under Unicode folding, as by
// encoding/json, and is not name.
func folds(byName map[string]json.RawMessage, name string) bool {
	for other := range byName {
		if other != name && strings.EqualFold(other, name) {
			return true
		}
	}
	return false
}

// names reports whether a claim "aud", a string or a list of strings, has the audience.
func names(aud json.RawMessage, audience string) bool {
	var one string
	if json.Unmarshal(aud, &one) == nil {
		return one == audience
	}
	var several []string
	return json.Unmarshal(aud, &several) == nil && slices.Contains(several, audience)
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

// checkNames returns nil if all readers find the same claims, whether they fold names or
// not: no object, at any depth, has two names that are equal under Unicode folding.
func checkNames(claims json.RawMessage) error {
	return checkNextNames(json.NewDecoder(bytes.NewReader(claims)))
}

func checkNextNames(d *json.Decoder) error {
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
			folded := strings.Map(leastFold, fmt.Sprint(name))
			if seen[folded] {
				return errors.New("a claim is repeated")
			}
			seen[folded] = true
		}
		if err := checkNextNames(d); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return errClaims
	}
	return nil
}

// leastFold returns the least of the characters that are equal to r under Unicode
// folding.
func leastFold(r rune) rune {
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return least
}

// Claim returns a Config.Organizations that reads the claim of a name, at the top of the
// claims: a list of organization ids in their 36-character form. A token without the
// claim may read nothing. If the claim has another form, or a name that equals name only
// under Unicode case folding, the error is httpapi.ErrForbidden with that reason, since
// the provider has issued the token, and another one would be the same.
func Claim(name string) func(context.Context, json.RawMessage) ([]uuid.UUID, error) {
	return func(_ context.Context, claims json.RawMessage) ([]uuid.UUID, error) {
		invalid := fmt.Errorf("%w: the claim %q is not a list of organization ids", httpapi.ErrForbidden, name)
		var byName map[string]json.RawMessage
		if json.Unmarshal(claims, &byName) != nil {
			return nil, invalid
		}
		if folds(byName, name) {
			return nil, fmt.Errorf("%w: a claim's name equals %q under case folding only", httpapi.ErrForbidden, name)
		}
		raw, ok := byName[name]
		if !ok {
			return nil, nil
		}
		var texts []string // nil for null
		if json.Unmarshal(raw, &texts) != nil || texts == nil {
			return nil, invalid
		}
		ids := make([]uuid.UUID, len(texts))
		for i, text := range texts {
			id, err := webhook.ParseID(text)
			if err != nil { // which quotes the claim
				return nil, invalid
			}
			ids[i] = id
		}
		return ids, nil
	}
}
