// Package sig computes, verifies and explains pg_sig, the MD5 signature of messages to and
// from the Freedom Pay (formerly PayBox.money) gateway.
package sig
