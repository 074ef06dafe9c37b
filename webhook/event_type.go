package webhook

import "slices"

// EventType is the type of a deployment event, an element of "events". Types
// are compared exactly.
//
// A newer API may send a type that is not listed here. Decoding keeps it, encoding writes
// it back, and a webhook that lists it fires for an event of exactly that type.
// [Webhook.Validate] reports it.
type EventType string

// The event types that the API documents.
const (
	DeploymentStarted    EventType = "DEPLOYMENT_STARTED"    // a deployment is started and going to be executed
	DeploymentCancelled  EventType = "DEPLOYMENT_CANCELLED"  // a deployment is cancelled
	DeploymentFailure    EventType = "DEPLOYMENT_FAILURE"    // a deployment failed
	DeploymentSuccessful EventType = "DEPLOYMENT_SUCCESSFUL" // a deployment is successful
)

var eventTypes = []EventType{DeploymentStarted, DeploymentCancelled, DeploymentFailure, DeploymentSuccessful}

// EventTypes returns the documented event types, in the order of the API document, in a
// new slice.
func EventTypes() []EventType { return slices.Clone(eventTypes) }
