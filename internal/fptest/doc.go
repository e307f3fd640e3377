// Package fptest holds what the tests of several packages share, and the tests that hold several
// packages together: who imports whom, that every clause has its parts, that every vector is what
// sig, its codecs and jws make of it.
//
//	for _, v := range file.Tests {
//		got := sig.Sum(v.Script, fptest.Message(v.Message), sig.NewKey(v.Secret))
//	}
//
// Only tests import it. Those of sig and jws do not, since what it reaches would stand in the go.sum
// of everyone who imports them.
package fptest
