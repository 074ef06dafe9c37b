// Package chi has an example of httpapi's handler on a chi router.
package chi
