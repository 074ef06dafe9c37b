// Package chi has an example of the handler on a chi router.
package chi
