// Package sig computes, verifies and explains pg_sig, the MD5 signature of messages to and
// from the Freedom Pay (formerly PayBox.money) gateway.
//
//	request, err := sig.Sign(sig.ScriptName(url), sig.Message{
//		sig.Leaf("pg_merchant_id", "500001"),
//		sig.Leaf("pg_amount", "25"),
//	}, sig.NewKey(secret))
//
// and, on a message that came in,
//
//	err := sig.Verify("result", callback, key)
//
// # The rule
//
// Take the script name, the values of all fields in the order of their names, and the
// secret; put one ";" between each; the MD5 of that in 32 lower-case hexadecimal digits is
// pg_sig. For three fields and the secret "s3cret" the string is
//
//	init_payment.php;25;500001;molbulak;s3cret
//
// The details decide whether a signature matches:
//
//   - The script name is the last segment of the path that was called, as it was sent
//     (SIG-1); see [ScriptName]. In a callback that is the merchant's own path, and the
//     merchant's answer is signed with it too.
//   - Order is by name, byte for byte (SIG-2), in nested fields again (SIG-3). Fields with the
//     same name stay in the order in which they came (SIG-4).
//   - Every field is signed: those without pg_, those that no page mentions, and empty ones,
//     which leave two separators in a row (SIG-16). Only pg_sig is not (SIG-19).
//   - Values are signed as decoded: after percent signs, XML entities and JSON escapes, with
//     their white space, and with numbers as they were written (SIG-18).
//   - pg_salt is a field as any other. [Sign] adds one, because the gateway asks for it.
//
// # Where the sources disagree
//
// The documentation gives that rule in words and prints a PHP routine that does something
// else in corners; the gateway's official PHP class is a third reading (SIG-17). [Order] has
// all three. They part where a list has more than ten items, where a name continues another
// by a digit, for names that are numbers and for a nested pg_sig; in all other messages
// they agree. [Reference] equals both PHP routines wherever these agree, and is the
// default. [Order.Parts] shows what is compared.
//
// # What this package does not do
//
// It reads no wire format; packages sigform, sigjson and sigxml do. It does not judge
// fields, and does not look for the reason of a mismatch. MD5 with the secret at the
// end is not a good signature: the separator is not escaped, so that two messages can
// have one signature. That is the protocol, and is kept.
//
// No error of this package contains a secret or a signature, and a [Key] prints as redacted.
// The memory that held secret and message is cleared before it is used again, though MD5's
// own copies on the stack are beyond reach.
//
// The rules are those of the gateway's public documentation and of the public PHP
// integrations, run side by side; the tests compare this package with both PHP routines, run
// by PHP, and with a second implementation in Go.
package sig
