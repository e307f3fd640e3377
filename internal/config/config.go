package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/internal/yamlfile"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// The variables of the environment that are read.
const (
	EnvTarget        = "FPCONFORM_TARGET"         // the gateway's address
	EnvCheckURL      = "FPCONFORM_CHECK_URL"      // the merchant's address for the check request
	EnvResultURL     = "FPCONFORM_RESULT_URL"     // the merchant's address for the result notify
	EnvRequestMethod = "FPCONFORM_REQUEST_METHOD" // how the merchant is called: POST, GET, XML
	EnvMerchantID    = "FPCONFORM_MERCHANT_ID"
	EnvSecret        = "FPCONFORM_SECRET" // secret_key of pg_sig
	EnvPayoutSecret  = "FPCONFORM_PAYOUT_SECRET"
	EnvJWSID         = "FPCONFORM_JWS_ID" // auth_id of X-JWS-Signature
	EnvJWSKey        = "FPCONFORM_JWS_KEY"
)

// Variables lists every variable that [Load] reads by itself.
var Variables = []string{EnvTarget, EnvCheckURL, EnvResultURL, EnvRequestMethod, EnvMerchantID, EnvSecret,
	EnvPayoutSecret, EnvJWSID, EnvJWSKey}

// A Source is where a configuration comes from. The zero Source is an empty configuration.
type Source struct {
	File      string                           // path of the file; "" means that there is none
	LookupEnv func(name string) (string, bool) // as os.LookupEnv; nil means an empty environment
	Flags     Flags
	Catalogue *catalogue.Catalogue // nil means the built-in one
}

// Flags are what a user says on the command line, each as it was written. The zero value of a field
// means that the flag was not given.
type Flags struct {
	Target, CheckURL, ResultURL, RequestMethod string

	Values  []string // NAME=VALUE, each replaces or adds one
	Orders  []string // ID:AMOUNT:CURRENCY, or any alone; they replace those of the file
	Known   []string // CASE=REASON, each replaces or adds one
	Allow   []string // effects; they replace those of the file
	Pace    string   // 2s
	Timeout string   // 15s
}

// A Config is what a user configured, checked. Its secrets are in Credentials, whose key types do
// not show them, and in a mask that has no exported part; a Config as a whole prints as redacted.
type Config struct {
	Gateway       *url.URL // nil if none is configured
	Check, Result *url.URL // the merchant's; nil if none is configured
	RequestMethod string   // POST, GET, XML; "" means POST
	Credentials   wire.Credentials
	Values        map[string]string // field name -> value that this target wants
	Orders        []wire.Order      // that the merchant knows
	AnyOrder      bool              // it takes every order
	Allow         []catalogue.Effect
	Known         map[string]string // case id -> reason
	Pace          time.Duration     // 0 means the default; none at all is one nanosecond
	Timeout       time.Duration     // 0 means the default
	Notes         []string          // lines for people, in the order of the sources

	catalogue *catalogue.Catalogue
	mask      func() *wire.Mask // a function, since fmt prints what lies behind another pointer
}

const redacted = "config.Config(redacted)"

// Format writes "config.Config(redacted)" for every verb: addresses may hold tokens, values cards.
func (Config) Format(s fmt.State, _ rune) { io.WriteString(s, redacted) }

// MarshalText returns "config.Config(redacted)"; JSON and XML encoders call it.
func (Config) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "config.Config(redacted)".
func (Config) LogValue() slog.Value { return slog.StringValue(redacted) }

// HasGateway tells whether a gateway is configured.
func (c *Config) HasGateway() bool { return c.Gateway != nil }

// HasMerchant tells whether a merchant is configured, with one address or two.
func (c *Config) HasMerchant() bool { return c.Check != nil || c.Result != nil }

// Has tells whether an endpoint of this role is configured.
func (c *Config) Has(role catalogue.Role) bool {
	if role == catalogue.RoleMerchant {
		return c.HasMerchant()
	}
	return c.HasGateway()
}

// HasJWSKey tells whether a key for X-JWS-Signature is configured.
func (c *Config) HasJWSKey() bool { return c.Credentials.JWSKey != (jws.Key{}) }

// Mask hides the configured secrets. It is the caller's to share, not to change.
func (c *Config) Mask() *wire.Mask {
	if c.mask == nil {
		return wire.NewMask()
	}
	return c.mask()
}

// Options tells the engine to judge role as configured. The target and its maps are the caller's own.
// Of the known cases it gets those of this role; what is no case at all goes to every role, and the
// caller who judges both leaves it with one, see [Split].
func (c *Config) Options(role catalogue.Role) engine.Options {
	t := &wire.Target{
		RequestMethod: c.RequestMethod,
		Credentials:   c.Credentials,
		Values:        maps.Clone(c.Values),
		Orders:        slices.Clone(c.Orders),
		AnyOrder:      c.AnyOrder,
		Allow:         slices.Clone(c.Allow),
		Pace:          c.Pace,
	}
	t.Credentials.SigKeys = maps.Clone(c.Credentials.SigKeys)
	if role == catalogue.RoleMerchant {
		t.Callbacks = map[string]*url.URL{}
		for id, u := range map[string]*url.URL{"callback.check": c.Check, "callback.result": c.Result} {
			if u != nil {
				t.Callbacks[id] = u
			}
		}
	} else {
		t.Base = c.Gateway
	}
	return engine.Options{
		Role:      role,
		Target:    t,
		Catalogue: c.catalogue,
		Known:     maps.Clone(c.Known),
		Timeout:   c.Timeout,
		Mask:      c.Mask(),
	}
}

// Load reads, checks and merges the sources. All mistakes are found in one pass and joined; each
// says where it is: file and line, variable or flag.
func Load(src Source) (*Config, error) {
	l := loader{lookup: src.LookupEnv, c: &Config{Values: map[string]string{}, Known: map[string]string{}}}
	if l.lookup == nil {
		l.lookup = func(string) (string, bool) { return "", false }
	}
	if l.catalogue = src.Catalogue; l.catalogue == nil {
		c, err := catalogue.Load()
		if err != nil {
			return nil, err
		}
		l.catalogue = c
	}
	l.c.catalogue = l.catalogue
	if src.File != "" {
		if err := l.open(src.File); err != nil {
			return nil, err
		}
	}
	l.addresses(src.Flags)
	l.credentials()
	l.values(src.Flags)
	l.orders(src.Flags)
	l.allow(src.Flags)
	l.known(src.Flags)
	l.durations(src.Flags)
	if len(l.errs) > 0 {
		return nil, errors.Join(l.errs...)
	}
	mask := wire.NewMask(l.secrets...)
	l.c.mask = func() *wire.Mask { return mask }
	return l.c, nil
}

// A loader merges the sources into one Config.
type loader struct {
	c         *Config
	catalogue *catalogue.Catalogue
	file      *yamlfile.File // nil if there is none
	doc       document
	dir       string
	lookup    func(string) (string, bool)
	secrets   []string
	errs      []error
}

func (l *loader) fail(err error) { l.errs = append(l.errs, err) }

func (l *loader) note(format string, args ...any) {
	l.c.Notes = append(l.c.Notes, fmt.Sprintf(format, args...))
}

func (l *loader) open(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("config: %s: %w", quotePath(path), cause(err))
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, yamlfile.MaxSize+1))
	if err != nil {
		return fmt.Errorf("config: %s: %w", quotePath(path), cause(err))
	}
	if l.file, err = yamlfile.Parse(path, src); err != nil {
		return located(err)
	}
	if err := l.file.Decode(&l.doc); err != nil {
		return located(err)
	}
	l.dir = filepath.Dir(path)
	return nil
}

// located gives the errors of a file the name of this package, which is the one that a user meets.
func located(err error) error {
	var all []error
	for _, e := range yamlfile.List(err) {
		all = append(all, &mistake{e})
	}
	return errors.Join(all...)
}

// A mistake is one in the file.
type mistake struct{ in *yamlfile.Error }

func (m *mistake) Error() string { return "config: " + strings.TrimPrefix(m.in.Error(), "yamlfile: ") }

func (m *mistake) Unwrap() error { return m.in }

// at makes an error about the value of the file at path.
func (l *loader) at(path []any, format string, args ...any) error {
	return located(l.file.Errorf(path, format, args...))
}

// A value is one that may stand in several sources, and where the one that counts stands.
type value struct {
	text  string
	where func(format string, args ...any) error // makes an error about it
}

// pick returns the value that counts: the flag's, the variable's, the file's.
func (l *loader) pick(flag, given, variable string, inFile *string, path ...any) *value {
	var fromEnv string
	var set bool
	if variable != "" {
		fromEnv, set = l.lookup(variable)
	}
	switch {
	case given != "":
		return &value{given, func(format string, args ...any) error {
			return fmt.Errorf("config: "+flag+": "+format, args...)
		}}
	case set && fromEnv == "":
		l.fail(fmt.Errorf("config: %s is set and empty: unset it, or give it a value", variable))
		return nil
	case set:
		if inFile != nil && *inFile != fromEnv {
			l.note("%s replaces %s of the configuration", variable, slashed(path))
		}
		return &value{fromEnv, func(format string, args ...any) error {
			return fmt.Errorf("config: "+variable+": "+format, args...)
		}}
	case inFile != nil:
		v := &value{*inFile, func(format string, args ...any) error { return l.at(path, format, args...) }}
		if *inFile == "" {
			l.fail(v.where("empty"))
			return nil
		}
		return v
	}
	return nil
}

func slashed(path []any) string {
	steps := make([]string, len(path))
	for i, s := range path {
		steps[i] = fmt.Sprint(s)
	}
	return strings.Join(steps, "/")
}

func (l *loader) addresses(f Flags) {
	l.c.Gateway = l.address(l.pick("--target", f.Target, EnvTarget, l.doc.Gateway.URL, "gateway", "url"), false)
	l.c.Check = l.address(l.pick("--check-url", f.CheckURL, EnvCheckURL, l.doc.Merchant.CheckURL, "merchant", "check_url"), true)
	l.c.Result = l.address(l.pick("--result-url", f.ResultURL, EnvResultURL, l.doc.Merchant.ResultURL, "merchant", "result_url"), true)
	m := l.pick("--request-method", f.RequestMethod, EnvRequestMethod, l.doc.Merchant.RequestMethod, "merchant", "request_method")
	if m == nil {
		return
	}
	switch m.text {
	case "POST", "GET", "XML":
		l.c.RequestMethod = m.text
	default:
		l.fail(m.where("%s is none of POST, GET, XML", quote(m.text)))
	}
}

// address reads one. No error repeats an address that may hold a password or a token.
func (l *loader) address(v *value, query bool) *url.URL {
	if v == nil {
		return nil
	}
	shown := ""
	if !strings.ContainsAny(v.text, "@?#") {
		shown = quote(v.text) + " is "
	}
	u, err := url.Parse(v.text)
	switch {
	case err != nil:
		l.fail(v.where("%snot an address", shown))
	case u.User != nil:
		l.fail(v.where("an address with a name or a password in it, which is refused"))
	case u.Scheme != "http" && u.Scheme != "https":
		l.fail(v.where("%snot an address that begins with http:// or https://", shown))
	case u.Opaque != "" || u.Hostname() == "":
		l.fail(v.where("%san address without a host", shown))
	case u.Fragment != "" || strings.Contains(v.text, "#"):
		l.fail(v.where("an address with a fragment, which is never sent"))
	case !query && (u.RawQuery != "" || u.ForceQuery):
		l.fail(v.where("a gateway's address with a query; the operations bring their own"))
	default:
		return u
	}
	return nil
}

func (l *loader) credentials() {
	doc := l.doc.Credentials
	if v := l.pick("", "", EnvMerchantID, doc.MerchantID, "credentials", "merchant_id"); v != nil {
		l.c.Credentials.MerchantID = l.identity(v)
	}
	if v := l.pick("", "", EnvJWSID, doc.JWSID, "credentials", "jws_id"); v != nil {
		l.c.Credentials.JWSID = l.identity(v)
	}
	keys := map[string]sig.Key{}
	if s, ok := l.secret(EnvSecret, doc.Secret, "secret"); ok {
		keys[""] = sig.NewKey(s)
	}
	if s, ok := l.secret(EnvPayoutSecret, doc.PayoutSecret, "payout_secret"); ok {
		keys["payout"] = sig.NewKey(s)
	}
	l.c.Credentials.SigKeys = keys
	if s, ok := l.secret(EnvJWSKey, doc.JWSKey, "jws_key"); ok {
		l.c.Credentials.JWSKey = jws.NewKey([]byte(s))
	}
}

// identity takes who the caller is: an id without white space, which nobody's is.
func (l *loader) identity(v *value) string {
	if strings.ContainsFunc(v.text, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\ufffd' }) {
		l.fail(v.where("an id with white space or control characters"))
		return ""
	}
	return v.text
}

// secret returns one, from the variable that is made for it or from where the file says.
func (l *loader) secret(variable string, ref *reference, key string) (string, bool) {
	if fromEnv, set := l.lookup(variable); set && !(ref != nil && ref.env == variable) {
		if fromEnv == "" {
			l.fail(fmt.Errorf("config: %s is set and empty: unset it, or give it a value", variable))
			return "", false
		}
		if ref != nil {
			l.note("%s replaces credentials/%s of the configuration", variable, key)
		}
		l.c.Notes = append(l.c.Notes, suspicious("the variable "+variable, fromEnv)...)
		l.secrets = append(l.secrets, fromEnv)
		return fromEnv, true
	}
	if ref == nil {
		return "", false
	}
	s, notes, err := ref.read(l.dir, l.lookup)
	if err != nil {
		path := []any{"credentials", key}
		l.fail(l.at(path, "%s", strings.TrimPrefix(err.Error(), "config: ")))
		return "", false
	}
	l.c.Notes = append(l.c.Notes, notes...)
	l.secrets = append(l.secrets, s)
	return s, true
}

func (l *loader) values(f Flags) {
	for _, field := range slices.Sorted(maps.Keys(l.doc.Values)) {
		v := l.doc.Values[field]
		switch path := []any{"values", field}; {
		case !l.isField(field):
			l.fail(l.at(path, "no operation has a request field of this name%s", l.given()))
		case v == "":
			l.fail(l.at(path, "empty: leave the name out, and a value is generated"))
		default:
			l.c.Values[field] = v
		}
	}
	seen := map[string]bool{}
	for _, text := range f.Values {
		field, v, ok := strings.Cut(text, "=")
		switch {
		case !ok:
			l.fail(errors.New("config: --value: not of the form NAME=VALUE"))
		case !l.isField(field):
			l.fail(fmt.Errorf("config: --value: no operation has a request field called %s%s", quote(field), l.given()))
		case v == "":
			l.fail(fmt.Errorf("config: --value: %s is empty: leave it out, and a value is generated", field))
		case seen[field]:
			l.fail(fmt.Errorf("config: --value: %s is given twice", field))
		default:
			seen[field] = true
			l.c.Values[field] = v
		}
	}
}

func (l *loader) isField(name string) bool {
	return slices.ContainsFunc(l.catalogue.Operations, func(op *catalogue.Operation) bool {
		_, ok := op.Request.Field(name)
		return ok
	})
}

// given lists the fields that values is mostly for: what only the target knows.
func (l *loader) given() string {
	var names []string
	for _, op := range l.catalogue.Operations {
		for _, f := range op.Request.Fields {
			if f.Given && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return "; what only a target knows is " + strings.Join(names, ", ")
}

func (l *loader) orders(f Flags) {
	if len(f.Orders) > 0 {
		l.flagOrders(f.Orders)
		return
	}
	o := l.doc.Orders
	if o == nil {
		return
	}
	if o.any {
		l.c.AnyOrder = true
		return
	}
	if len(o.list) == 0 {
		l.fail(l.at([]any{"orders"}, "names no order: leave it out, or write any"))
	}
	for i, one := range o.list {
		if why := one.wrong(l.c.Orders); why != "" {
			l.fail(l.at([]any{"orders", i}, "%s", why))
			continue
		}
		l.c.Orders = append(l.c.Orders, wire.Order(one))
	}
}

func (l *loader) flagOrders(given []string) {
	for _, text := range given {
		if text == "any" {
			if len(given) > 1 {
				l.fail(errors.New("config: --order: any stands beside other orders"))
			}
			l.c.AnyOrder = true
			continue
		}
		// An id may hold colons, amount and currency may not.
		parts := strings.Split(text, ":")
		if len(parts) < 3 {
			l.fail(fmt.Errorf("config: --order: %s is neither any nor ID:AMOUNT:CURRENCY", quote(text)))
			continue
		}
		n := len(parts)
		one := order{strings.Join(parts[:n-2], ":"), parts[n-2], parts[n-1]}
		if why := one.wrong(l.c.Orders); why != "" {
			l.fail(fmt.Errorf("config: --order: %s: %s", quote(text), why))
			continue
		}
		l.c.Orders = append(l.c.Orders, wire.Order(one))
	}
}

// wrong says what is wrong with an order beside those that are there, or "".
func (o order) wrong(others []wire.Order) string {
	switch {
	case o.ID == "":
		return "an order without an id"
	case o.Amount == "":
		return "an order without an amount"
	case !isAmount(o.Amount):
		return quote(o.Amount) + " is not an amount such as 100.00"
	case o.Currency == "":
		return "an order without a currency"
	case len(o.Currency) != 3 || strings.ToUpper(o.Currency) != o.Currency || !isLetters(o.Currency):
		return quote(o.Currency) + " is not a currency such as KZT"
	case slices.ContainsFunc(others, func(other wire.Order) bool { return other.ID == o.ID }):
		return "the order " + quote(o.ID) + " is named twice; each is used once"
	}
	return ""
}

func isLetters(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' })
}

// isAmount: decimal digits with one point at most between them, and more than nothing.
func isAmount(s string) bool {
	whole, fraction, point := strings.Cut(s, ".")
	digits := func(s string) bool {
		return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	}
	return digits(whole) && (!point || digits(fraction)) && strings.Trim(s, "0.") != ""
}

func (l *loader) allow(f Flags) {
	if len(f.Allow) > 0 {
		for _, text := range f.Allow {
			var e catalogue.Effect
			if err := e.UnmarshalText([]byte(text)); err != nil {
				l.fail(fmt.Errorf("config: --allow: %s", strings.TrimPrefix(err.Error(), "catalogue: ")))
				continue
			}
			if slices.Contains(l.c.Allow, e) {
				l.fail(fmt.Errorf("config: --allow: %s is named twice", e))
			}
			l.c.Allow = append(l.c.Allow, e)
		}
		return
	}
	if l.doc.Allow == nil {
		return
	}
	if len(*l.doc.Allow) == 0 {
		l.fail(l.at([]any{"allow"}, "names no effect: nothing could be sent"))
	}
	for i, e := range *l.doc.Allow {
		if slices.Contains(l.c.Allow, e) {
			l.fail(l.at([]any{"allow", i}, "%s is named twice", e))
		}
		l.c.Allow = append(l.c.Allow, e)
	}
}

func (l *loader) known(f Flags) {
	for i, k := range l.doc.Known {
		_, twice := l.c.Known[k.Case]
		switch path := []any{"known", i}; {
		case k.Case == "":
			l.fail(l.at(path, "an entry without a case"))
		case k.Reason == "":
			l.fail(l.at(path, "%s without a reason", quote(k.Case)))
		case twice:
			l.fail(l.at(path, "%s is named twice", quote(k.Case)))
		default:
			l.c.Known[k.Case] = k.Reason
		}
	}
	seen := map[string]bool{}
	for _, text := range f.Known {
		id, reason, _ := strings.Cut(text, "=")
		switch {
		case id == "" || reason == "":
			l.fail(fmt.Errorf("config: --known: %s is not of the form CASE=REASON", quote(text)))
		case seen[id]:
			l.fail(fmt.Errorf("config: --known: %s is named twice", quote(id)))
		default:
			seen[id] = true
			l.c.Known[id] = reason
		}
	}
}

func (l *loader) durations(f Flags) {
	if pace := l.duration("--pace", f.Pace, l.doc.Pace, "pace"); pace != nil {
		// A target's zero means the default, so none at all is the shortest that there is.
		l.c.Pace = cmp.Or(*pace, time.Nanosecond)
	}
	if timeout := l.duration("--timeout", f.Timeout, l.doc.Timeout, "timeout"); timeout != nil {
		l.c.Timeout = *timeout
	}
}

// longest is a bound for a mistyped unit.
const longest = 24 * time.Hour

func (l *loader) duration(flag, given string, inFile *time.Duration, key string) *time.Duration {
	d := inFile
	fail := func(format string, args ...any) *time.Duration {
		l.fail(l.at([]any{key}, format, args...))
		return nil
	}
	if given != "" {
		fail = func(format string, args ...any) *time.Duration {
			l.fail(fmt.Errorf("config: "+flag+": "+format, args...))
			return nil
		}
		parsed, err := time.ParseDuration(given)
		if err != nil {
			return fail("%s is not a duration such as 15s or 1m30s", quote(given))
		}
		d = &parsed
	}
	switch {
	case d == nil:
		return nil
	case *d < 0:
		return fail("less than nothing")
	case *d == 0 && key == "timeout":
		return fail("no time at all: an exchange needs some")
	case *d > longest:
		return fail("longer than a day")
	}
	return d
}
