package sig_test

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// What follows is pg_sig a second time, written to be read and not to be fast: names as
// texts, a list of pairs, a stable sort, a join. Nothing of the package is used but Field.

type naivePair struct{ name, value string }

var naiveNumber = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

func naiveIndex(name string) bool {
	n, ok := new(big.Int).SetString(name, 10)
	return ok && naiveNumber.MatchString(name) && n.IsInt64()
}

func naiveString(s sig.Scheme, script string, m sig.Message, secret string) string {
	var pairs []naivePair
	switch s.Order {
	case sig.Alphabetical:
		pairs = naiveAlphabetical(m, true)
	case sig.Documented:
		var own []sig.Field
		for _, f := range m {
			if f.Name != "pg_sig" {
				own = append(own, f)
			}
		}
		pairs = naiveFlatten(own, "", false, false)
	default:
		pairs = naiveFlatten(m, "", true, true)
	}
	if s.Order != sig.Alphabetical {
		sort.SliceStable(pairs, func(i, j int) bool { return pairs[i].name < pairs[j].name })
	}
	parts := []string{script}
	for _, p := range pairs {
		if s.DropEmpty && p.value == "" {
			continue
		}
		parts = append(parts, p.value)
	}
	return strings.Join(append(parts, secret), ";")
}

func naiveSum(s sig.Scheme, script string, m sig.Message, secret string) string {
	sum := md5.Sum([]byte(naiveString(s, script, m, secret)))
	return hex.EncodeToString(sum[:])
}

// naiveFlatten gives each value its sort name. appendItems says that parent is not the name
// of a list but of an item (or nothing), whose counter has to stay.
func naiveFlatten(fields []sig.Field, parent string, official, appendItems bool) []naivePair {
	var out []naivePair
	for i, f := range fields {
		if official && f.Name == "pg_sig" {
			continue
		}
		counter := fmt.Sprintf("%03d", i+1)
		name := parent + f.Name + counter
		item := official && naiveIndex(f.Name)
		if item && appendItems {
			name = parent + counter
		} else if item {
			name = parent[:len(parent)-3] + counter
		}
		if f.Children != nil {
			out = append(out, naiveFlatten(f.Children, name, official, item)...)
		} else {
			out = append(out, naivePair{name, f.Value})
		}
	}
	return out
}

func naiveAlphabetical(fields []sig.Field, top bool) []naivePair {
	sorted := append([]sig.Field(nil), fields...)
	key := func(f sig.Field) string {
		if !top && naiveIndex(f.Name) {
			return ""
		}
		return f.Name
	}
	sort.SliceStable(sorted, func(i, j int) bool { return key(sorted[i]) < key(sorted[j]) })
	var out []naivePair
	for _, f := range sorted {
		switch {
		case f.Name == "pg_sig":
		case f.Children != nil:
			out = append(out, naiveAlphabetical(f.Children, false)...)
		default:
			out = append(out, naivePair{f.Name, f.Value})
		}
	}
	return out
}

// pairs is a message as testdata writes it: [name, value] and [name, [...]].
type pairs sig.Message

func (p pairs) MarshalJSON() ([]byte, error) {
	list := make([]any, len(p))
	for i, f := range p {
		if f.Children != nil {
			list[i] = []any{f.Name, pairs(f.Children)}
		} else {
			list[i] = []any{f.Name, f.Value}
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(list)
	return b.Bytes(), err
}

func (p *pairs) UnmarshalJSON(data []byte) error {
	var list [][2]json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*p = pairs{}
	for _, pair := range list {
		var f sig.Field
		if err := json.Unmarshal(pair[0], &f.Name); err != nil {
			return err
		}
		if pair[1][0] == '[' {
			var children pairs
			if err := json.Unmarshal(pair[1], &children); err != nil {
				return err
			}
			f.Children = children
		} else if err := json.Unmarshal(pair[1], &f.Value); err != nil {
			return err
		}
		*p = append(*p, f)
	}
	return nil
}

type sample struct {
	Why     string `json:"why"`
	Message pairs  `json:"message"`
}

// samples are the messages of testdata/messages.ndjson.
func samples(t testing.TB) []sample {
	t.Helper()
	data, err := os.ReadFile("testdata/messages.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var out []sample
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatalf("line %d: %v", len(out)+1, err)
		}
		out = append(out, s)
	}
	const want = 22
	if len(out) < want || lines.Err() != nil {
		t.Fatalf("%d messages in testdata, want at least %d: %v", len(out), want, lines.Err())
	}
	return out
}

var orders = []sig.Order{sig.Reference, sig.Documented, sig.Alphabetical}

// encode and decode write a message as bytes that a fuzzer can bend: what it cuts off or
// breaks is still a message.
const (
	opEnd byte = iota
	opLeaf
	opBranch
)

func encode(dst []byte, fields []sig.Field) []byte {
	text := func(s string) {
		if len(s) > 255 {
			panic("too long for a seed: " + s[:40])
		}
		dst = append(append(dst, byte(len(s))), s...)
	}
	for _, f := range fields {
		if f.Children == nil {
			dst = append(dst, opLeaf)
			text(f.Name)
			text(f.Value)
			continue
		}
		dst = append(dst, opBranch)
		text(f.Name)
		dst = append(encode(dst, f.Children), opEnd)
	}
	return dst
}

func decode(data []byte) sig.Message {
	m, _ := decodeFields(data, 0)
	return m
}

func decodeFields(data []byte, depth int) ([]sig.Field, []byte) {
	fields := []sig.Field{}
	text := func() string {
		if len(data) == 0 {
			return ""
		}
		n := min(int(data[0]), len(data)-1)
		s := string(data[1 : 1+n])
		data = data[1+n:]
		return s
	}
	for len(data) > 0 {
		op := data[0] % 3
		data = data[1:]
		switch {
		case op == opLeaf || op == opBranch && depth > 40:
			fields = append(fields, sig.Leaf(text(), text()))
		case op == opBranch:
			f := sig.Field{Name: text()}
			f.Children, data = decodeFields(data, depth+1)
			fields = append(fields, f)
		default:
			return fields, data
		}
	}
	return fields, nil
}

func seeds(f *testing.F) [][]byte {
	f.Helper()
	var out [][]byte
	for _, s := range samples(f) {
		out = append(out, encode(nil, s.Message))
	}
	return out
}
