package yamlfile

import (
	"reflect"
	"strings"
	"testing"
)

func TestFormat(t *testing.T) {
	long := strings.Repeat("x", 60)
	cases := []struct{ name, src, want string }{
		{"puts two blanks before each level", "a:\n      b:\n        - c\n", "a:\n  b: [c]\n"},
		{"keeps a mapping in a list on its line", "a:\n- {b: 1,   c: x}\n", "a:\n  - {b: 1, c: x}\n"},
		{"keeps a mapping in a list on its lines", "a:\n- b: 1\n  c: x\n", "a:\n  - b: 1\n    c: x\n"},
		{"puts a field on one line", "fields:\n- name: a\n  type: string\n  enum:\n  - x\n  - z\n", "fields:\n  - {name: a, type: string, enum: [x, z]}\n"},
		{"leaves a field with fields on several lines", "fields:\n- {name: a, fields: [{name: b}]}\n", "fields:\n  - name: a\n    fields:\n      - {name: b}\n"},
		{"breaks a long list", "a: [" + long + ", " + long + ", c]\n", "a:\n  - " + long + "\n  - " + long + "\n  - c\n"},
		{"does not quote what needs no quotes", "a: \"plain text\"\nb: 'x'\n", "a: plain text\nb: x\n"},
		{"keeps quotes around what looks like a number", "a: \"00102\"\nb: '1.10'\nc: \"true\"\n", "a: \"00102\"\nb: \"1.10\"\nc: \"true\"\n"},
		{"keeps numbers as they are written", "a: 00102\nb: 1.10\nc: true\n", "a: 00102\nb: 1.10\nc: true\n"},
		{"quotes what another reader might misread", "a: yes\nb: a:b\nc: x y#z\nd: '*x'\n", "a: \"yes\"\nb: \"a:b\"\nc: \"x y#z\"\nd: \"*x\"\n"},
		{"takes single quotes around backslashes", "a: \"^\\\\d+$\"\n", "a: '^\\d+$'\n"},
		{"keeps an empty text, list and mapping", "a: ''\nb: []\nc: {}\n", "a: \"\"\nb: []\nc: {}\n"},
		{"keeps texts of several lines", "a: \"x\\n y\\n\"\nb: \"x\\ny\"\nc: \"\\n x\"\n", "a: |\n  x\n   y\nb: |-\n  x\n  y\nc: \"\\n x\"\n"},
		{"keeps comments above and beside", "# top\n\n# above a\na: 1 # beside\n# above b\nb:\n  # above c\n  - c\n", "# top\n\n# above a\na: 1 # beside\n# above b\nb:\n  # above c\n  - c\n"},
		{"keeps Cyrillic", "a: \"Платеж разрешен\"\n", "a: Платеж разрешен\n"},
		{"formats a list at the top", "- {a: 1}\n-   b: 2\n", "- {a: 1}\n- b: 2\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Format("f", []byte(c.src), "fields")
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			again, err := Format("f", got, "fields")
			if err != nil || string(again) != string(got) {
				t.Errorf("formatted twice:\n%s\n%v", again, err)
			}
		})
	}
}

func TestFormatRefuses(t *testing.T) {
	for name, src := range map[string]string{
		"what Parse refuses":                         "a: &x 1\n",
		"a comment inside a line that would be lost": "a: {b: [\n  1, # one\n  2]}\nfields:\n- {name: x, # why\n  type: y}\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := Format("f", []byte(src), "fields"); err == nil {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

// FuzzFormat holds that formatting is final and changes no value.
func FuzzFormat(f *testing.F) {
	for _, s := range []string{"a: 00102\n", "- {name: a, type: b}\n", "a: |\n  b\n c\n", "# c\na: b # d\n", "a: \"\\u0007 x\"\n", "? 'a: b'\n: c\n", "a:\n- - b\n  - {c: d}\n", "''", "0\n\n#0\n\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		once, err := Format("f", src, "a")
		if err != nil {
			return
		}
		var before, after any
		if err := Decode("f", src, &before); err != nil {
			t.Fatal(err)
		}
		twice, err := Format("f", once, "a")
		if err != nil {
			t.Fatalf("%q is refused: %v", once, err)
		}
		if string(once) != string(twice) {
			t.Errorf("formatted once:\n%q\ntwice:\n%q", once, twice)
		}
		if err := Decode("f", once, &after); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(before, after) {
			t.Errorf("formatting %q changed what it says: %q", src, once)
		}
	})
}
