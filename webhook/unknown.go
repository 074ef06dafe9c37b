package webhook

import (
	"fmt"
	"slices"
	"strings"
)

// unknown returns the FieldError for v, which is not in known. It suggests a similar value.
func unknown[S ~string](field string, v S, known []S) *FieldError {
	err, upper := ErrUnknownValue, strings.ToUpper(string(v))
	if i := slices.IndexFunc(known, func(k S) bool { return isTypo(upper, string(k)) || published[upper] == string(k) }); i >= 0 {
		err = fmt.Errorf("%w, did you mean %s?", err, known[i])
	}
	return &FieldError{Field: field, Value: redactValue(string(v)), Err: err}
}

// published maps values that the vendor's own pages show, although the API does not
// document them, to the documented values. They differ too much for isTypo.
var published = map[string]string{"DEPLOYMENT_SUCCEEDED": string(DeploymentSuccessful)}

// isTypo reports whether a and b differ in one place only, by at most three bytes of
// each: FAILED and FAILURE differ after FAIL, STAGNIG and STAGING before the last G.
func isTypo(a, b string) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return max(len(a), len(b)) <= 3
}
