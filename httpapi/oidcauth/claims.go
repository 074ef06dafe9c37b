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

// registered has the names of the claims of RFC 7519, section 4.1.
var registered = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}

// checkClaims returns an error unless the claims are a JSON object with the issuer and the
// audience of c, are valid now, and have no name that equals a registered one only under
// Unicode case folding.
func checkClaims(claims json.RawMessage, c Config, now time.Time) error {
	var byName map[string]json.RawMessage
	if err := json.Unmarshal(claims, &byName); err != nil {
		return errClaims
	}
	for _, name := range registered {
		if hasFoldedName(byName, name) {
			return fmt.Errorf("a claim's name equals %q only under case folding", name)
		}
	}
	var issuer string
	if json.Unmarshal(byName["iss"], &issuer) != nil || issuer != c.Issuer || !hasAudience(byName["aud"], c.Audience) {
		return errClaims
	}
	expiry, ok := numericDate(byName["exp"])
	if !ok {
		return errors.New("claim exp is not a time")
	}
	if !now.Before(expiry.Add(c.ClockSkew)) {
		return errors.New("the token has expired")
	}
	if raw, ok := byName["nbf"]; ok {
		notBefore, ok := numericDate(raw)
		if !ok {
			return errors.New("claim nbf is not a time")
		}
		if now.Before(notBefore.Add(-c.ClockSkew)) {
			return errors.New("the token is not valid yet")
		}
	}
	return nil
}

// hasFoldedName reports whether a key of the map differs from name, but equals it under
// Unicode case folding, as encoding/json compares names.
func hasFoldedName(byName map[string]json.RawMessage, name string) bool {
	for other := range byName {
		if other != name && strings.EqualFold(other, name) {
			return true
		}
	}
	return false
}

// hasAudience reports whether a claim "aud", a string or a list of strings, has the audience.
func hasAudience(aud json.RawMessage, audience string) bool {
	var one string
	if json.Unmarshal(aud, &one) == nil {
		return one == audience
	}
	var several []string
	return json.Unmarshal(aud, &several) == nil && slices.Contains(several, audience)
}

// numericDate decodes a NumericDate of RFC 7519: a JSON number of seconds since 1970, up to
// the year 9999.
func numericDate(raw json.RawMessage) (time.Time, bool) {
	var seconds *float64 // nil for null
	if json.Unmarshal(raw, &seconds) != nil || seconds == nil || *seconds < 0 || *seconds > 253402300799 {
		return time.Time{}, false
	}
	return time.Unix(int64(*seconds), 0), true
}

// checkNames returns an error if an object, at any depth, has two names that are equal under
// Unicode case folding. Decoders could disagree about such an object, since only some fold names.
func checkNames(claims json.RawMessage) error {
	return checkNextNames(json.NewDecoder(bytes.NewReader(claims)))
}

// checkNextNames is checkNames for the next value of d.
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
				return errors.New("an object in the claims has two names that are equal, or equal under case folding")
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

// leastFold returns the smallest rune that equals r under Unicode case folding.
func leastFold(r rune) rune {
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return least
}

// Claim returns a function for Config.Organizations that reads the top-level claim with the
// given name, a list of organization ids in their 36-character form. A token without the
// claim may read nothing. If the claim has another form, or a claim's name equals the given
// name only under Unicode case folding, the error is httpapi.ErrForbidden with that reason: a
// new token would have the same claim, so httpapi.ErrUnauthenticated would be misleading.
func Claim(name string) func(context.Context, json.RawMessage) ([]uuid.UUID, error) {
	return func(_ context.Context, claims json.RawMessage) ([]uuid.UUID, error) {
		invalid := fmt.Errorf("%w: the claim %q is not a list of organization ids", httpapi.ErrForbidden, name)
		var byName map[string]json.RawMessage
		if json.Unmarshal(claims, &byName) != nil {
			return nil, invalid
		}
		if hasFoldedName(byName, name) {
			return nil, fmt.Errorf("%w: a claim's name equals %q only under case folding", httpapi.ErrForbidden, name)
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
			if err != nil { // do not return err, which quotes the claim
				return nil, invalid
			}
			ids[i] = id
		}
		return ids, nil
	}
}
