// Package sigjson reads and writes JSON objects that carry a message.
//
//	m, err := sigjson.Parse(body)
//	if err != nil {
//		return err // a *SyntaxError says at which byte
//	}
//
// An object is a branch with its members in the order in which they stand, names that stand
// twice included; an array is a branch with the children "0", "1" and so on; a string is a
// leaf. A number keeps the characters that it was sent with (1.10 stays 1.10, 1E5 stays 1E5).
// true and false become these words, and null the empty value.
//
// No page of the protocol's documentation says how JSON values become signed text. That
// numbers are taken as sent follows from the rule for forms; what true, false, null and
// arrays become is derived: our reading, not the documentation's.
//
// A message has no types. [Append] writes every leaf as a string, so the JSON that it makes of
// a parsed message is another text with the same fields.
//
// Parse refuses what JSON (RFC 8259) does not know, and besides: anything but an object at the
// top, invalid UTF-8 and half surrogate pairs, which other readers change in silence, bytes
// after the object, more than [MaxDepth] levels, more than [MaxSize] bytes.
package sigjson
