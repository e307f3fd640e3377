package catalogue

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// small is a catalogue in which lint finds nothing. The cases below break one thing each.
func small() map[string]string {
	return map[string]string{
		"operations/shop/init.yaml": `id: shop.init
title: Init
api: merchant
direction: merchant-to-gateway
effect: creates
method: POST
path: "/shop/{merchant_id}/init"
script: init
hosts: [api.example]
auth: pg_sig
unique: pg_order_id
signed_response: true
request:
  content_type: multipart/form-data
  fields:
    - {name: merchant_id, type: integer, in: path, required: true}
    - {name: pg_order_id, type: string, required: true, max_length: 50, example: "1"}
    - {name: pg_amount, type: number, required: true, min: 0.01, max: 100, other_max: 90, example: "10"}
    - {name: pg_language, type: string, required: false, enum: [ru, en], also_listed: [kz], default: ru}
    - {name: pg_user_id, type: string, required: false, min_length: 2, max_length: 9, pattern: "^[a-z]+$", example: ab}
    - {name: pg_items, type: array, required: false, items: {fields: [{name: count, type: integer, min: 1, example: "2"}]}}
    - {name: pg_params, type: object, required: false, fields: [{name: flag, type: boolean, example: "1"}]}
    - {name: pg_user_phone, type: number, meant: string, sensitive: true, example: "7"}
    - {name: tax_type, type: integer, enum: [0, 1]}
    - {name: <others>, type: string, required: false, pattern_of: merchant-parameters}
    - {name: pg_salt, type: string, required: true}
    - {name: pg_sig, type: string, required: true}
response:
  content_type: application/xml
  root: response
  fields:
    - {name: pg_status, type: string, required: true, enum: [ok, error]}
    - {name: pg_payment_id, type: integer, required: true, echo: payment}
    - {name: pg_note, type: string, required: unknown}
  variants: [error, {name: rejected, fields: [{name: pg_status, type: string, value: error}]}]
errors: [100]
status: documented
sources: [a page]
doubts: Breaks SIG-1 in UTF-8.
`,
		"operations/shop/pay.yaml": `id: shop.pay
title: Pay
api: merchant
direction: merchant-to-gateway
effect: charges
method: POST
path: /shop/pay
auth: jws-path-merchant_id-HS512
request:
  content_type: multipart/form-data
  headers:
    - {name: X-JWS-Signature, type: string, required: true}
  fields:
    - {name: payment, type: string, required: true, from: "shop.init#pg_payment_id"}
    - {name: state, type: string}
response:
  content_type: application/json
  fields:
    - {name: status, type: string, required: true}
    - {name: token, type: string, required: true, sensitive: true}
    - {name: state, type: string, also_listed: [new], pending: [new]}
status: partial
sources: [a page]
`,
		"operations/shop/name.yaml":     "id: shop.name\ntitle: Name\napi: merchant\ndirection: merchant-to-gateway\neffect: reads\nauth: unknown\nstatus: name-only\nsources: [a page]\n",
		"operations/callback/note.yaml": "id: callback.note\ntitle: Note\napi: callback\ndirection: gateway-to-merchant\neffect: reads\nmethod: POST\npath: \"{note_url}\"\nauth: none\nrequest: {content_type: none}\nresponse: {content_type: text/plain, fields_unknown: true}\nstatus: partial\nsources: [a page]\n",
		"clauses/sig.yaml": `- {id: SIG-1, level: must, basis: stated, text: One sentence., since: "0.1", sources: [a page]}
- id: SIG-2
  level: must
  basis: stated
  text: Another sentence.
  topic: refusals
  readings:
    - {name: unsigned, text: Not signed., sources: [a page]}
    - {name: signed, text: Signed., sources: [a page]}
  since: "0.1"
  sources: [a page]
- {id: SIG-3, level: must, basis: stated, text: A third sentence., covered_by: SIG-1, since: "0.1", sources: [a page]}
- {id: SIG-10, level: should, basis: derived, text: A tenth sentence., observable: false, since: "0.1", sources: [a page]}
`,
		"errors.yaml": "- {code: \"100\", classes: [signature, merchant], text: wrong, where: any, numbering: old, sources: [a page]}\n- {code: \"9998\", classes: [other], text: wrong, where: any, numbering: new, sources: [a page]}\n",
		"enums.yaml":  "- id: tax_type\n  values:\n    - {value: \"0\", meaning: none}\n    - {value: \"1\", meaning: some}\n  sources: [a page]\n",
		"hosts.yaml":  "- {name: api.example, production: true, sources: [a page]}\n",
	}
}

func files(m map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, src := range m {
		fsys[name] = &fstest.MapFile{Data: []byte(src)}
	}
	return fsys
}

const (
	initFile = "operations/shop/init.yaml"
	payFile  = "operations/shop/pay.yaml"
	nameFile = "operations/shop/name.yaml"
	backFile = "operations/callback/note.yaml"
	sigFile  = "clauses/sig.yaml"
)

// A mistake replaces a text of a file, and names what lint must say.
var mistakes = []struct{ name, file, old, new, want string }{
	{"an id that is no id", initFile, "id: shop.init\n", "id: Init\n", "is not of the form family.name"},
	{"an id of another file", initFile, "id: shop.init\n", "id: shop.begin\n", "the operation's file is operations/shop/begin.yaml"},
	{"an operation twice", payFile, "id: shop.pay\n", "id: shop.init\n", "there is an operation \"shop.init\" already"},
	{"an operation without a title", initFile, "title: Init\n", "", "title is not said"},
	{"an operation without an effect", initFile, "effect: creates\n", "", "effect is not said"},
	{"an operation without a source", initFile, "sources: [a page]\ndoubts", "doubts", "no source"},
	{"an unknown error code", initFile, "errors: [100]", "errors: [101]", `error code "101" is not in errors.yaml`},
	{"an unknown host", initFile, "hosts: [api.example]", "hosts: [api.other]", `host "api.other" is not in hosts.yaml`},
	{"a doubt about a clause that there is not", initFile, "Breaks SIG-1", "Breaks SIG-99", "names a clause that there is not: SIG-99"},
	{"a note about a clause that there is not", payFile, "{name: state, type: string}", "{name: state, type: string, note: see SIG-98}", "names a clause that there is not: SIG-98"},
	{"fields of what is known by name only", nameFile, "status:", "request: {fields: [{name: a, type: string}]}\nstatus:", "known by name only, but it has fields"},
	{"an operation without a method", payFile, "method: POST\n", "", "an operation with content needs a method and a path"},
	{"a request without a content type", payFile, "  content_type: multipart/form-data\n", "", "content_type is not said"},
	{"an answer without a content type", backFile, "content_type: text/plain, ", "", "content_type is not said"},
	{"an XML answer without a root", initFile, "  root: response\n", "", "a root belongs to an XML answer"},
	{"a placeholder without a field", initFile, "    - {name: merchant_id, type: integer, in: path, required: true}\n", "", `no field "merchant_id" in the path`},
	{"a field of the path without a placeholder", initFile, "/shop/{merchant_id}/init", "/shop/init", "the path has no {merchant_id}"},
	{"a script name that is not the path's last segment", initFile, "script: init", "script: init.php", `the script name of this path is "init"`},
	{"a callback with a path of ours", backFile, `path: "{note_url}"`, "path: /note", "a callback goes to the merchant's whole address"},
	{"a unique field that there is not", initFile, "unique: pg_order_id", "unique: order", `the request has no field "order"`},
	{"creating without a unique field", initFile, "unique: pg_order_id\n", "", "an operation that creates names the field that must be unique"},
	{"a JWS without its header", payFile, "    - {name: X-JWS-Signature, type: string, required: true}\n", "    - {name: X-Other, type: string}\n", "the request has no X-JWS-Signature"},
	{"pg_sig without a salt", initFile, "    - {name: pg_salt, type: string, required: true}\n", "", "the request has no pg_salt"},
	{"an answer of which nothing is said", backFile, ", fields_unknown: true", "", "either fields, or fields_unknown: true"},
	{"an answer without a required field", payFile, "type: string, required: true}\n    - {name: token, type: string, required: true", "type: string}\n    - {name: token, type: string", "not even the status"},
	{"a variant twice", initFile, "{name: rejected", "{name: error", "a variant without a name of its own"},
	{"two operations at one address", initFile, "path: \"/shop/{merchant_id}/init\"", "path: /shop/pay", "has the same method and path"},
	{"a field twice", initFile, "{name: pg_salt,", "{name: pg_sig,", `a field without a name of its own: "pg_sig"`},
	{"a field without a type", payFile, "{name: state, type: string}", "{name: state}", "no type"},
	{"meant that is the type", initFile, "type: number, meant: string", "type: string, meant: string", "meant is the same as type"},
	{"items of a text", initFile, "{name: pg_items, type: array", "{name: pg_items, type: string", "fields belong to an object, items to an array"},
	{"a length that nothing has", initFile, "min_length: 2, max_length: 9", "min_length: 9, max_length: 2", "min_length and max_length leave nothing between them"},
	{"a length of a number", initFile, "{name: pg_amount, type: number,", "{name: pg_amount, type: number, max_length: 3,", "a length belongs to a text"},
	{"a range of a text", initFile, "type: string, required: true, max_length: 50", "type: string, required: true, max_length: 50, min: 1", "min belongs to a number"},
	{"a limit that is no number", initFile, "max: 100,", "max: 1e999999999,", "max is not a decimal number"},
	{"a range that nothing is in", initFile, "min: 0.01, max: 100,", "min: 200, max: 100,", "min is greater than max"},
	{"another limit that is the same", initFile, "other_max: 90", "other_max: 100.0", "other_max needs another max beside it"},
	{"a pattern that is none", initFile, `pattern: "^[a-z]+$"`, `pattern: "^[a-z+$"`, "the pattern does not compile"},
	{"a value listed twice", initFile, "also_listed: [kz]", "also_listed: [ru]", `"ru" is listed twice`},
	{"a fixed value in an enumeration", initFile, "enum: [ru, en], also_listed: [kz], default: ru", "enum: [ru, en], value: ru", "a fixed value and an enumeration"},
	{"other values of a fixed one", initFile, "enum: [ru, en], also_listed: [kz], default: ru", "value: ru, also_listed: [kz]", "other values are listed for a fixed one"},
	{"an example that is too long", initFile, "example: ab", "example: abcdefghij", `example "abcdefghij" breaks the limits of its length`},
	{"an example that is too short", initFile, "example: ab", "example: a", `example "a" breaks the limits of its length`},
	{"an example that misses the pattern", initFile, "example: ab", "example: A1", `example "A1" does not match the pattern`},
	{"an example beyond the range", initFile, `other_max: 90, example: "10"`, `other_max: 90, example: "100.01"`, `example "100.01" breaks its limits`},
	{"an example below the range", initFile, `other_max: 90, example: "10"`, `other_max: 90, example: "0"`, `example "0" breaks its limits`},
	{"an example of another type", initFile, `other_max: 90, example: "10"`, `other_max: 90, example: ten`, `example "ten" is not a decimal number`},
	{"an example inside a list that is no integer", initFile, `min: 1, example: "2"`, `min: 1, example: "2.5"`, `example "2.5" is not an integer`},
	{"an example inside an object that is no boolean", initFile, `{name: flag, type: boolean, example: "1"}`, `{name: flag, type: boolean, example: maybe}`, `example "maybe" is not a boolean`},
	{"an example of an object", initFile, "{name: pg_params, type: object,", "{name: pg_params, type: object, example: x,", `example "x" stands where fields are due`},
	{"a default that is not listed", initFile, "default: ru", "default: fr", `default "fr" is not listed`},
	{"an example that is not listed", initFile, "default: ru", "example: fr", `example "fr" is not listed`},
	{"a listed value of another type", initFile, "{name: tax_type, type: integer, enum: [0, 1]}", "{name: tax_type, type: integer, enum: [none]}", `enum "none" is not an integer`},
	{"a pending value that is not listed", payFile, "pending: [new]", "pending: [old]", `pending "old" is not listed`},
	{"from in an answer", payFile, "{name: status, type: string, required: true}", `{name: status, type: string, required: true, from: "shop.init#pg_status"}`, "from and given belong to requests"},
	{"echo in a request", payFile, "{name: state, type: string}", "{name: state, type: string, echo: order}", "echo belongs to answers"},
	{"an answer's field in the query", payFile, "{name: status, type: string, required: true}", "{name: status, type: string, required: true, in: query}", "a field of an answer stands in its body"},
	{"a required entry for others", initFile, "required: false, pattern_of", "required: true, pattern_of", "an entry that stands for others is neither required nor filled"},
	{"a card token that is not masked", payFile, "required: true, sensitive: true", "required: true", "not marked as sensitive"},
	{"an enumeration that knows more than the shared one", initFile, "enum: [0, 1]}", "enum: [0, 2]}", `"2" is not in the shared enumeration`},
	{"a link without a field", payFile, "shop.init#pg_payment_id", "shop.init", "from is not of the form operation#field"},
	{"a link to no operation", payFile, "shop.init#pg", "shop.begin#pg", `from names no operation: "shop.begin"`},
	{"a link to what cannot be sent", payFile, "shop.init#pg", "shop.name#pg", "from names an operation that cannot be sent"},
	{"a link to no field", payFile, "#pg_payment_id", "#pg_payment", `the answer of shop.init has no field "pg_payment"`},
	{"a link to a field that may be absent", payFile, "#pg_payment_id", "#pg_note", "the answer of shop.init is not required to have pg_note"},
	{"a link in a circle", initFile, "{name: pg_user_phone,", `{name: pg_token, type: string, sensitive: true, from: "shop.pay#token"}` + "\n    - {name: pg_user_phone,", "from leads in a circle"},
	{"a clause id that is none", sigFile, "id: SIG-10,", "id: SIG-010,", "not of the form SIG-4"},
	{"a clause twice", sigFile, "id: SIG-10,", "id: SIG-1,", "clause SIG-1: there is one already"},
	{"a clause without a level", sigFile, "level: should, ", "", "level, basis and since are needed"},
	{"a clause without a source", sigFile, `text: A tenth sentence., observable: false, since: "0.1", sources: [a page]`, `text: A tenth sentence., observable: false, since: "0.1"`, "clause SIG-10: no source"},
	{"a clause of two sentences", sigFile, "A tenth sentence.", "A tenth sentence. And more.", "the text is one sentence"},
	{"a clause that names one that there is not", sigFile, "A tenth sentence.", "As SIG-77 says.", "names a clause that there is not: SIG-77"},
	{"one reading", sigFile, "    - {name: signed, text: Signed., sources: [a page]}\n", "", "a topic has two readings or more"},
	{"readings without a topic", sigFile, "  topic: refusals\n", "", "a topic has two readings or more, and readings have a topic"},
	{"a topic in capitals", sigFile, "topic: refusals", "topic: Refusals", "is not in kebab-case"},
	{"a topic twice", sigFile, "- {id: SIG-3, level: must, basis: stated, text: A third sentence., covered_by: SIG-1,", "- {id: SIG-3, level: must, basis: stated, text: A third sentence., topic: refusals, readings: [{name: a, text: A., sources: [a]}, {name: b, text: B., sources: [a]}],", "SIG-2 has this topic already"},
	{"a reading twice", sigFile, "{name: signed,", "{name: unsigned,", "a reading without a name of its own in kebab-case"},
	{"a reading without a text", sigFile, "{name: signed, text: Signed.,", "{name: signed,", `reading "signed" needs a text and a source`},
	{"covered by nothing", sigFile, "covered_by: SIG-1", "covered_by: SIG-9", `there is no other clause "SIG-9"`},
	{"covered by what is covered", sigFile, "observable: false,", "covered_by: SIG-3,", "SIG-3 is itself covered by SIG-1"},
	{"a disputed clause that is covered", sigFile, "  topic: refusals\n", "  topic: refusals\n  covered_by: SIG-1\n", "a disputed clause is reported by itself"},
	{"an error code that is no number", "errors.yaml", `"9998"`, `"09998"`, "not a number without a sign or zeros in front"},
	{"an error code twice", "errors.yaml", `"9998"`, `"100"`, "stands twice"},
	{"an error code of the wrong numbering", "errors.yaml", "numbering: new", "numbering: old", "numbering is new"},
	{"an error code without a class", "errors.yaml", "classes: [other], ", "", "classes, text, where and sources are needed"},
	{"an error code with a class twice", "errors.yaml", "[signature, merchant]", "[signature, signature]", "class signature stands twice"},
	{"an error code with other beside a class", "errors.yaml", "[signature, merchant]", "[signature, other]", "other beside another class"},
	{"an enumeration without a name", "enums.yaml", "id: tax_type", `id: ""`, "no name of its own"},
	{"an enumeration without sources", "enums.yaml", "  sources: [a page]\n", "", "values and sources are needed"},
	{"an enumeration with a value twice", "enums.yaml", `{value: "1",`, `{value: "0",`, `"0" stands twice or has no meaning`},
	{"a host with a scheme", "hosts.yaml", "name: api.example", `name: "https://api.example"`, "not a host's bare name"},
	{"a host without a source", "hosts.yaml", "- {", "- {name: b.example}\n- {", "host b.example: no source"},
}

func lint(t *testing.T, m map[string]string) []error {
	t.Helper()
	c, err := LoadFS(files(m))
	if err != nil {
		t.Fatal(err)
	}
	return c.Lint()
}

func TestLintFindsNothingInASmallCatalogue(t *testing.T) {
	for _, err := range lint(t, small()) {
		t.Error(err)
	}
}

func TestLintFindsEachMistake(t *testing.T) {
	var said []string
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			all := small()
			src := strings.Replace(all[m.file], m.old, m.new, 1)
			if src == all[m.file] {
				t.Fatalf("%q does not stand in %s", m.old, m.file)
			}
			all[m.file] = src
			found := lint(t, all)
			hit := false
			for _, err := range found {
				said = append(said, err.Error())
				hit = hit || strings.Contains(err.Error(), m.want)
				if !regexp.MustCompile(`^yamlfile: [a-z/._]+:[0-9]+: `).MatchString(err.Error()) {
					t.Errorf("without file and line: %v", err)
				}
			}
			if !hit {
				t.Errorf("got %v, want %s", found, m.want)
			}
		})
	}
	if t.Failed() {
		return
	}
	// Every text that lint can say was said above.
	texts := sayings(t)
	if len(texts) < 60 {
		t.Fatalf("%d texts found in lint.go, want 60 or more", len(texts))
	}
	for _, text := range texts {
		re := regexp.MustCompile(wildcards(text))
		shown := false
		for _, s := range said {
			shown = shown || re.MatchString(s)
		}
		if !shown {
			t.Errorf("no case makes lint say %q", text)
		}
	}
}

// wildcards makes a pattern of a format.
func wildcards(format string) string {
	parts := regexp.MustCompile(`%[a-z]`).Split(format, -1)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return strings.Join(parts, ".*")
}

// sayings returns the formats that lint.go hands to say and add.
func sayings(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "lint.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name := ""
		switch f := call.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		if name != "say" && name != "add" {
			return true
		}
		// The format is the longest literal: keys such as "id" stand before it.
		longest := ""
		for _, a := range call.Args {
			if lit, ok := a.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && len(s) > len(longest) {
					longest = s
				}
			}
		}
		if longest != "" {
			all = append(all, longest)
		}
		return true
	})
	return all
}

func TestLintNamesTheLine(t *testing.T) {
	all := small()
	all[initFile] = strings.Replace(all[initFile], "example: ab", "example: a", 1)
	found := lint(t, all)
	if len(found) != 1 {
		t.Fatalf("got %v", found)
	}
	line := 1 + strings.Count(all[initFile][:strings.Index(all[initFile], "pg_user_id")], "\n")
	if want := fmt.Sprintf("%s:%d: ", initFile, line); !strings.Contains(found[0].Error(), want) {
		t.Errorf("got %v, want %s", found[0], want)
	}
}
