package sig

import "crypto/subtle"

// Verify checks m's pg_sig under the default [Scheme].
func Verify(script string, m Message, k Key) error { return Scheme{}.Verify(script, m, k) }

// Verify checks that m carries one pg_sig on its top level and that it is right for script,
// m and k. It returns nil, [ErrUnsigned], [ErrMismatch], or a [*FieldError] with
// [ErrRepeated] or [ErrMalformed]; test with errors.Is. It accepts only this Scheme's order.
//
// The comparison takes the same time wherever the two differ. A pg_sig in upper case is
// malformed, as it is for a merchant who compares strings (SIG-6).
func (s Scheme) Verify(script string, m Message, k Key) error {
	var got *Field
	for i := range m {
		if m[i].Name != FieldSig {
			continue
		}
		if got != nil {
			return &FieldError{Path{{FieldSig, 2}}, ErrRepeated}
		}
		got = &m[i]
	}
	if got == nil {
		return ErrUnsigned
	}
	if got.Children != nil {
		return &FieldError{Path{{Name: FieldSig}}, ErrMalformed}
	}
	have, err := ParseSignature(got.Value)
	if err != nil {
		return &FieldError{Path{{Name: FieldSig}}, err}
	}
	want := s.Sum(script, m, k)
	if subtle.ConstantTimeCompare(have[:], want[:]) != 1 {
		return ErrMismatch
	}
	return nil
}
