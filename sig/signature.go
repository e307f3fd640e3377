package sig

import (
	"crypto/md5"
	"encoding/hex"
)

// A Signature is the MD5 value; its text form is 32 lower-case hexadecimal digits (SIG-6).
type Signature [md5.Size]byte

// ParseSignature parses the text form of a pg_sig: exactly 32 hexadecimal digits in lower
// case (SIG-6). It returns [ErrMalformed] for anything else, upper case included.
func ParseSignature(s string) (Signature, error) {
	var out Signature
	if len(s) != hex.EncodedLen(len(out)) {
		return Signature{}, ErrMalformed
	}
	for i := range out {
		hi, lo := hexDigit(s[2*i]), hexDigit(s[2*i+1])
		if hi|lo > 15 {
			return Signature{}, ErrMalformed
		}
		out[i] = hi<<4 | lo
	}
	return out, nil
}

// hexDigit returns 255 for what is no digit. Upper case is none here: encoding/hex would
// take it, and a comparison of strings, as PHP merchants do it, would not.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

// String returns the text form, as pg_sig carries it.
func (s Signature) String() string { return hex.EncodeToString(s[:]) } // SIG-6: lower case
