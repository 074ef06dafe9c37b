// Package wildcard implements rules 7 to 11 of package filter: it matches patterns with *
// and ? to names, ignoring case. It works on strings only.
//
// [Compile] brings an entry into canonical form ([Canonical]), which is folded, and
// [Folder.Fold] folds a name, so that matching compares bytes. A [List] does all of this.
package wildcard
