// Package chi has the example of the handler on a chi router.
package chi
