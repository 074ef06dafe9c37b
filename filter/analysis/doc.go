// Package analysis answers questions about all events, not only about those that somebody
// lists: does this edit change anything, does every failure in production reach a webhook,
// is this webhook covered by another one?
//
// [Witness] finds an event that fires some webhooks and none of others, or proves that there
// is no such event. Many questions reduce to that one:
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
// Rules 1, 2 and 4 of package filter depend on the type and the mode of an event. So there are
// few cases: each documented type and mode, each other one that a list names, and one that no
// list names. In each case it is known which webhooks the name decides about, and what is left
// is a question about patterns: which name matches an entry of each webhook in fires, and no
// entry of a webhook in silent?
//
// A breadth-first search answers it. It extends names by one character at a time. A state is
// the set of positions in the patterns that a name leads to, and names that lead to the same
// state are the same name to the search. For the patterns prod-* and *-eu and the name "prod-"
// the positions are after the hyphen of the first, and both before and after the hyphen of the
// second:
//
//	prod-|*    |*-eu    *-|eu
//
// The characters to try in a state are those at its positions, and one for all others. States
// that cannot lead to a witness are left out: those in which an entry of a silent webhook
// matches whatever follows, and those in which no entry of some webhook in fires can match any
// more.
package analysis
