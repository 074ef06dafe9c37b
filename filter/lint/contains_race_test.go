//go:build race

package lint_test

// All pairs of longer patterns would take a minute with the race detector, although the code
// under test is not concurrent.
func init() { containmentLength = 3 }
