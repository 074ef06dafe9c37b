package webhook

import "slices"

// EnvironmentMode is the mode of the environment that an event comes from, an
// element of "environment_types_filter". Modes are compared exactly.
//
// A newer API may send a mode that is not listed here. Decoding keeps it, encoding writes
// it back, and a webhook that lists it fires for an event of exactly that mode.
// [Webhook.Validate] reports it.
type EnvironmentMode string

// The modes that the API documents.
const (
	Development EnvironmentMode = "DEVELOPMENT"
	Preview     EnvironmentMode = "PREVIEW"
	Production  EnvironmentMode = "PRODUCTION"
	Staging     EnvironmentMode = "STAGING"
)

var environmentModes = []EnvironmentMode{Development, Preview, Production, Staging}

// EnvironmentModes returns the documented environment modes, in the order of the API
// document, in a new slice.
func EnvironmentModes() []EnvironmentMode { return slices.Clone(environmentModes) }
