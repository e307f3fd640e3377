package sig

import (
	"bufio"
	"crypto/md5"
	"io"
	"sync"
)

// A Scheme computes signatures. The zero Scheme is the one this kit judges by. A Scheme may
// be used concurrently, if its Salt may.
type Scheme struct {
	// Order says which value comes after which (SIG-17).
	Order Order

	// DropEmpty leaves empty values out, as some integrations do. Without it they keep
	// their place, and two separators stand in a row (SIG-16). Positions count either way.
	DropEmpty bool

	// Salt returns the pg_salt that Sign adds; nil means letters and digits from crypto/rand.
	Salt func() string
}

// Placeholder stands where the secret would, in what [Explain] writes.
const Placeholder = "{secret_key}"

// separator stands between all parts and at neither end (SIG-5). It is not escaped in
// values, so that two messages may have the same string.
const separator = ';'

// Sum returns the signature of m under the default [Scheme].
func Sum(script string, m Message, k Key) Signature { return Scheme{}.Sum(script, m, k) }

// Sum returns the signature of m with the script name that [ScriptName] returns. A pg_sig
// in m is left out (SIG-19), on the top level and, depending on the order, below.
//
// It allocates nothing once its pool is warm. Its time grows with the depth of nesting; the
// codecs below this package limit that.
func (s Scheme) Sum(script string, m Message, k Key) Signature {
	l := getLine()
	l.fill(s.Order, m, s.DropEmpty)
	l.sort(s.Order)
	sum := l.sum(script, k.text())
	l.release()
	return sum
}

// sum hashes script, the values in the order of entries, and secret.
func (l *line) sum(script, secret string) Signature {
	if len(script)+l.size+1+len(secret) > cap(l.buf) {
		return l.sumLong(script, secret)
	}
	buf := append(l.buf[:0], script...) // SIG-5: the script name first
	for _, e := range l.entries {
		buf = append(append(buf, separator), l.field(e).Value...) // SIG-18: as it is, with nothing done to it
	}
	l.buf = append(append(buf, separator), secret...) // SIG-5: the secret last
	return md5.Sum(l.buf)                             // SIG-6
}

// sumLong does the same for what does not fit the buffer at once.
func (l *line) sumLong(script, secret string) Signature {
	if l.hash == nil {
		l.hash = md5.New()
	}
	l.write(script)
	for _, e := range l.entries {
		l.write(";")
		l.write(l.field(e).Value)
	}
	l.write(";")
	l.write(secret)
	l.hash.Write(l.buf)
	var out Signature
	copy(out[:], l.hash.Sum(l.buf[:0])) // into out itself would make it escape
	zeros := l.buf[:cap(l.buf)]
	clear(zeros) // release clears only what the last piece took
	// Reset alone would leave the last block's bytes, and so the end of the secret, in the
	// state's own buffer. One byte less than a block is kept there until the block is full.
	l.hash.Reset()
	l.hash.Write(zeros[:md5.BlockSize-1])
	l.hash.Write(zeros[:1])
	l.hash.Reset()
	return out
}

// write appends s to the buffer and hashes the buffer whenever it is full.
func (l *line) write(s string) {
	for len(s) > 0 {
		n := min(len(s), cap(l.buf)-len(l.buf))
		l.buf = append(l.buf, s[:n]...)
		s = s[n:]
		if len(l.buf) == cap(l.buf) {
			l.hash.Write(l.buf)
			l.buf = l.buf[:0]
		}
	}
}

// Explain writes the string that the default [Scheme] hashes, with {secret_key} in place of
// the secret.
func Explain(w io.Writer, script string, m Message) error { return Scheme{}.Explain(w, script, m) }

// Explain writes the string that is hashed, with {secret_key} in place of the secret and
// without a line break at the end. It returns the writer's error.
func (s Scheme) Explain(w io.Writer, script string, m Message) error {
	b := bufio.NewWriter(w) // keeps the first error
	b.WriteString(script)
	for f := range s.Order.Fields(m) {
		if s.DropEmpty && f.Value == "" {
			continue
		}
		b.WriteByte(separator)
		b.WriteString(f.Value)
	}
	b.WriteByte(separator)
	b.WriteString(Placeholder)
	return b.Flush()
}

// Sizes up to which a line goes back to the pool: beyond them it would only hold memory.
const (
	bufferSize  = 2048 // canonical bytes; longer strings are hashed in pieces of this size
	maxLeaves   = 4096
	firstLeaves = 32
)

var lines = sync.Pool{New: func() any {
	return &line{
		leaves:  make([]leaf, 0, firstLeaves),
		entries: make([]entry, 0, firstLeaves),
		buf:     make([]byte, 0, bufferSize),
	}
}}

func getLine() *line { return lines.Get().(*line) }

// release clears the line, which held a message and a secret, and gives it back.
func (l *line) release() {
	l.clear()
	if cap(l.entries) <= maxLeaves && cap(l.nodes) <= maxLeaves {
		lines.Put(l)
	}
}

func (l *line) clear() {
	clear(l.leaves)
	clear(l.nodes)
	clear(l.entries)
	clear(l.buf)
	l.flat, l.size = nil, 0
	l.leaves, l.nodes, l.entries, l.buf = l.leaves[:0], l.nodes[:0], l.entries[:0], l.buf[:0]
}
