//go:build race

package lint_test

// All pairs of longer patterns take a minute with the race detector, which has
// nothing to find in them.
func init() { containmentLength = 3 }
