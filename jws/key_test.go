package jws_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/jws"
)

type exported struct{ K jws.Key }
type unexported struct{ k jws.Key }
type pointed struct{ k *jws.Key }
type embedded struct{ jws.Key }
type keyError struct{ k jws.Key }

func (keyError) Error() string { return "a key error" }

type loudError struct{ K jws.Key }

func (e loudError) Error() string { return fmt.Sprintf("refused %v", e.K) }

func TestKeyNeverShowsItsSecret(t *testing.T) {
	const secret = "tr0ub4dor-and-3"
	k := jws.NewKey([]byte(secret))
	// In what ways a secret could come out: as it is, in hexadecimal, as a list of bytes.
	leaks := []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("% x", secret),
		strings.Trim(fmt.Sprint([]byte(secret)), "[]"), "dHIwdWI0ZG9y", "tr0ub"}
	check := func(how, out string) {
		t.Helper()
		for _, l := range leaks {
			if strings.Contains(out, l) {
				t.Errorf("%s shows the secret: %s", how, out)
			}
		}
	}

	values := map[string]any{
		"bare": k, "pointer": &k, "exported field": exported{k}, "unexported field": unexported{k},
		"pointer to a struct": &unexported{k}, "unexported pointer": pointed{&k}, "embedded": embedded{k},
		"map value": map[string]jws.Key{"k": k}, "map key": map[jws.Key]int{k: 1}, "map of structs": map[string]unexported{"k": {k}},
		"slice": []jws.Key{k}, "slice of structs": []unexported{{k}}, "array": [1]jws.Key{k}, "any": []any{k, unexported{k}},
		"error": keyError{k}, "error with a text": loudError{k}, "wrapped error": fmt.Errorf("wrapped: %w", loudError{k}),
		"joined errors": errors.Join(keyError{k}, loudError{k}), "channel's element": func() any { c := make(chan jws.Key, 1); c <- k; return c }(),
	}
	n := 0
	for name, v := range values {
		for _, flags := range []string{"", "+", "#", "-", " ", "0", "+#", "40", ".3", "-40.3"} {
			for verb := rune('A'); verb <= 'z'; verb++ {
				if 'Z' < verb && verb < 'a' {
					continue
				}
				format := "%" + flags + string(verb)
				check(name+" "+format, fmt.Sprintf(format, v))
				n++
			}
		}
		check(name+" Sprint", fmt.Sprint(v))
		check(name+" Sprintln", fmt.Sprintln(v))
		for _, marshal := range []func(any) ([]byte, error){json.Marshal, xml.Marshal} {
			if b, err := marshal(v); err == nil {
				check(name+" marshalled", string(b))
			} else {
				check(name+" marshalled", err.Error())
			}
		}
		var b bytes.Buffer
		o := &slog.HandlerOptions{Level: slog.LevelDebug}
		for _, h := range []slog.Handler{slog.NewTextHandler(&b, o), slog.NewJSONHandler(&b, o)} {
			l := slog.New(h)
			l.Info("text", "v", v, slog.Group("g", "v", v))
			l.With("v", v).Error("text")
		}
		check(name+" slog", b.String())
	}
	if n < 5000 {
		t.Errorf("%d formats were tried, want at least 5000", n)
	}

	const want = "jws.Key(redacted)"
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(format, k); got != want {
			t.Errorf("%s: got %s, want %s", format, got, want)
		}
	}
	if got, err := json.Marshal(exported{k}); err != nil || string(got) != `{"K":"`+want+`"}` {
		t.Errorf("JSON: got %s, %v", got, err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "k", k)
	if !strings.Contains(log.String(), "k="+want) {
		t.Errorf("slog: got %s", log.String())
	}
}

func TestKeyOwnsItsSecret(t *testing.T) {
	secret := []byte(goodSecret)
	k := jws.NewKey(secret)
	want := mustSign(t, partner, goodRequest, goodSecret)
	clear(secret)
	if got, err := partner.Sign(goodRequest, k); err != nil || got != want {
		t.Errorf("got %s, %v after the caller cleared its bytes, want %s", got, err, want)
	}
}

func TestKeyShort(t *testing.T) {
	for _, c := range []struct {
		size int
		alg  jws.Alg
		want bool
	}{
		{0, jws.HS256, true}, {6, jws.HS256, true}, {31, jws.HS256, true}, {32, jws.HS256, false}, {64, jws.HS256, false},
		{47, jws.HS384, true}, {48, jws.HS384, false},
		{32, jws.HS512, true}, {63, jws.HS512, true}, {64, jws.HS512, false}, {0, jws.None, false},
	} {
		if got := jws.NewKey(make([]byte, c.size)).Short(c.alg); got != c.want {
			t.Errorf("%d bytes for %s: got %v, want %v", c.size, c.alg, got, c.want)
		}
	}
	if !(jws.Key{}).Short(jws.HS256) {
		t.Error("the zero key is not short")
	}
}
