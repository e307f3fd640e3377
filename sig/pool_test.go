package sig

import (
	"fmt"
	"strings"
	"testing"
)

// Inside the package, because no one outside can see what is left behind.
func TestNoSecretIsLeftBehind(t *testing.T) {
	const secret = "s3cret-and-more"
	for _, n := range []int{10, 2000, 2040, 5000} {
		l := &line{buf: make([]byte, 0, bufferSize)}
		m := Message{Branch("l", Leaf("0", "in a list")), Leaf("pg_a", strings.Repeat("x", n))}
		l.fill(Reference, m, false)
		l.sort(Reference)
		l.sum("result", secret)
		if n < 2000 && !strings.Contains(string(l.buf), secret) {
			t.Fatal("the secret was not where this test looks for it")
		}
		if n > bufferSize && l.hash == nil {
			t.Fatal("the string was not hashed in pieces")
		}
		l.clear()
		if got := strings.Trim(string(l.buf[:cap(l.buf)]), "\x00"); got != "" {
			t.Errorf("value of %d bytes: the buffer still holds %q", n, got)
		}
		for _, f := range l.leaves[:cap(l.leaves)] {
			if f.field != nil {
				t.Errorf("value of %d bytes: a leaf is still held", n)
			}
		}
		for _, f := range l.nodes[:cap(l.nodes)] {
			if f.name != "" {
				t.Errorf("value of %d bytes: the name %q is still held", n, f.name)
			}
		}
		// %v of the state shows its block buffer byte by byte.
		state := fmt.Sprintf("%v", l.hash)
		end := strings.Trim(fmt.Sprintf("%v", []byte(secret[8:])), "[]")
		if strings.Contains(state, end) {
			t.Errorf("value of %d bytes: the MD5 state still holds the end of the secret: %s", n, state)
		}
		if l.flat != nil || l.size != 0 || len(l.entries) != 0 {
			t.Errorf("value of %d bytes: the line is not empty: %v", n, l)
		}
	}
}
