package report

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// validate holds a report against the schema file with a validator that is not ours.
func validate(t *testing.T, data []byte) error {
	t.Helper()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.AssertContent()
	if err := c.AddResource("report.schema.json", schema); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestJSON(t *testing.T) {
	for name, fixture := range fixtures {
		t.Run("keeps to its schema and comes back the same/"+name, func(t *testing.T) {
			data := render(t, JSON, fixture())
			golden(t, name+".json", data)
			if !utf8.Valid(data) {
				t.Error("not UTF-8")
			}
			if err := validate(t, data); err != nil {
				t.Errorf("%#v", err)
			}
			got, err := Read(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			want := fixture()
			want.Seal()
			if name == "bytes" { // only bodies keep what is not UTF-8: the next test
				if want, err = Read(bytes.NewReader(render(t, JSON, got))); err != nil {
					t.Fatal(err)
				}
			} else if again := render(t, JSON, got); !bytes.Equal(again, data) {
				t.Errorf("read and written again: got\n%s\nwant\n%s", again, data)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	t.Run("keeps every byte of a body", func(t *testing.T) {
		var all strings.Builder
		for i := range 256 {
			all.WriteByte(byte(i))
		}
		for _, body := range []string{"", "<a>&</a>\u2028", "\x00\x01", "\xff", "caf\xe9", "\xef\xbb\xbfx", all.String()} {
			r := conforming()
			r.Exchanges[0].Request.Body = body
			data := render(t, JSON, r)
			if err := validate(t, data); err != nil {
				t.Errorf("%q: %#v", body, err)
			}
			got, err := Read(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if got := got.Exchanges[0].Request.Body; got != body {
				t.Errorf("got %q, want %q", got, body)
			}
		}
	})
	t.Run("keeps a body legible", func(t *testing.T) {
		if got := render(t, JSON, conforming()); !bytes.Contains(got, []byte(`<pg_status>ok</pg_status>`)) {
			t.Errorf("got %s", got)
		}
	})
	t.Run("keeps a seed beyond 2^53", func(t *testing.T) {
		if got := render(t, JSON, base()); !bytes.Contains(got, []byte(`"seed": 18446744073709551615,`)) {
			t.Errorf("got %s", got)
		}
	})
	t.Run("leaves the report alone", func(t *testing.T) {
		for _, w := range Writers {
			got, want := everyStatus(), everyStatus()
			render(t, w, got)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	})
	t.Run("says what the results say, not what the verdict claims", func(t *testing.T) {
		r := everyStatus()
		r.Verdict, r.Counts = VerdictConforms, nil
		if got := render(t, JSON, r); !bytes.Contains(got, []byte(`"verdict": "findings"`)) {
			t.Errorf("got %s", got)
		}
	})
}

// TestSchemaHasEveryField finds a field that was added to a type and not to the schema, or the
// other way round.
func TestSchemaHasEveryField(t *testing.T) {
	var schema struct {
		Properties map[string]json.RawMessage
		Required   []string
		Defs       map[string]struct {
			Properties map[string]json.RawMessage
			Required   []string
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	compare := func(name string, of any, properties map[string]json.RawMessage, required []string) {
		t.Helper()
		var all, always []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(of)) {
			field, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			all = append(all, field)
			if options != "omitempty" {
				always = append(always, field)
			}
		}
		var have []string
		for p := range properties {
			have = append(have, p)
		}
		for _, s := range [][]string{all, always, have, required} {
			slices.Sort(s)
		}
		if len(all) == 0 || !slices.Equal(have, all) {
			t.Errorf("%s: properties: got %q, want %q", name, have, all)
		}
		if !slices.Equal(required, always) {
			t.Errorf("%s: required: got %q, want %q", name, required, always)
		}
	}
	compare("report", Report{}, schema.Properties, schema.Required)
	for name, of := range map[string]any{"result": Result{}, "finding": Finding{}, "exchange": Exchange{}, "behaviour": Behaviour{}, "message": messageJSON{}} {
		compare(name, of, schema.Defs[name].Properties, schema.Defs[name].Required)
	}
}

// TestSchemaRefuses shows that the schema is not one that everything keeps to.
func TestSchemaRefuses(t *testing.T) {
	good := string(render(t, JSON, everyStatus()))
	for name, change := range map[string][2]string{
		"a verdict that there is not":        {`"verdict": "findings"`, `"verdict": "ok"`},
		"a status that there is not":         {`"status": "pass"`, `"status": "passed"`},
		"an end that there is not":           {`"ended": ""`, `"ended": "crashed"`},
		"an unknown member":                  {`"partial": true`, `"partial": true, "extra": 1`},
		"a missing member":                   {`"partial": true,`, ``},
		"a time that is not in UTC":          {`"started": "2026-03-04T12:00:00Z"`, `"started": "2026-03-04T17:00:00+05:00"`},
		"a negative seed":                    {`"seed": 18446744073709551615`, `"seed": -1`},
		"a seed that is no 64 bits":          {`"seed": 18446744073709551615`, `"seed": 18446744073709551616`},
		"a message with two bodies":          {`"body": "`, `"body_base64": "", "body": "`},
		"another schema":                     {`"schema": "fpconform/report/1"`, `"schema": "fpconform/report/2"`},
		"a count of a status that is not":    {`"counts": {`, `"counts": {"passed": 1,`},
		"an open case that does not say why": {`"reason": "connection refused"`, `"reason": ""`},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, change[0], change[1], 1)
			if bad == good {
				t.Fatalf("%s is not in the report", change[0])
			}
			if err := validate(t, []byte(bad)); err == nil {
				t.Error("it is taken")
			}
		})
	}
}

func TestRead(t *testing.T) {
	good := string(render(t, JSON, everyStatus()))
	for name, c := range map[string]struct{ old, new, want string }{
		"an empty file":                        {good, ``, `report: unexpected end of JSON input`},
		"what is not JSON":                     {good, `PASS`, `report: invalid character 'P' looking for beginning of value`},
		"an array":                             {good, `[]`, `report: json: cannot unmarshal array`},
		"half a report":                        {good[len(good)/2:], ``, `report: unexpected end of JSON input`},
		"two reports":                          {good, good + good, `report: invalid character '{' after top-level value`},
		"null":                                 {good, `null`, `report: it has no schema, want "fpconform/report/1"`},
		"an object without a schema":           {good, `{}`, `report: it has no schema, want "fpconform/report/1"`},
		"another schema, before its fields":    {good, `{"schema":"other/2","x":1}`, `report: schema "other/2", want "fpconform/report/1"`},
		"an unknown member":                    {`"partial": true`, `"partial": true, "extra": 1`, `report: json: unknown field "extra"`},
		"an unknown member of a message":       {`"line": `, `"extra": 1, "line": `, `unknown field "extra"`},
		"a message with two bodies":            {`"body": "`, `"body_base64": "", "body": "`, `a message has either body or body_base64`},
		"a verdict that was edited":            {`"verdict": "findings"`, `"verdict": "conforms"`, `report: verdict "conforms", but from its results follows "findings"`},
		"a count that was edited":              {`"fail": 4`, `"fail": 0`, `report: counts: fail is 0, the results have 4`},
		"a count that was taken out":           {`"fail": 4,`, ``, `report: counts: fail is missing, the results have 4`},
		"a count of what there is not":         {`"fail": 4`, `"fail": 4, "passed": 4`, `report: counts: status "passed", want one of`},
		"a status that there is not":           {`"status": "pass"`, `"status": "PASS"`, `status "PASS", want one of ["pass"`},
		"an end that there is not":             {`"ended": ""`, `"ended": "crashed"`, `report: ended "crashed", want one of`},
		"a result twice":                       {`"id": "merchant.card.pay/cvc-long/errors.refuses"`, `"id": "merchant.card.pay/cvc-short/errors.refuses"`, `report: result "merchant.card.pay/cvc-short/errors.refuses" stands in it twice`},
		"a result without an id":               {`"id": "merchant.card.pay/cvc-long/errors.refuses"`, `"id": ""`, `report: a result without an id`},
		"an exchange twice":                    {`"id": "merchant.purchase.create/sig-tampered"`, `"id": "merchant.purchase.create/valid"`, `report: exchange "merchant.purchase.create/valid" stands in it twice`},
		"an exchange that is referred to only": {`"exchange": "merchant.card.pay/valid"`, `"exchange": "merchant.card.pay/gone"`, `its exchange "merchant.card.pay/gone" is not in the report`},
		"a control that is referred to only":   {`"control": "merchant.purchase.create/valid"`, `"control": "gone"`, `its control "gone" is not in the report`},
		"an open case that does not say why":   {`"reason": "connection refused"`, `"reason": ""`, `status error without a reason`},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			bad := strings.Replace(good, c.old, c.new, 1)
			if bad == good {
				t.Fatalf("%s is not in the report", c.old)
			}
			_, err := Read(strings.NewReader(bad))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "report: ") {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	t.Run("refuses a fail without a finding", func(t *testing.T) {
		r := &Report{Results: []Result{{ID: "a", Status: Fail}}}
		_, err := Read(bytes.NewReader(render(t, JSON, r)))
		if want := `report: result "a": status fail without a finding`; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
	t.Run("refuses more than its limit and takes as much", func(t *testing.T) {
		if _, err := read(strings.NewReader(good), int64(len(good))); err != nil {
			t.Error(err)
		}
		_, err := read(strings.NewReader(good), int64(len(good))-1)
		if err == nil || !strings.Contains(err.Error(), "larger than") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("says that its source failed", func(t *testing.T) {
		if _, err := Read(iotest.ErrReader(io.ErrClosedPipe)); err == nil || !strings.Contains(err.Error(), "closed pipe") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("cuts what it quotes", func(t *testing.T) {
		_, err := Read(strings.NewReader(`{"schema":"` + strings.Repeat("ж", 5000) + `"}`))
		if err == nil || len(err.Error()) > 200 || !utf8.ValidString(err.Error()) {
			t.Errorf("got %v", err)
		}
	})
}
