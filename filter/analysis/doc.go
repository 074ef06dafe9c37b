// Package analysis answers questions about all possible events: does this edit change
// anything, does every failure in production reach a webhook, is this webhook covered by
// another one?
//
// [Witness] finds an event that fires every webhook of one list and none of another, or proves that
// there is no such event. Many questions reduce to this one:
//
//	what does an edit add, what does it remove      Witness({new}, {old}), Witness({old}, {new})
//	are two webhooks equivalent                     neither of these two finds an event
//	which events fire both                          Witness({a, b}, nil)
//	is a webhook covered by others                  Witness({w}, others) finds no event
//	which failure in production reaches no webhook  Witness({scope}, all)
//	can this webhook ever fire                      Witness({w}, nil)
//
// Here scope is a webhook that fires for exactly the events in question.
//
// # How it works
//
// Rules 1, 2 and 4 of package filter depend only on the type and the mode of an event. So there
// are few cases: each documented type and mode, each other value that a list contains, and one
// that no list contains. In each case the other rules leave a question about patterns: which
// name matches an entry of each webhook in fires, and no entry of a webhook in silent?
//
// A breadth-first search answers it, which extends names by one character at a time. A state is
// the set of positions in the patterns that a name leads to. Names that lead to the same state
// are equivalent, so the search extends only the first of them. For the patterns prod-* and
// *-eu, the name "prod-" leads to the position after the hyphen of the first pattern, and to
// the positions before the * and after the hyphen of the second:
//
//	prod-|*    |*-eu    *-|eu
//
// In each state, the search tries the characters at its positions, and one character for all
// others. It drops a state that cannot lead to a witness: an entry of a webhook in silent matches
// whatever follows, or no entry of some webhook in fires can match any more.
//
// A pattern like *-???????? would have a state for each way to place hyphens in a name. But if
// it is known how many characters follow, only one of the positions after the * can matter. So
// if a pattern has a ? after a *, the search goes through the lengths of names. It leaves out
// each such pattern of a silent webhook until it finds a name that the pattern matches.
package analysis
