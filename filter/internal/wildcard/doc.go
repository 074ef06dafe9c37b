// Package wildcard implements rules 7 to 11 of package filter: it matches patterns with *
// and ? to names, ignoring case. It works on strings only.
//
// [Compile] folds an entry and brings it into canonical form ([Canonical]), and
// [Folder.Fold] folds a name, so that matching compares bytes. A [List] does all of this.
package wildcard
