package sig_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"
	"text/template"

	"github.com/fpconform/fpconform/sig"
)

const leaky = "sEcr3t-Kq7z"

type exported struct {
	Name string
	Key  sig.Key
	Ptr  *sig.Key
}

type unexported struct {
	name string
	key  sig.Key
	ptr  *sig.Key
}

type embedded struct{ sig.Key }

type nestedUnexported struct {
	inner unexported
	list  []sig.Key
	byKey map[sig.Key]sig.Key
	any   any
}

type keyError struct{ key sig.Key }

func (e keyError) Error() string {
	return fmt.Sprintf("cannot use %v of %+v", e.key, struct{ k sig.Key }{e.key})
}

// holders puts a key wherever a caller may leave one.
func holders() map[string]any {
	k := sig.NewKey(leaky)
	p := &k
	return map[string]any{
		"bare":              k,
		"pointer":           p,
		"pointer twice":     &p,
		"exported field":    exported{"x", k, p},
		"its pointer":       &exported{"x", k, p},
		"unexported field":  unexported{"x", k, p},
		"its pointer too":   &unexported{"x", k, p},
		"embedded":          embedded{k},
		"deep":              nestedUnexported{unexported{"x", k, p}, []sig.Key{k}, map[sig.Key]sig.Key{k: k}, k},
		"map value":         map[string]sig.Key{"secret": k},
		"map key":           map[sig.Key]int{k: 1},
		"slice":             []sig.Key{k, k},
		"slice of anything": []any{k, p, unexported{"x", k, p}},
		"array":             [1]sig.Key{k},
		"error":             keyError{k},
		"wrapped error":     fmt.Errorf("call: %w", keyError{k}),
		"joined error":      errors.Join(keyError{k}, fmt.Errorf("%v %+v %#v %s %q %x %d", k, k, k, k, k, k, k)),
	}
}

// leaks looks for the secret as text and in the forms into which verbs turn bytes.
func leaks(s string) bool {
	var decimal, octal, binary, goHex, unicode []string
	for _, c := range []byte(leaky) {
		decimal = append(decimal, fmt.Sprintf("%d", c))
		octal = append(octal, fmt.Sprintf("%o", c))
		binary = append(binary, fmt.Sprintf("%b", c))
		goHex = append(goHex, fmt.Sprintf("%#x", c))
		unicode = append(unicode, fmt.Sprintf("%U", c))
	}
	lower := strings.ToLower(s)
	for _, form := range []string{
		leaky, leaky[:6], hex.EncodeToString([]byte(leaky)), fmt.Sprintf("% x", leaky), fmt.Sprintf("%# x", leaky),
		strings.Join(decimal, " "), strings.Join(decimal, ", "), strings.Join(decimal, ","), strings.Join(octal, " "),
		strings.Join(binary, " "), strings.Join(goHex, ", "), strings.Join(unicode, " "),
		base64.StdEncoding.EncodeToString([]byte(leaky))[:12],
	} {
		if strings.Contains(lower, strings.ToLower(form)) {
			return true
		}
	}
	return false
}

func TestLeaksAreSeen(t *testing.T) {
	// The same shapes around what is not a Key, so that the search is known to find.
	for _, v := range []any{leaky, []byte(leaky), struct{ s string }{leaky}, &struct{ b *[]byte }{}} {
		found := false
		for _, verb := range "vsqxXd" {
			found = found || leaks(fmt.Sprintf("%"+string(verb), v))
		}
		if _, empty := v.(*struct{ b *[]byte }); found == empty {
			t.Errorf("%T: found %v", v, found)
		}
	}
}

func TestKeyNeverPrints(t *testing.T) {
	var verbs []string
	for c := 'a'; c <= 'z'; c++ {
		verbs = append(verbs, string(c), strings.ToUpper(string(c)))
	}
	verbs = append(verbs, "!", "é") // not verbs at all: fmt then shows the value
	wrong := []string{"x", "%*d"}   // in a slice, because linters object to such constants
	printed := 0
	for where, v := range holders() {
		for _, verb := range verbs {
			for _, flags := range []string{"", "+", "-", "#", " ", "0", "+#", "# ", "+ 0", "20", "-20", ".3", "20.3", "#20.3", "+#20", "[1]"} {
				out := fmt.Sprintf("%"+flags+verb, v)
				printed++
				if leaks(out) {
					t.Errorf("%s under %%%s%s prints %s", where, flags, verb, out)
				}
			}
		}
		for name, out := range map[string]string{
			"Sprint": fmt.Sprint(v), "Sprintln": fmt.Sprintln(v, v),
			"an extra argument": fmt.Sprintf(wrong[0], v), "a bad width": fmt.Sprintf(wrong[1], v, v),
			"Errorf": fmt.Errorf("%v", v).Error(),
		} {
			if leaks(out) {
				t.Errorf("%s in %s prints %s", where, name, out)
			}
		}
	}
	if printed < 10_000 {
		t.Errorf("only %d texts were looked at", printed)
	}
}

func TestKeyNeverEncodes(t *testing.T) {
	for where, v := range holders() {
		out, err := json.Marshal(v)
		if leaks(string(out)) || err != nil && leaks(err.Error()) {
			t.Errorf("%s as JSON: %s, %v", where, out, err)
		}
		out, err = xml.Marshal(v)
		if leaks(string(out)) || err != nil && leaks(err.Error()) {
			t.Errorf("%s as XML: %s, %v", where, out, err)
		}
		var b strings.Builder
		if err := template.Must(template.New("").Parse(`{{.}} {{printf "%#v" .}} {{js .}}`)).Execute(&b, v); leaks(b.String()) || err != nil && leaks(err.Error()) {
			t.Errorf("%s in a template: %s, %v", where, &b, err)
		}
	}
	out, err := json.Marshal(exported{"x", sig.NewKey(leaky), nil})
	if got, want := string(out), `{"Name":"x","Key":"sig.Key(redacted)","Ptr":null}`; got != want || err != nil {
		t.Errorf("a key in JSON is %s, %v; want %s", got, err, want)
	}
}

func TestKeyNeverLogs(t *testing.T) {
	var b bytes.Buffer
	loggers := []*slog.Logger{
		slog.New(slog.NewTextHandler(&b, nil)),
		slog.New(slog.NewJSONHandler(&b, nil)),
		slog.New(slog.NewTextHandler(&b, nil)).With("with", sig.NewKey(leaky)).WithGroup("g"),
	}
	for where, v := range holders() {
		b.Reset()
		for _, l := range loggers {
			l.Info("message", "key", v)
			l.Info(fmt.Sprint(v), slog.Group("group", slog.Any("key", v)))
		}
		log.New(&b, "", 0).Print(v)
		log.New(&b, "", 0).Printf("%+v %#v", v, v)
		if b.Len() == 0 || leaks(b.String()) {
			t.Errorf("%s is logged as %s", where, &b)
		}
	}
	b.Reset()
	loggers[0].Info("m", "key", sig.NewKey(leaky))
	if !strings.Contains(b.String(), `key=sig.Key(redacted)`) {
		t.Errorf("a key is logged as %s", &b)
	}
}

func TestKeyPrintsAsRedacted(t *testing.T) {
	for _, k := range []any{sig.NewKey(leaky), sig.NewKey(""), sig.Key{}, embedded{sig.NewKey(leaky)}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, k); got != "sig.Key(redacted)" {
				t.Errorf("%T under %s prints %s", k, verb, got)
			}
		}
	}
}
