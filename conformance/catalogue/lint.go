package catalogue

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fpconform/fpconform/internal/yamlfile"
)

// Lint returns what is inconsistent in the catalogue, each mistake with file and line: links
// that lead nowhere, things that stand twice, values that break their own limits, clauses
// without readings or home, fields that hold a person's data unmasked. An empty result is
// what the tests demand of the embedded data. It does not change the catalogue.
func (c *Catalogue) Lint() []error {
	l := &linter{c: c}
	for _, o := range c.Operations {
		l.operation(o)
	}
	l.routes()
	l.clauses()
	l.errorCodes()
	l.enums()
	l.hosts()
	slices.SortStableFunc(l.found, func(a, b error) int {
		var x, y *yamlfile.Error
		if !errors.As(a, &x) || !errors.As(b, &y) {
			return 0
		}
		if n := strings.Compare(x.File, y.File); n != 0 {
			return n
		}
		if n := x.Line - y.Line; n != 0 {
			return n
		}
		return strings.Compare(x.Text, y.Text)
	})
	return l.found
}

type linter struct {
	c     *Catalogue
	found []error
}

func (l *linter) add(at position, deeper []any, format string, args ...any) {
	l.found = append(l.found, at.errorf(deeper, format, args...))
}

var (
	operationID = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$`)
	clauseID    = regexp.MustCompile(`^[A-Z]+-[1-9][0-9]*$`)
	kebab       = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	placeholder = regexp.MustCompile(`\{([^{}]*)\}`)
	plainNumber = regexp.MustCompile(`^-?[0-9]{1,40}(\.[0-9]{1,40})?$`)
	plainInt    = regexp.MustCompile(`^-?[0-9]{1,40}$`)
)

func (l *linter) operation(o *Operation) {
	at := position{file: o.src}
	say := func(key, format string, args ...any) { l.add(at, []any{key}, format, args...) }
	if !operationID.MatchString(o.ID) {
		say("id", "%s is not of the form family.name", quote(o.ID))
	}
	if o.src != nil {
		if want := "operations/" + strings.Replace(o.ID, ".", "/", 1) + ".yaml"; o.src.Name() != want {
			say("id", "the operation's file is %s", want)
		}
	}
	if first := l.c.operations[o.ID]; first != o {
		say("id", "there is an operation %s already", quote(o.ID))
	}
	for key, value := range map[string]string{"title": o.Title, "api": string(o.API), "direction": string(o.Direction), "effect": string(o.Effect), "status": string(o.Status), "auth": string(o.Auth)} {
		if value == "" {
			say(key, "%s is not said", key)
		}
	}
	if len(o.Sources) == 0 {
		say("sources", "no source")
	}
	for i, code := range o.Errors {
		if _, ok := l.c.errors[code]; !ok {
			l.add(at, []any{"errors", i}, "error code %s is not in errors.yaml", quote(code))
		}
	}
	for i, h := range o.Hosts {
		if !slices.ContainsFunc(l.c.Hosts, func(k *Host) bool { return k.Name == h }) {
			l.add(at, []any{"hosts", i}, "host %s is not in hosts.yaml", quote(h))
		}
	}
	for key, text := range map[string]string{"note": o.Note, "doubts": o.Doubts, "notes": strings.Join(o.Notes, "\n")} {
		l.references(at, []any{key}, text)
	}
	if o.Status == NameOnly {
		if len(o.Request.Fields)+len(o.Response.Fields) > 0 {
			say("status", "known by name only, but it has fields")
		}
		return
	}
	if o.Method == "" || o.Path == "" {
		say("method", "an operation with content needs a method and a path")
	}
	if o.Request.ContentType == "" {
		l.add(at, []any{"request"}, "content_type is not said")
	}
	if o.Response.ContentType == "" {
		l.add(at, []any{"response"}, "content_type is not said")
	}
	if strings.Contains(o.Response.ContentType, "xml") != (o.Response.Root != "") {
		l.add(at, []any{"response", "root"}, "a root belongs to an XML answer, and an XML answer has one")
	}
	l.path(o, at)
	if o.Unique != "" {
		if f, ok := o.Request.Field(o.Unique); !ok || len(f.Children()) > 0 {
			say("unique", "the request has no field %s", quote(o.Unique))
		}
	} else if o.Effect == Creates {
		say("effect", "an operation that creates names the field that must be unique")
	}
	if _, _, _, ok := o.Auth.JWS(); ok {
		if _, ok := o.Request.Header("X-JWS-Signature"); !ok {
			say("auth", "signed by a header, but the request has no X-JWS-Signature")
		}
	}
	if o.Auth == AuthSig {
		for _, name := range []string{"pg_salt", "pg_sig"} {
			if _, ok := o.Request.Field(name); !ok {
				say("auth", "signed by pg_sig, but the request has no %s", name)
			}
		}
	}
	if o.Response.FieldsUnknown == (len(o.Response.Fields) > 0) {
		l.add(at, []any{"response"}, "either fields, or fields_unknown: true")
	}
	if len(o.Response.Fields) > 0 && !slices.ContainsFunc(o.Response.Fields, func(f *Field) bool { return f.Required == Yes }) {
		l.add(at, []any{"response"}, "no field of an accepted answer is required, not even the status")
	}
	l.fields(at, []any{"request", "headers"}, o.Request.Headers, header)
	l.fields(at, []any{"request", "fields"}, o.Request.Fields, request)
	l.fields(at, []any{"response", "headers"}, o.Response.Headers, header)
	l.fields(at, []any{"response", "fields"}, o.Response.Fields, response)
	names := make(map[string]bool)
	for i, v := range o.Response.Variants {
		if names[v.Name] || v.Name == "" {
			l.add(at, []any{"response", "variants", i}, "a variant without a name of its own")
		}
		names[v.Name] = true
		l.fields(at, []any{"response", "variants", i, "fields"}, v.Fields, response)
	}
}

// path holds the placeholders of the path against the fields of the path, and the script
// against the last segment (SIG-1).
func (l *linter) path(o *Operation, at position) {
	if o.Direction == GatewayToMerchant {
		if !regexp.MustCompile(`^\{[a-z_]+\}$`).MatchString(o.Path) || o.Script != "" {
			l.add(at, []any{"path"}, "a callback goes to the merchant's whole address, such as {check_url}, and has its script name")
		}
		return
	}
	named := make(map[string]bool)
	for _, m := range placeholder.FindAllStringSubmatch(o.Path, -1) {
		named[m[1]] = true
		if !slices.ContainsFunc(o.Request.Fields, func(f *Field) bool { return f.Name == m[1] && f.In == InPath }) {
			l.add(at, []any{"path"}, "no field %s in the path", quote(m[1]))
		}
	}
	for i, f := range o.Request.Fields {
		if f.In == InPath && !named[f.Name] {
			l.add(at, []any{"request", "fields", i}, "the path has no {%s}", f.Name)
		}
	}
	if last := o.Path[strings.LastIndexByte(o.Path, '/')+1:]; o.Auth == AuthSig && o.Script != last {
		l.add(at, []any{"script"}, "the script name of this path is %s", quote(last))
	}
}

// routes finds operations that a server could not tell apart.
func (l *linter) routes() {
	first := make(map[string]*Operation)
	for _, o := range l.c.Operations {
		if o.Method == "" || o.Path == "" || l.c.operations[o.ID] != o {
			continue
		}
		key := o.Method + " " + placeholder.ReplaceAllString(o.Path, "{}")
		if o.Direction == GatewayToMerchant {
			key = o.Method + " " + o.Path
		}
		if other, ok := first[key]; ok && (len(o.Match) == 0 || len(other.Match) == 0) {
			l.add(position{file: o.src}, []any{"path"}, "%s has the same method and path, and no match tells them apart", other.ID)
			continue
		}
		first[key] = o
	}
}

// A side says what a list of fields belongs to.
type side int

const (
	header side = iota
	request
	response
)

func (l *linter) fields(at position, path []any, fields []*Field, s side) {
	seen := make(map[string]bool)
	for i, f := range fields {
		here := append(slices.Clone(path), i)
		key := string(f.In) + " " + f.Name
		if f.Name == "" || seen[key] {
			l.add(at, here, "a field without a name of its own: %s", quote(f.Name))
		}
		seen[key] = true
		l.field(at, here, f, s)
		if f.Items != nil {
			l.fields(at, append(here, "items", "fields"), f.Items.Fields, s)
		}
		l.fields(at, append(here, "fields"), f.Fields, s)
	}
}

func (l *linter) field(at position, path []any, f *Field, s side) {
	say := func(format string, args ...any) {
		l.add(at, path, "field "+quote(f.Name)+": "+format, args...)
	}
	t := f.Judged()
	number := t == TypeInteger || t == TypeNumber
	if t == "" {
		say("no type")
	}
	if f.Meant != "" && f.Meant == f.Type {
		say("meant is the same as type")
	}
	if (len(f.Fields) > 0) && t != TypeObject || f.Items != nil && t != TypeArray {
		say("fields belong to an object, items to an array")
	}
	// Limits.
	if f.MinLength < 0 || f.MaxLength < 0 || f.MaxLength > 0 && f.MinLength > f.MaxLength {
		say("min_length and max_length leave nothing between them")
	}
	if (f.MinLength > 0 || f.MaxLength > 0) && t != TypeString {
		say("a length belongs to a text")
	}
	for name, n := range map[string]json.Number{"min": f.Min, "max": f.Max, "other_max": f.OtherMax} {
		if n == "" {
			continue
		}
		if !number {
			say("%s belongs to a number", name)
		}
		if !plainNumber.MatchString(string(n)) {
			say("%s is not a decimal number: %s", name, quote(string(n)))
			return
		}
	}
	if f.Max != "" && f.Min != "" && compareNumbers(string(f.Min), string(f.Max)) > 0 {
		say("min is greater than max")
	}
	if f.OtherMax != "" && (f.Max == "" || compareNumbers(string(f.Max), string(f.OtherMax)) == 0) {
		say("other_max needs another max beside it")
	}
	if f.Pattern != "" {
		if _, err := regexp.Compile(f.Pattern); err != nil {
			say("the pattern does not compile: %v", err)
			return
		}
	}
	// Values.
	listed := make(map[string]bool)
	for _, v := range append(slices.Clone(f.Enum), f.AlsoListed...) {
		if listed[v] {
			say("%s is listed twice", quote(v))
		}
		listed[v] = true
	}
	if f.Value != "" && len(f.Enum) > 0 {
		say("a fixed value and an enumeration")
	}
	if f.AlsoListed != nil && f.Enum == nil && f.Value != "" {
		say("other values are listed for a fixed one")
	}
	values := map[string][]string{"enum": f.Enum, "examples": f.Examples, "pending": f.Pending, "value": {f.Value}, "default": {f.Default}, "example": {f.Example}}
	for name, list := range values {
		for _, v := range list {
			if v == "" {
				continue
			}
			if reason := f.breaks(v); reason != "" {
				say("%s %s %s", name, quote(v), reason)
			}
		}
	}
	for _, v := range f.Pending {
		if !f.Listed(v) {
			say("pending %s is not listed", quote(v))
		}
	}
	// Links.
	if s != request && (f.From != "" || f.Given) {
		say("from and given belong to requests")
	}
	if s != response && f.Echo != "" {
		say("echo belongs to answers")
	}
	if s == response && (f.In != InBody) {
		say("a field of an answer stands in its body")
	}
	if f.From != "" {
		l.from(say, f)
	}
	if !f.Literal() && (f.Required == Yes || f.From != "" || f.Given) {
		say("an entry that stands for others is neither required nor filled")
	}
	// Masks.
	if s != header && !f.Sensitive && personal(f) {
		say("a person's or card's data that is not marked as sensitive")
	}
	if e, ok := l.c.Enum(f.Name); ok {
		for _, v := range f.Enum {
			if !slices.ContainsFunc(e.Values, func(x Value) bool { return x.Value == v }) {
				say("%s is not in the shared enumeration", quote(v))
			}
		}
	}
	l.references(at, path, f.Note+"\n"+f.EnumNotes+"\n"+f.RequiredWhen)
}

// personal reports whether a name speaks of a card, a phone, an address or an owner.
func personal(f *Field) bool {
	if t := f.Judged(); t != TypeString || len(f.Enum) > 0 {
		return false
	}
	for _, part := range strings.Split(f.Name, "_") {
		switch part {
		case "pan", "token", "phone", "email", "ip", "owner":
			return true
		}
	}
	return false
}

// breaks says which limit of the field a value breaks, or "". It knows types, lengths,
// ranges, lists and patterns; formats are judged where messages are.
func (f *Field) breaks(v string) string {
	switch f.Judged() {
	case TypeInteger:
		if !plainInt.MatchString(v) {
			return "is not an integer"
		}
	case TypeNumber:
		if !plainNumber.MatchString(v) {
			return "is not a decimal number"
		}
	case TypeBoolean:
		if !slices.Contains([]string{"true", "false", "0", "1"}, v) {
			return "is not a boolean"
		}
	case TypeObject, TypeArray:
		return "stands where fields are due"
	}
	n := utf8.RuneCountInString(v)
	switch {
	case n < f.MinLength || f.MaxLength > 0 && n > f.MaxLength:
		return "breaks the limits of its length"
	case f.Value != "" && v != f.Value, len(f.Enum) > 0 && !slices.Contains(f.Enum, v) && !slices.Contains(f.AlsoListed, v):
		return "is not listed"
	case f.Min != "" && compareNumbers(v, string(f.Min)) < 0, f.Max != "" && compareNumbers(v, string(f.Max)) > 0:
		return "breaks its limits"
	case !f.Matches(v):
		return "does not match the pattern"
	}
	return ""
}

// compareNumbers compares decimals that plainNumber took.
func compareNumbers(a, b string) int {
	x, ok := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok || !ok2 {
		return 0
	}
	return x.Cmp(y)
}

// from follows a link: the operation must be sendable, the field one that an accepted answer
// has to carry.
func (l *linter) from(say func(string, ...any), f *Field) {
	id, name, ok := strings.Cut(f.From, "#")
	if !ok {
		say("from is not of the form operation#field: %s", quote(f.From))
		return
	}
	o, ok := l.c.operations[id]
	if !ok {
		say("from names no operation: %s", quote(id))
		return
	}
	if !o.Sendable() {
		say("from names an operation that cannot be sent: %s", id)
		return
	}
	source, ok := o.Response.Field(name)
	if !ok || len(source.Children()) > 0 {
		say("from: the answer of %s has no field %s", id, quote(name))
		return
	}
	if source.Required != Yes {
		say("from: the answer of %s is not required to have %s", id, name)
	}
	if l.needs(id, id, make(map[string]bool)) {
		say("from leads in a circle: %s needs its own answer", id)
	}
}

// needs reports whether operation id takes a value, directly or on the way, from target.
func (l *linter) needs(id, target string, visited map[string]bool) bool {
	o, ok := l.c.operations[id]
	if !ok || visited[id] {
		return false
	}
	visited[id] = true
	for _, f := range o.Request.Fields {
		if source, _, ok := f.Source(); ok && (source == target || l.needs(source, target, visited)) {
			return true
		}
	}
	return false
}

func (l *linter) clauses() {
	topics := make(map[string]ClauseID)
	for _, cl := range l.c.Clauses {
		say := func(key, format string, args ...any) {
			l.add(cl.at, []any{key}, "clause "+string(cl.ID)+": "+format, args...)
		}
		if !clauseID.MatchString(string(cl.ID)) {
			say("id", "not of the form SIG-4")
		}
		if l.c.clauses[cl.ID] != cl {
			say("id", "there is one already")
		}
		if cl.Level == "" || cl.Basis == "" || cl.Since == "" {
			say("id", "level, basis and since are needed")
		}
		if len(cl.Sources) == 0 {
			say("id", "no source")
		}
		if !strings.HasSuffix(cl.Text, ".") || strings.Contains(cl.Text, ". ") {
			say("text", "the text is one sentence")
		}
		l.readings(cl, say, topics)
		if cl.CoveredBy != "" {
			general, ok := l.c.clauses[cl.CoveredBy]
			switch {
			case !ok || general == cl:
				say("covered_by", "there is no other clause %s", quote(string(cl.CoveredBy)))
			case general.CoveredBy != "":
				say("covered_by", "%s is itself covered by %s", general.ID, general.CoveredBy)
			case cl.Disputed():
				say("covered_by", "a disputed clause is reported by itself")
			}
		}
		l.references(cl.at, []any{"doubts"}, cl.Text+"\n"+cl.Doubts)
	}
}

func (l *linter) readings(cl *Clause, say func(string, string, ...any), topics map[string]ClauseID) {
	if (cl.Topic == "") != (len(cl.Readings) == 0) || len(cl.Readings) == 1 {
		say("readings", "a topic has two readings or more, and readings have a topic")
	}
	if cl.Topic == "" {
		return
	}
	if !kebab.MatchString(cl.Topic) {
		say("topic", "%s is not in kebab-case", quote(cl.Topic))
	}
	if first, ok := topics[cl.Topic]; ok {
		say("topic", "%s has this topic already", first)
	} else {
		topics[cl.Topic] = cl.ID
	}
	names := make(map[string]bool)
	for _, r := range cl.Readings {
		if names[r.Name] || !kebab.MatchString(r.Name) {
			say("readings", "a reading without a name of its own in kebab-case: %s", quote(r.Name))
		}
		names[r.Name] = true
		if r.Text == "" || len(r.Sources) == 0 {
			say("readings", "reading %s needs a text and a source", quote(r.Name))
		}
	}
}

// references finds clauses that a text names and that there are not. Only the families that
// have clauses are looked for, since UTF-8 is not one.
func (l *linter) references(at position, path []any, text string) {
	for _, m := range regexp.MustCompile(`\b([A-Z]+)-([0-9]+)\b`).FindAllStringSubmatch(text, -1) {
		family := slices.ContainsFunc(l.c.Clauses, func(cl *Clause) bool { return cl.ID.Family() == m[1] })
		if _, ok := l.c.clauses[ClauseID(m[0])]; family && !ok {
			l.add(at, path, "names a clause that there is not: %s", m[0])
		}
	}
}

func (l *linter) errorCodes() {
	for i, e := range l.c.Errors {
		say := func(format string, args ...any) {
			l.add(l.c.errorAt[i], nil, "code "+quote(e.Code)+": "+format, args...)
		}
		n, err := strconv.Atoi(e.Code)
		if err != nil || n < 0 || strconv.Itoa(n) != e.Code {
			say("not a number without a sign or zeros in front")
			continue
		}
		if l.c.errors[e.Code] != e {
			say("stands twice")
		}
		// The old numbering ends at 1000.
		if want := map[bool]string{true: "old", false: "new"}[n <= 1000]; e.Numbering != want {
			say("numbering is %s", want)
		}
		if len(e.Classes) == 0 || e.Text == "" || e.Where == "" || len(e.Sources) == 0 {
			say("classes, text, where and sources are needed")
		}
		for j, class := range e.Classes {
			if slices.Contains(e.Classes[:j], class) {
				say("class %s stands twice", class)
			}
		}
		if len(e.Classes) > 1 && slices.Contains(e.Classes, ClassOther) {
			say("other beside another class")
		}
	}
}

func (l *linter) enums() {
	ids := make(map[string]bool)
	for i, e := range l.c.Enums {
		say := func(format string, args ...any) {
			l.add(l.c.enumAt[i], nil, "enumeration "+quote(e.ID)+": "+format, args...)
		}
		if e.ID == "" || ids[e.ID] {
			say("no name of its own")
		}
		ids[e.ID] = true
		if len(e.Values) == 0 || len(e.Sources) == 0 {
			say("values and sources are needed")
		}
		values := make(map[string]bool)
		for _, v := range e.Values {
			if values[v.Value] || v.Meaning == "" {
				say("%s stands twice or has no meaning", quote(v.Value))
			}
			values[v.Value] = true
		}
	}
}

func (l *linter) hosts() {
	names := make(map[string]bool)
	for i, h := range l.c.Hosts {
		if h.Name != strings.ToLower(h.Name) || h.Name == "" || strings.ContainsAny(h.Name, ":/ ") || names[h.Name] {
			l.add(l.c.hostAt[i], nil, "not a host's bare name, or it stands twice: %s", quote(h.Name))
		}
		names[h.Name] = true
		if len(h.Sources) == 0 {
			l.add(l.c.hostAt[i], nil, "host %s: no source", h.Name)
		}
	}
}

// String says what a count counted: merchant 3 documented, 1 partial, 0 by name only.
func (n Count) String() string {
	return fmt.Sprintf("%s %d documented, %d partial, %d by name only", n.Family, n.Documented, n.Partial, n.NameOnly)
}
