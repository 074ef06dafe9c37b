// Package filter decides which webhooks a deployment event fires, and says why.
//
// [Compile] turns one webhook into a [Filter], which decides ([Filter.Match]) and
// explains ([Filter.Explain]). An [Index] holds the webhooks of many organizations, and finds
// the webhooks that an event fires. It is clearly faster than a loop over Filters if an
// organization has more than a few dozen webhooks, and it follows changes without blocking
// readers. Package lint reports probable mistakes in webhooks that compile. Package analysis
// answers questions about all events, such as which events an edit affects.
//
// # Rules
//
// This is the only statement of the rules. Other documents and the conformance vectors
// refer to them by number. A webhook fires for an event if clauses 1 to 4 all hold.
//
//  1. enabled is true. Absent in JSON means true.
//  2. events contains the event's type, compared exactly. It is a subscription
//     list: if it is empty, null or absent, the webhook never fires.
//  3. project_names_filter is empty, null or absent (any project), or at least
//     one of its entries matches the project's name, by rules 7 to 12.
//  4. environment_types_filter is empty, null or absent (any mode), or contains
//     the environment's mode, compared exactly.
//  5. Nothing else changes the verdict: not kind, target_url, description or any
//     other field, nor the order of a list, nor a repeated element.
//  6. Types and modes that the API does not document are compared exactly like any
//     other, in lists and in events. A list of only such values still restricts.
//  7. An entry matches a whole name. Nothing is trimmed, nothing is normalised: a
//     precomposed and a decomposed accent differ.
//  8. In an entry, * stands for any run of characters, including / and the empty run.
//  9. In an entry, ? stands for exactly one character: one Unicode code point.
//  10. Every other character of an entry stands for itself, including [ ] { } , ! -
//     and \. There is no escape.
//  11. Characters compare without case, by Unicode simple case folding, as in
//     [strings.EqualFold]: K (U+212A) equals k, ſ equals s, and Σ, σ, ς are equal;
//     ß does not equal ss, and İ does not equal i. A byte of a name that is not
//     valid UTF-8 is read as the character U+FFFD.
//  12. Entries are compared with the project's name, never with its ID.
//  13. A webhook with an invalid list element fires for nothing. An empty element of
//     any list is invalid, and so is an entry that is not valid UTF-8 or is longer than
//     [webhook.MaxProjectNamesFilterEntry]. Compile reports every invalid element.
//     Other webhooks are not affected.
//  14. A webhook in JSON also fires for nothing if a documented member is repeated,
//     is spelled in another case, has a value of another type than the documented
//     one, is an id that is not a UUID of 36 characters, is a time that is a leap second
//     or not in RFC 3339, or contains a string that is not valid Unicode. Decoding
//     reports every such member. A member that is null counts as absent, and null in a
//     list is an empty element. Unknown members are ignored.
//
// Which webhooks fire depends only on their current versions, never on earlier
// versions. A mirror, such as [Index.Replace], a feed, or a program that reloads
// a folder, applies every change of its source: an invalid version of a webhook
// replaces the valid one before it, fires for nothing, and is reported. A command,
// such as [Index.Put], refuses an invalid webhook and changes nothing. If several
// webhooks in a list have the same id, the last one counts, valid or not, and the
// others are reported.
//
// The documentation of the API is ambiguous in three places:
//
//   - It says of project_names_filter that the event must come "from the specified
//     Project IDs", while the field's name, title and notes speak of names. This package
//     compares names: rule 12.
//   - It says that a "Wildcard is accepted E.g. product*" and gives no grammar, while it
//     says that the wildcard pattern of a deployment rule is "composed of '?' and/or '*'".
//     This package accepts both: rules 8 to 10.
//   - The product's guide says that names must match "or, if you're using a wildcard,
//     start with one of the values", which documents only a * at the end. The vendor's
//     own engine may treat ? and any other * differently. Package lint reports them, and
//     docs/calibration.md shows how to settle the question with an account at the vendor.
package filter
