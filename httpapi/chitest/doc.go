// Package chitest has the example of the handler on a chi router. It is a module of
// its own, so that the router stays out of the library's go.mod.
package chitest
