package fptest

import (
	"bytes"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/fpconform/fpconform/vectors"
)

func vectorSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	src, err := fs.ReadFile(vectors.FS, "schemas/"+name+".json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name+".json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name + ".json") // against its metaschema too
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestVectorFilesFitTheirSchemas(t *testing.T) {
	for pattern, schema := range map[string]string{
		"sig/*.json": "sig", "jws/*.json": "jws", "scripts.json": "scripts", "withdrawn.json": "withdrawn",
	} {
		s := vectorSchema(t, schema)
		names, err := fs.Glob(vectors.FS, pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(names), err)
		}
		for _, name := range names {
			src, err := fs.ReadFile(vectors.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(doc); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestVectorSchemasRefuseWhatDoesNotFit(t *testing.T) {
	for _, c := range []struct{ name, file, old, new string }{
		{"an unknown member", "sig/speed.json", `"script":`, `"scrpt": "", "script":`},
		{"a missing secret", "sig/speed.json", `"secret": "test_secret_key",`, ``},
		{"a node of three", "sig/speed.json", `["pg_amount", "25"]`, `["pg_amount", "25", ""]`},
		{"a number as a value", "sig/speed.json", `["pg_amount", "25"]`, `["pg_amount", 25]`},
		{"an unknown confidence", "sig/speed.json", `"documented"`, `"guessed"`},
		{"a clause that is none", "sig/speed.json", `"SIG-7"`, `"sig 7"`},
		{"an id without a slash", "sig/speed.json", `"speed/init-17"`, `"speed"`},
		{"a signature in capitals", "sig/repeated-names.json", `"e10ae5911a87b8992207e670504596c7"`, `"E10AE5911A87B8992207E670504596C7"`},
		{"an invalid message without an error", "sig/speed.json", `"result": "valid"`, `"result": "invalid"`},
		{"a valid message with an error", "sig/speed.json", `"result": "valid"`, `"result": "valid", "error": "mismatch"`},
		{"an acceptable message without readings", "sig/speed.json", `"result": "valid"`, `"result": "acceptable"`},
		{"another schema", "sig/speed.json", `"fpconform/sig/1"`, `"fpconform/sig/2"`},
		{"an algorithm that no family has", "jws/header-path.json", `"HS256"`, `"HS384"`},
		{"a wrong member without its name", "jws/header-path.json", `"member": "uri"`, `"comment2": ""`},
		{"a header without the input", "jws/header-path.json", `"input":`, `"x":`},
		{"a script with a slash", "scripts.json", `"script": "pay"`, `"script": "card/pay"`},
		{"a withdrawn test without a reason", "withdrawn.json", `"withdrawn": []`, `"withdrawn": [{"id": "a/b"}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, err := fs.ReadFile(vectors.FS, c.file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(src), c.old) {
				t.Fatalf("%s has no %s", c.file, c.old)
			}
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(string(src), c.old, c.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			schema := path.Dir(c.file)
			if schema == "." {
				schema = strings.TrimSuffix(c.file, ".json")
			}
			if err := vectorSchema(t, schema).Validate(doc); err == nil {
				t.Error("it fits")
			}
		})
	}
}
