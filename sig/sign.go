package sig

import "crypto/rand"

// Sign signs m under the default [Scheme].
func Sign(script string, m Message, k Key) (Message, error) { return Scheme{}.Sign(script, m, k) }

// Sign returns a copy of m with pg_salt, if it had none, and pg_sig appended. An empty
// pg_salt is one and stays. Nested fields are shared with m.
// It returns [ErrRepeated], in a [*FieldError], if m already has a pg_sig.
func (s Scheme) Sign(script string, m Message, k Key) (Message, error) {
	salted := false
	for i := range m {
		switch m[i].Name {
		case FieldSig:
			return nil, &FieldError{Path{{Name: FieldSig}}, ErrRepeated}
		case FieldSalt:
			salted = true
		}
	}
	out := make(Message, len(m), len(m)+2)
	copy(out, m)
	if !salted {
		salt := s.Salt
		if salt == nil {
			salt = rand.Text // 26 letters and digits, at least 128 random bits
		}
		out = append(out, Leaf(FieldSalt, salt()))
	}
	return append(out, Leaf(FieldSig, s.Sum(script, out, k).String())), nil
}
