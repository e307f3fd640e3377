package sigjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// second reads an object with encoding/json, as an independent witness.
func second(body []byte) (sig.Message, error) {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	f, err := secondValue(d)
	return f.Children, err
}

func secondValue(d *json.Decoder) (sig.Field, error) {
	t, err := d.Token()
	if err != nil {
		return sig.Field{}, err
	}
	delim, ok := t.(json.Delim)
	switch {
	case t == nil:
		return sig.Field{}, nil
	case !ok:
		return sig.Field{Value: fmt.Sprint(t)}, nil
	}
	f := sig.Branch("")
	for d.More() {
		name := strconv.Itoa(len(f.Children))
		if delim == '{' {
			t, err := d.Token()
			if err != nil {
				return f, err
			}
			name = t.(string)
		}
		c, err := secondValue(d)
		if err != nil {
			return f, err
		}
		c.Name = name
		f.Children = append(f.Children, c)
	}
	_, err = d.Token()
	return f, err
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":"1","b":[1.10,true,null,{"c":{}}],"a":"2"}`, ` {"\u0417\ud83d\ude00":"\n\\"} `, `{"a":-0.5e+3}`,
		`{"a":[[],[[]]]}`, `{"a":01}`, `{"a":"\ud83d"}`, "{\"a\":\"\xff\"}", `{"a":1}}`, `[1]`, `{"a":"` + strings.Repeat("я", 40) + `"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := Parse(body)
		if err != nil {
			var e *SyntaxError
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(body) {
				t.Fatalf("%v", err)
			}
			lenient := errors.Is(err, ErrObject) || errors.Is(err, ErrUTF8) || errors.Is(err, ErrDepth) || errors.Is(err, ErrSize) ||
				strings.Contains(err.Error(), "surrogate")
			if json.Valid(body) && !lenient {
				t.Fatalf("encoding/json takes %q: %v", body, err)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatalf("encoding/json does not take %q", body)
		}
		if want, err := second(body); err != nil || show(want) != show(m) {
			t.Fatalf("%q is %s, and %s, %v by encoding/json", body, show(m), show(want), err)
		}
		b, err := Append(nil, m)
		if err != nil {
			var e *CarryError
			if errors.As(err, &e) && len(body) > MaxSize/4 {
				return // quotes around numbers, escapes: it may become too long
			}
			t.Fatalf("%s cannot be written: %v", show(m), err)
		}
		again, err := Parse(b)
		if err != nil || show(again) != show(m) {
			t.Fatalf("%s was written as %q and read as %s, %v", show(m), b, show(again), err)
		}
	})
}

// Any message at all: what Append takes must come back.
func FuzzAppend(f *testing.F) {
	f.Add("a", "b", "0", "1", "2")
	f.Add("0", "1", "", "\xff", "\x00")
	f.Fuzz(func(t *testing.T, n1, n2, n3, v1, v2 string) {
		m := sig.Message{
			sig.Leaf(n1, v1),
			sig.Branch(n2, sig.Leaf(n3, v2), sig.Branch(n1, sig.Leaf(n2, v1)), sig.Branch(n2)),
			sig.Branch(n3, sig.Leaf("0", v1), sig.Leaf(n1, v2)),
			sig.Leaf(n1, v2),
		}
		b, err := Append(nil, m)
		if err != nil {
			return
		}
		again, err := Parse(b)
		if err != nil || show(again) != show(m) {
			t.Fatalf("%s was written as %q and read as %s, %v", show(m), b, show(again), err)
		}
	})
}
