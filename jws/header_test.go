package jws_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/jws"
)

func TestHeaderKeepsOrderAndLiterals(t *testing.T) {
	for name, text := range map[string]string{
		"no members":              `{}`,
		"order of the sender":     `{"z":"1","a":"2","m":"3"}`,
		"numbers as written":      `{"a":0,"b":-0.10,"c":1e5,"d":12345678901234567890123}`,
		"other values":            `{"a":true,"b":null,"c":[1,{"x":"y"}],"d":{"e":{}}}`,
		"characters for HTML":     `{"uri":"/a?b=<c>&d"}`,
		"the same beyond ASCII":   `{"uri":"/счет?b=<c>&d"}`,
		"beyond ASCII":            `{"uri":"/счет"}`,
		"control characters":      `{"uri":"\n\u0001\u2028"}`,
		"names that need escapes": `{"\"":"","\\":""}`,
	} {
		t.Run(name, func(t *testing.T) {
			var h jws.Header
			if err := json.Unmarshal([]byte(text), &h); err != nil {
				t.Fatal(err)
			}
			if got, err := h.MarshalJSON(); err != nil || string(got) != text {
				t.Errorf("got %s, %v, want %s", got, err, text)
			}
		})
	}
}

func TestHeaderTellsTypesApart(t *testing.T) {
	var h jws.Header
	if err := json.Unmarshal([]byte(`{"text":"1","number" : 1, "null": null ,"list":[ 1 ]}`), &h); err != nil {
		t.Fatal(err)
	}
	if got, _ := h.Get("text"); got != "1" {
		t.Errorf("text: got %#v", got)
	}
	if got, _ := h.Get("number"); got != json.Number("1") {
		t.Errorf("number: got %#v", got)
	}
	for name, want := range map[string]string{"null": "null", "list": "[ 1 ]"} {
		if got, ok := h.Get(name); !ok || string(got.(json.RawMessage)) != want {
			t.Errorf("%s: got %v, %v, want %s", name, got, ok, want)
		}
	}
	if got, ok := h.Get("missing"); ok || got != nil {
		t.Errorf("missing: got %v, %v", got, ok)
	}
}

func TestHeaderRefuses(t *testing.T) {
	var h jws.Header
	for text, want := range map[string]error{
		`[]`: jws.ErrHeader, `null`: jws.ErrHeader, `1`: jws.ErrHeader, ``: jws.ErrHeader, `{"a"}`: jws.ErrHeader,
		"{\"a\":\"\xff\"}": jws.ErrHeader, `{"a":1,"a":1}`: jws.ErrDuplicate, `{"a":{"b":1,"\u0062":1}}`: jws.ErrDuplicate,
		`{}{}`: jws.ErrTrailing, `{"x":` + strings.Repeat("[", 1<<20): jws.ErrHeader,
	} {
		if err := h.UnmarshalJSON([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%.40s: got %v, want %v", text, err, want)
		}
	}
	for name, h := range map[string]jws.Header{
		"a name twice":     {{"a", "1"}, {"b", "2"}, {"a", "1"}},
		"an empty number":  {{"a", json.Number("")}},
		"a wrong number":   {{"a", json.Number("01")}},
		"text, not UTF-8":  {{"a", "\xff"}},
		"a name not UTF-8": {{"\xff", "a"}},
		"wrong raw JSON":   {{"a", json.RawMessage("{")}},
		"a function":       {{"a", func() {}}},
	} {
		if got, err := h.MarshalJSON(); err == nil {
			t.Errorf("%s: got %s", name, got)
		} else if !strings.HasPrefix(err.Error(), "jws: ") {
			t.Errorf("%s: got %q, want it to begin with the package", name, err)
		}
	}
}
