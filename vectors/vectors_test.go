package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestEveryFileIsFreeOfFaults(t *testing.T) {
	for _, err := range Lint(FS) {
		t.Error(err)
	}
}

func TestThereAreEnoughVectors(t *testing.T) {
	count := func(n, least int, what string, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		if n < least {
			t.Errorf("%s: got %d tests, want %d or more", what, n, least)
		}
	}
	sig, err := LoadSig()
	count(tests(sig), 60, "sig", err)
	jws, err := LoadJWS()
	count(tests(jws), 30, "jws", err)
	scripts, err := LoadScripts()
	count(tests(scripts), 22, "scripts", err)
	if _, err := LoadWithdrawn(); err != nil {
		t.Error(err)
	}
}

func tests[T any](files []File[T]) (n int) {
	for _, f := range files {
		n += len(f.Tests)
	}
	return n
}

// The values are those that the sources print, put down a second time by hand.
func TestPublishedSignaturesAreAmongTheVectors(t *testing.T) {
	files, err := LoadSig()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ id, canonical, sig string }{
		{"worked-examples/result-callback-of-platron", "result;1.0000;1;RUR;1;0.94;e76346a58c9c4c44bfa4e2f8600d9215;2015-10-28 00:16:09;21404388;YANDEXMONEY;1;RUR;1.00;1;49c1e;79261238736;secret", "37d26729ec04e12b08e633e7530d5eb2"},
		{"worked-examples/nested-xml-of-the-rule-page", "script.php;value1;value2;9imM909TH820jwk387;value3;subvalue1;subvalue2;mypasskey", "a8a4d5a9188f24038a14a4d65c387bf7"},
		{"worked-examples/two-fields-without-salt", "payment.php;test1;test3;rofoneqaxujagexi", "27a5edfcb35e2fa44c9adef6994af3f0"},
		{"worked-examples/map-numbered-from-one", "payment.php;test;test2;rofoneqaxujagexi", "fcb6df9c160e55849cc85f5781591b41"},
		{"worked-examples/one-tag-xml", "test.php;test;rofoneqaxujagexi", "7e3123d36e6aa859f40dbe4d7eff7c34"},
		{"worked-examples/init-payment-of-the-intro-page", "init_payment.php;25;Order description;123456;23;some_random_string;test_secret_key", "1d602ce1af2d04738e5840ff8562963f"},
		{"worked-examples/add-card", "add;http://site.kz/back;123456;http://site.kz/post;some random string;1234;test_secret_key", "337282103cc59ce0ecd3e21b8942ce06"},
		{"worked-examples/same-name-twice", "script;x2;x1;second-name;s;k", ""},
		{"worked-examples/refund-inside-status-answer", "get_status3.php;-10;9;s;ok;k", ""},
		{"repeated-names/two-leaves", "result;b;a;x;test", "e10ae5911a87b8992207e670504596c7"},
	} {
		got, ok := Find(files, want.id)
		if !ok {
			t.Errorf("%s: no such test", want.id)
		} else if got.Canonical != want.canonical || want.sig != "" && got.Sig != want.sig {
			t.Errorf("%s: got %q, %s\nwant %q, %s", want.id, got.Canonical, got.Sig, want.canonical, want.sig)
		}
	}
	long, _ := Find(files, "list-order/twelve-receipt-positions")
	if got, want := long.Readings[ReadingDocumented].Sig, "37c8e2025594d5e24a86dec243d15b30"; got != want {
		t.Errorf("%s, documented: got %s, want %s", long.ID, got, want)
	}
}

func TestTheSpeedVectorHasTheSizeItIsMeasuredBy(t *testing.T) {
	files, err := LoadSig()
	if err != nil {
		t.Fatal(err)
	}
	v, ok := Find(files, "speed/init-17")
	if !ok || len(v.Message) != 17 || len(v.Canonical) < 240 || len(v.Canonical) > 260 {
		t.Errorf("got %d fields and %d bytes, want 17 and 240 to 260", len(v.Message), len(v.Canonical))
	}
}

func TestFind(t *testing.T) {
	files := []File[Script]{{Tests: []Script{{Case: Case{ID: "scripts/a"}, URL: "/a"}}}}
	if v, ok := Find(files, "scripts/a"); !ok || v.URL != "/a" {
		t.Errorf("got %v, %v", v, ok)
	}
	if v, ok := Find(files, "scripts/b"); ok || v.URL != "" {
		t.Errorf("of an unknown id: got %v, %v", v, ok)
	}
}

func vectorFiles(t *testing.T) []string {
	var names []string
	for _, pattern := range []string{"sig/*.json", "jws/*.json", "*.json"} {
		found, err := fs.Glob(FS, pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		names = append(names, found...)
	}
	return names
}

func TestEveryFileIsInCanonicalForm(t *testing.T) {
	for _, name := range vectorFiles(t) {
		src, err := fs.ReadFile(FS, name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Format(src)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !bytes.Equal(got, src) {
			t.Errorf("%s: not as Format writes it", name)
		}
	}
}

// The schemas are written by hand, for readers; this holds them to the Go types.
func TestSchemasHaveTheMembersOfTheGoTypes(t *testing.T) {
	for name, v := range map[string]any{
		"sig": File[Sig]{}, "jws": File[JWS]{}, "scripts": File[Script]{}, "withdrawn": withdrawnFile{},
	} {
		src, err := fs.ReadFile(FS, schemaDir+"/"+name+".json")
		if err != nil {
			t.Fatal(err)
		}
		var s map[string]any
		if err := json.Unmarshal(src, &s); err != nil {
			t.Fatal(err)
		}
		compareSchema(t, name, s, s, reflect.TypeOf(v))
	}
	schemas, err := fs.ReadDir(FS, schemaDir)
	if err != nil || len(schemas) != 4 {
		t.Errorf("got %d schemas, %v, want 4", len(schemas), err)
	}
}

func compareSchema(t *testing.T, at string, root, s map[string]any, goType reflect.Type) {
	t.Helper()
	if ref, ok := s["$ref"].(string); ok {
		s = root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	switch goType.Kind() {
	case reflect.Slice:
		if items, ok := s["items"].(map[string]any); ok && goType.Elem() != reflect.TypeFor[Node]() {
			compareSchema(t, at+"[]", root, items, goType.Elem())
		}
		return
	case reflect.Map:
		if values, ok := s["additionalProperties"].(map[string]any); ok {
			compareSchema(t, at+".*", root, values, goType.Elem())
			return
		}
		for name, values := range s["properties"].(map[string]any) { // readings, each by its name
			known, _ := fields(goType.Elem())
			for member := range values.(map[string]any)["properties"].(map[string]any) {
				if known[member] == nil {
					t.Errorf("%s.%s: the Go type has no %s", at, name, member)
				}
			}
		}
		return
	case reflect.Struct:
	default:
		return
	}
	known, required := fields(goType)
	properties := s["properties"].(map[string]any)
	for name := range properties {
		if known[name] == nil {
			t.Errorf("%s: the Go type has no %s", at, name)
		}
	}
	for name, member := range known {
		p, ok := properties[name].(map[string]any)
		if !ok {
			t.Errorf("%s: the schema has no %s", at, name)
			continue
		}
		compareSchema(t, at+"."+name, root, p, member)
	}
	needs := map[string]bool{}
	for _, name := range s["required"].([]any) {
		needs[name.(string)] = true
	}
	for name := range known {
		// A member that Go writes only where it is not empty may still be required in this place.
		if required[name] && !needs[name] {
			t.Errorf("%s: %s is required and the schema does not say so", at, name)
		}
	}
	if s["additionalProperties"] != false {
		t.Errorf("%s: the schema permits unknown members", at)
	}
}

// small is a set of files without a fault, for tests that put one in.
func small() fstest.MapFS {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"VERSION": file("1\n"),
		"sig/repeated-names.json": file(`{"schema":"fpconform/sig/1",
"notes":{"repeated-names":{"description":"d","clause":"SIG-4","confidence":"documented","sources":["s"]}},
"tests":[{"id":"repeated-names/two-leaves","comment":"c","flags":["repeated-names"],"script":"result",
"message":[["pg_salt","x"],["item","b"],["item","a"]],"secret":"test","order":["item002","item003","pg_salt001"],
"canonical":"result;b;a;x;test","sig":"e10ae5911a87b8992207e670504596c7","result":"valid"}]}`),
		"jws/token.json": file(`{"schema":"fpconform/jws/1",
"notes":{"token":{"description":"d","clause":"JWS-4","confidence":"observed","sources":["s"]}},
"tests":[{"id":"token/wallet-add","comment":"c","flags":["token"],
"profile":{"alg":"HS256","target":"uri","identity":"auth_id","number":false},
"request":{"method":"POST","path":"/v5/partner/wallet/add","params":"","identity":"123456"},
"header":"{\"uri\":\"/v5/partner/wallet/add\",\"auth_id\":\"123456\",\"method\":\"POST\",\"params\":\"\",\"alg\":\"HS256\"}",
"body":"{\"request_id\":\"828cf71d-a447-4a67-a149-c1df8bc197ca\",\"country\":\"KAZ\",\"currency\":\"KZT\"}",
"secret":"your-256-bit-secret",
"input":"eyJ1cmkiOiIvdjUvcGFydG5lci93YWxsZXQvYWRkIiwiYXV0aF9pZCI6IjEyMzQ1NiIsIm1ldGhvZCI6IlBPU1QiLCJwYXJhbXMiOiIiLCJhbGciOiJIUzI1NiJ9.eyJyZXF1ZXN0X2lkIjoiODI4Y2Y3MWQtYTQ0Ny00YTY3LWExNDktYzFkZjhiYzE5N2NhIiwiY291bnRyeSI6IktBWiIsImN1cnJlbmN5IjoiS1pUIn0",
"jws":"eyJ1cmkiOiIvdjUvcGFydG5lci93YWxsZXQvYWRkIiwiYXV0aF9pZCI6IjEyMzQ1NiIsIm1ldGhvZCI6IlBPU1QiLCJwYXJhbXMiOiIiLCJhbGciOiJIUzI1NiJ9..5xVbhml5y1Uw1TYQ_djwwefFz8y_CnX-ajzNvOBCcmE",
"result":"valid"}]}`),
		"scripts.json": file(`{"schema":"fpconform/scripts/1",
"notes":{"scripts":{"description":"d","clause":"SIG-1","confidence":"documented","sources":["s"]}},
"tests":[{"id":"scripts/query","comment":"c","flags":["scripts"],"url":"/a?b","script":"a"}]}`),
		"withdrawn.json": file(`{"schema":"fpconform/withdrawn/1","withdrawn":[]}`),
	}
}

func TestLint(t *testing.T) {
	if errs := Lint(small()); len(errs) > 0 {
		t.Fatal("before anything is changed:", errs)
	}
	const sig, jws, scripts, withdrawn = "sig/repeated-names.json", "jws/token.json", "scripts.json", "withdrawn.json"
	for _, c := range []struct{ name, file, old, new, want string }{
		{"refuses a member that the format lacks", sig, `"script"`, `"scrpt"`, `unknown member "scrpt"`},
		{"refuses a member in capitals, which encoding/json would take", sig, `"secret"`, `"Secret"`, `unknown member "Secret"`},
		{"refuses a member that stands twice", sig, `"secret":"test"`, `"secret":"x","secret":"test"`, `member "secret" stands twice`},
		{"refuses a missing member", sig, `"secret":"test",`, ``, `member "secret" is missing`},
		{"refuses a missing member in a note", sig, `"clause":"SIG-4",`, ``, `member "clause" is missing`},
		{"refuses null", sig, `"secret":"test"`, `"secret":null`, `null`},
		{"names the line of a syntax error", sig, `"tests":[`, `"tests":[,`, `line 3`},
		{"refuses what follows the file", sig, `"valid"}]}`, `"valid"}]}{}`, `something follows`},
		{"refuses a node of one element", sig, `["item","b"]`, `["item"]`, `a node is`},
		{"refuses a number as a value", sig, `["item","b"]`, `["item",1]`, `text or a list`},
		{"refuses a number as a name", sig, `["item","b"]`, `[1,"b"]`, `the name of a node is text`},
		{"refuses another schema", sig, `fpconform/sig/1`, `fpconform/sig/2`, `schema is "fpconform/sig/2"`},
		{"refuses a file without tests", scripts, `{"id":"scripts/query","comment":"c","flags":["scripts"],"url":"/a?b","script":"a"}`, ``, `no tests`},
		{"refuses a flag without a note", sig, `"flags":["repeated-names"]`, `"flags":["repeated-names","x"]`, `flag "x" has no note`},
		{"refuses a note without a test", sig, `"notes":{`, `"notes":{"x":{"description":"d","clause":"SIG-4","confidence":"documented","sources":["s"]},`, `note "x": no test`},
		{"refuses a clause that is none", sig, `SIG-4`, `SIG4`, `clause "SIG4"`},
		{"refuses an unknown confidence", sig, `"documented"`, `"guessed"`, `confidence "guessed"`},
		{"refuses a note without sources", sig, `"sources":["s"]`, `"sources":[]`, `no sources`},
		{"refuses an empty source", sig, `"sources":["s"]`, `"sources":[" "]`, `no sources, or an empty one`},
		{"refuses a note without description", sig, `"description":"d"`, `"description":""`, `no description`},
		{"refuses a test without comment", sig, `"comment":"c"`, `"comment":""`, `no comment`},
		{"refuses an id of another file", sig, `repeated-names/two-leaves`, `repeated/two-leaves`, `does not begin with the file's name`},
		{"refuses an id in capitals", sig, `/two-leaves`, `/Two`, `the id is not like`},
		{"refuses an id that is taken", sig, `"result":"valid"}]}`,
			`"result":"valid"},{"id":"repeated-names/two-leaves","comment":"c","flags":["repeated-names"],"script":"x","message":[],"secret":"test",` +
				`"order":[],"canonical":"x;test","sig":"c8a9ee1acaca6a3b8d6e7b1e0d6bd9c5","result":"valid"}]}`, `the id is taken`},
		{"refuses a flag that stands twice", sig, `"flags":["repeated-names"]`, `"flags":["repeated-names","repeated-names"]`, `stands twice`},
		{"refuses an order that is not sorted", sig, `"item002","item003"`, `"item003","item002"`, `not sorted`},
		{"refuses an order without a leaf", sig, `,"pg_salt001"`, ``, `order has 2 names of 3`},
		{"refuses an order with a leaf that is not there", sig, `item003`, `item004`, `no leaf is called "item004"`},
		{"refuses an order with a leaf twice", sig, `"item003"`, `"item002"`, `or not twice`},
		{"refuses a canonical string of other values", sig, `result;b;a;x;test`, `result;a;b;x;test`, `canonical is not`},
		{"refuses another digest", sig, `e10ae5911a87b8992207e670504596c7`, `e10ae5911a87b8992207e670504596c8`, `not the MD5`},
		{"refuses an unknown result", sig, `"valid"`, `"perhaps"`, `result "perhaps"`},
		{"refuses an invalid test without the error that its message has", sig, `"valid"`, `"invalid"`, `the error is "unsigned"`},
		{"refuses an error that the message does not have", sig, `"result":"valid"`, `"result":"invalid","error":"mismatch"`, `the error is "unsigned"`},
		{"refuses a valid test with a wrong pg_sig", sig, `["pg_salt","x"]`, `["pg_salt","x"],["pg_sig","00000000000000000000000000000000"]`, `the error is "mismatch"`},
		{"refuses an acceptable test without readings", sig, `"valid"`, `"acceptable"`, `acceptable tests have readings`},
		{"refuses a reading that nobody knows", sig, `"result":"valid"`, `"result":"acceptable","readings":{"x":{"canonical":"","sig":""}}`, `no reading is called "x"`},
		{"refuses readings that all say the same", sig, `"result":"valid"`, `"result":"acceptable","readings":{"php-8.2":{"canonical":"result;b;a;x;test","sig":"e10ae5911a87b8992207e670504596c7"}}`, `the same string`},
		{"refuses a reading of a wrong digest", sig, `"result":"valid"`, `"result":"acceptable","readings":{"php-8.2":{"canonical":"result;x;a;b;test","sig":"e10ae5911a87b8992207e670504596c7"}}`, `readings: php-8.2: sig is not the MD5`},
		{"refuses the documented reading alone", sig, `"result":"valid"`, `"result":"acceptable","readings":{"documented":{"order":["item002","item003","pg_salt001"],"canonical":"result;b;a;x;test","sig":"e10ae5911a87b8992207e670504596c7"}}`, `recorded together`},
		{"refuses an unknown format", sig, `"result":"valid"`, `"result":"valid","not_carried_by":["yaml"]`, `not_carried_by`},
		{"refuses formats out of order", sig, `"result":"valid"`, `"result":"valid","not_carried_by":["json","xml"]`, `not_carried_by`},
		{"refuses a token that the key does not make", jws, `your-256-bit-secret`, `secret_key`, `the signature is not right`},
		{"refuses a token over another body", jws, `KAZ`, `KGZ`, `input is not`},
		{"refuses a header that is not in the token", jws, `\"POST\"`, `\"GET\"`, `header is not the first part`},
		{"refuses a request that the header disagrees with", jws, `"method":"POST"`, `"method":"PUT"`, `[method] differ`},
		{"refuses an identity of another type", jws, `"number":false`, `"number":true`, `[auth_id] differ`},
		{"refuses a profile that no family has", jws, `"target":"uri"`, `"target":"url"`, `profile is not`},
		{"refuses a mismatch that matches", jws, `"result":"valid"`, `"result":"invalid","error":"mismatch"`, `the signature is right`},
		{"refuses a member that agrees", jws, `"result":"valid"`, `"result":"invalid","error":"member","member":"uri"`, `[] differ`},
		{"refuses an unknown error", jws, `"result":"valid"`, `"result":"invalid","error":"odd"`, `error "odd" is none of`},
		{"refuses a script that is not in the address", scripts, `"script":"a"`, `"script":"b"`, `not the end of the address`},
		{"refuses a withdrawn test that is still there", withdrawn, `[]`, `[{"id":"scripts/query","reason":"r"}]`, `is still in scripts.json`},
		{"refuses a withdrawn test without a reason", withdrawn, `[]`, `[{"id":"scripts/old","reason":""}]`, `no reason`},
		{"refuses a test withdrawn twice", withdrawn, `[]`, `[{"id":"scripts/old","reason":"r"},{"id":"scripts/old","reason":"r"}]`, `stands twice`},
		{"refuses a withdrawn test replaced by none", withdrawn, `[]`, `[{"id":"scripts/old","reason":"r","replaced_by":"scripts/x"}]`, `no test is called "scripts/x"`},
		{"refuses a version that is no number", "VERSION", "1\n", "one\n", `VERSION`},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := small()
			src := string(fsys[c.file].Data)
			if !strings.Contains(src, c.old) {
				t.Fatalf("%s has no %s", c.file, c.old)
			}
			fsys[c.file].Data = []byte(strings.Replace(src, c.old, c.new, 1))
			errs := Lint(fsys)
			if !slices.ContainsFunc(errs, func(err error) bool {
				return strings.HasPrefix(err.Error(), "vectors: ") && strings.Contains(err.Error(), c.want)
			}) {
				t.Errorf("got %v, want one with %s", errs, c.want)
			}
		})
	}
}

func TestLintLooksAtAllFiles(t *testing.T) {
	for _, gone := range []string{"sig/repeated-names.json", "jws/token.json", "scripts.json", "withdrawn.json", "VERSION"} {
		fsys := small()
		delete(fsys, gone)
		if errs := Lint(fsys); len(errs) != 1 {
			t.Errorf("without %s: got %v, want one error", gone, errs)
		}
	}
	for _, more := range []string{"notes.txt", "sig/readme.md", "sig/deep/x.json", "other/x.json"} {
		fsys := small()
		fsys[more] = &fstest.MapFile{}
		if errs := Lint(fsys); len(errs) != 1 || !strings.Contains(errs[0].Error(), more) {
			t.Errorf("with %s: got %v, want one error that names it", more, errs)
		}
	}
	fsys := small()
	fsys["sig/broken.json"] = &fstest.MapFile{Data: []byte("{")}
	fsys["scripts.json"].Data = []byte(strings.Replace(string(fsys["scripts.json"].Data), `"SIG-1"`, `"one"`, 1))
	if errs := Lint(fsys); len(errs) != 2 {
		t.Errorf("a broken file and a fault in another: got %v, want both", errs)
	}
}

func TestLintRefusesTwoTestsThatAskTheSame(t *testing.T) {
	fsys := small()
	f := fsys["scripts.json"]
	f.Data = []byte(strings.Replace(string(f.Data), `}]}`, `},{"id":"scripts/again","comment":"c","flags":["scripts"],"url":"/a?b","script":"a"}]}`, 1))
	if errs := Lint(fsys); len(errs) != 1 || !strings.Contains(errs[0].Error(), "asks the same as scripts/query") {
		t.Errorf("got %v", errs)
	}
}

func TestDeepAndLargeInputIsRefused(t *testing.T) {
	deep := `{"schema":` + strings.Repeat("[", 1_000_000)
	for name, src := range map[string]string{"depth": deep, "size": strings.Repeat(" ", maxFile+1), "nothing": "", "not UTF-8": "{\"a\xff\":1}"} {
		if _, err := Format([]byte(src)); err == nil || len(err.Error()) > 200 {
			t.Errorf("%s: got %v, want a short error", name, err)
		}
	}
}

func TestFormat(t *testing.T) {
	src := `{"tests":[{"result":"valid","sig":"x","canonical":"","order":[],"secret":"",
"message":[["a","й<&>\u2028 😀\u0000"],["b",[["c",[]]]]],"script":"","flags":["f"],"comment":"","id":"f/x"}],
"notes":{"g":{"sources":[],"confidence":"","clause":"","description":""},"f":{"sources":[],"confidence":"","clause":"","description":""}},"schema":"fpconform/sig/1"}`
	src = strings.Replace(src, "й", "и\u0306", 1)
	want := `{
  "schema": "fpconform/sig/1",
  "notes": {
    "f": {
      "description": "",
      "clause": "",
      "confidence": "",
      "sources": []
    },
    "g": {
      "description": "",
      "clause": "",
      "confidence": "",
      "sources": []
    }
  },
  "tests": [
    {
      "id": "f/x",
      "comment": "",
      "flags": ["f"],
      "script": "",
      "message": [["a", "и\u0306<&>\u2028 😀\u0000"], ["b", [["c", []]]]],
      "secret": "",
      "order": [],
      "canonical": "",
      "sig": "x",
      "result": "valid"
    }
  ]
}
`
	got, err := Format([]byte(src))
	if err != nil || string(got) != want {
		t.Fatalf("got %s, %v\nwant %s", got, err, want)
	}
	again, err := Format(got)
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("formatted twice: got %s, %v", again, err)
	}
	for _, bad := range []string{`{}`, `[]`, `{"schema":"fpconform/sig/9"}`, strings.Replace(src, `"id"`, `"ident"`, 1)} {
		if out, err := Format([]byte(bad)); err == nil {
			t.Errorf("%.40s: got %s, want an error", bad, out)
		}
	}
}

func TestNodesKeepLeafAndEmptyBranchApart(t *testing.T) {
	const src = `[["a",""],["b",[]],["c",[["d","<"]]]]`
	var got []Node
	if err := json.Unmarshal([]byte(src), &got); err != nil {
		t.Fatal(err)
	}
	want := []Node{{Name: "a"}, {Name: "b", Children: []Node{}}, {Name: "c", Children: []Node{{Name: "d", Value: "<"}}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v\nwant %#v", got, want)
	}
	if back, err := encode(got); err != nil || string(back) != src {
		t.Errorf("got %s, %v, want %s", back, err, src)
	}
}

func TestCopy(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "vectors")
	if err := Copy(dir); err != nil {
		t.Fatal(err)
	}
	count := 0
	err := fs.WalkDir(FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		count++
		want, err := fs.ReadFile(FS, name)
		if err != nil {
			return err
		}
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v, or not the same bytes", name, err)
		}
		return nil
	})
	if err != nil || count == 0 {
		t.Errorf("walked %d files, %v", count, err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "README.md")); err != nil || !bytes.Equal(got, readme) || len(got) == 0 {
		t.Errorf("README.md: %d bytes, %v", len(got), err)
	}
	if errs := Lint(os.DirFS(dir)); len(errs) > 0 {
		t.Errorf("what was copied is not in order: %v", errs)
	}

	// One file of the same name, and nothing is written at all.
	other := t.TempDir()
	mine := filepath.Join(other, "withdrawn.json")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Copy(other); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: got %v, want fs.ErrExist", err)
	}
	entries, err := os.ReadDir(other)
	if got, _ := os.ReadFile(mine); err != nil || len(entries) != 1 || string(got) != "mine" {
		t.Errorf("after a refusal: %d files, %q, %v", len(entries), got, err)
	}
}

func TestReadmeNamesWhateverTheFilesHave(t *testing.T) {
	text := string(readme)
	terms := slices.Concat(jwsErrors, []string{"unsigned", "repeated", "malformed", "mismatch"},
		[]string{ReadingDocumented, ReadingAlphabetical, ReadingDropEmpty, ReadingPHP82 + ", " + ReadingPHP74},
		[]string{string(Valid), string(Invalid), string(Acceptable)},
		[]string{string(Documented), string(Observed), string(Derived)})
	for _, term := range terms {
		if !strings.Contains(text, "\n| "+term+" | ") {
			t.Errorf("no table has a row for %s", term)
		}
	}
	at := 0
	for _, term := range jwsErrors { // the order is what README asks a verifier to keep
		i := strings.LastIndex(text, "\n| "+term+" | ")
		if i < at {
			t.Errorf("%s stands too early", term)
		}
		at = i
	}
	for _, v := range []any{Sig{}, JWS{}, Script{}, Profile{}, Note{}} {
		known, _ := fields(reflect.TypeOf(v))
		for name := range known {
			if !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, `"`+name+`"`) {
				t.Errorf("%T: nothing is said of %s", v, name)
			}
		}
	}
	messages := 0
	for _, line := range strings.Split(text, "\n") {
		if src, ok := strings.CutPrefix(line, "    [["); ok {
			messages++
			var m []Node
			if err := json.Unmarshal([]byte("[["+src), &m); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if messages == 0 {
		t.Error("no message is shown")
	}
}

func TestVersion(t *testing.T) {
	if v := Version(); !versionText.MatchString(v + "\n") {
		t.Errorf("got %q", v)
	}
}

func ExampleLoadSig() {
	files, err := LoadSig()
	if err != nil {
		fmt.Println(err)
		return
	}
	t, _ := Find(files, "repeated-names/two-leaves")
	fmt.Println(t.Order)
	fmt.Println(t.Canonical)
	fmt.Println(t.Sig)
	// Output:
	// [item002 item003 pg_salt001]
	// result;b;a;x;test
	// e10ae5911a87b8992207e670504596c7
}
