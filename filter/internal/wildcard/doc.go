// Package wildcard is rules 7 to 11 of package filter: patterns with * and ?, and
// the names that they match without case. It knows strings only.
//
// Entries and names come as somebody wrote them. An entry is made canonical
// ([Canonical]) and compiled ([Compile]); a name is folded ([Folder.Fold]). What is
// folded and canonical compares byte by byte. A [List] does all of it.
package wildcard
