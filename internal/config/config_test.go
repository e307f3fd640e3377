package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/internal/yamlfile"
	"github.com/fpconform/fpconform/sig"
)

const secret = "Rather-Unlikely-Text-91"

// whole has every key that there is.
const whole = `gateway: {url: https://test-api.example/base}
merchant:
  check_url: http://127.0.0.1:8080/check?shop=7
  result_url: http://127.0.0.1:8080/result
  request_method: GET
credentials:
  merchant_id: "0500001"
  secret: {env: SHOP_SECRET}
  payout_secret: {file: keys/payout}
  jws_id: 123456
  jws_key: {file: keys/jws}
values: {pg_card_token: 00102, payment_id: "77"}
orders: [{id: A-17, amount: 1.10, currency: KZT}, {id: "018", amount: "20", currency: KGS}]
allow: [reads, creates]
known: [{case: merchant.card.pay/valid/req.accepted, reason: the sandbox has no cards}]
pace: 250ms
timeout: 5s
`

// write makes a folder with the files and returns the path of the first one.
func write(t *testing.T, nameAndText ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i+1 < len(nameAndText); i += 2 {
		path := filepath.Join(dir, filepath.FromSlash(nameAndText[i]))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(nameAndText[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, nameAndText[0])
}

func env(nameAndValue ...string) func(string) (string, bool) {
	m := map[string]string{}
	for i := 0; i+1 < len(nameAndValue); i += 2 {
		m[nameAndValue[i]] = nameAndValue[i+1]
	}
	return func(name string) (string, bool) { v, ok := m[name]; return v, ok }
}

func load(t *testing.T, src Source) *Config {
	t.Helper()
	c, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// signsLike tells whether a key is the secret, without looking into it.
func signsLike(k sig.Key, secret string) bool {
	m := sig.Message{sig.Leaf("pg_salt", "a")}
	return sig.Sum("x", m, k) == sig.Sum("x", m, sig.NewKey(secret))
}

func TestAFileWithEveryKeyArrivesAsWritten(t *testing.T) {
	path := write(t, "f.yaml", whole, "keys/payout", "payout-"+secret, "keys/jws", "jws-"+secret)
	c := load(t, Source{File: path, LookupEnv: env("SHOP_SECRET", secret)})
	for _, row := range []struct{ what, got, want string }{
		{"gateway", c.Gateway.String(), "https://test-api.example/base"},
		{"check", c.Check.String(), "http://127.0.0.1:8080/check?shop=7"},
		{"result", c.Result.String(), "http://127.0.0.1:8080/result"},
		{"method", c.RequestMethod, "GET"},
		{"merchant id", c.Credentials.MerchantID, "0500001"},
		{"jws id", c.Credentials.JWSID, "123456"},
		{"values", fmt.Sprint(c.Values), "map[payment_id:77 pg_card_token:00102]"},
		{"orders", fmt.Sprint(c.Orders), "[{A-17 1.10 KZT} {018 20 KGS}]"},
		{"allow", fmt.Sprint(c.Allow), "[reads creates]"},
		{"known", fmt.Sprint(c.Known), "map[merchant.card.pay/valid/req.accepted:the sandbox has no cards]"},
		{"pace", c.Pace.String(), "250ms"},
		{"timeout", c.Timeout.String(), "5s"},
		{"notes", fmt.Sprint(c.Notes), "[]"},
	} {
		if row.got != row.want {
			t.Errorf("%s: got %s, want %s", row.what, row.got, row.want)
		}
	}
	if !signsLike(c.Credentials.SigKeys[""], secret) || !signsLike(c.Credentials.SigKeys["payout"], "payout-"+secret) {
		t.Error("a secret arrived as another one")
	}
	for _, hidden := range []string{secret, "payout-" + secret, "jws-" + secret} {
		if got := c.Mask().Text("a " + hidden + " b"); got != "a [secret] b" {
			t.Errorf("the mask leaves %q", got)
		}
	}
}

func TestFlagsGoBeforeTheEnvironmentAndThatBeforeTheFile(t *testing.T) {
	file := write(t, "f.yaml", `gateway: {url: http://file}
merchant: {check_url: http://file/c, result_url: http://file/r, request_method: GET}
values: {pg_card_token: file, payment_id: file}
orders: [{id: file, amount: "1", currency: KZT}]
allow: [reads]
known: [{case: a/b/c, reason: file}, {case: d/e/f, reason: file}]
pace: 1s
timeout: 1s
`)
	envs := env(EnvTarget, "http://env", EnvCheckURL, "http://env/c", EnvResultURL, "http://env/r", EnvRequestMethod, "XML")
	flags := Flags{
		Target: "http://flag", CheckURL: "http://flag/c", ResultURL: "http://flag/r", RequestMethod: "POST",
		Values: []string{"pg_card_token=flag=1"}, Orders: []string{"fl:ag:2:KZT"}, Allow: []string{"creates"},
		Known: []string{"d/e/f=flag=1"}, Pace: "3s", Timeout: "4s",
	}
	show := func(c *Config) string {
		return fmt.Sprintln(c.Gateway, c.Check, c.Result, c.RequestMethod, c.Values, c.Orders, c.Allow, c.Known, c.Pace, c.Timeout)
	}
	for _, row := range []struct {
		name, want string
		src        Source
	}{
		{"the file alone", "http://file http://file/c http://file/r GET map[payment_id:file pg_card_token:file] [{file 1 KZT}] [reads] map[a/b/c:file d/e/f:file] 1s 1s\n",
			Source{File: file}},
		{"the environment replaces", "http://env http://env/c http://env/r XML map[payment_id:file pg_card_token:file] [{file 1 KZT}] [reads] map[a/b/c:file d/e/f:file] 1s 1s\n",
			Source{File: file, LookupEnv: envs}},
		{"flags replace both", "http://flag http://flag/c http://flag/r POST map[payment_id:file pg_card_token:flag=1] [{fl:ag 2 KZT}] [creates] map[a/b/c:file d/e/f:flag=1] 3s 4s\n",
			Source{File: file, LookupEnv: envs, Flags: flags}},
		{"flags alone", "http://flag http://flag/c http://flag/r POST map[pg_card_token:flag=1] [{fl:ag 2 KZT}] [creates] map[d/e/f:flag=1] 3s 4s\n",
			Source{Flags: flags}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := show(load(t, row.src)); got != row.want {
				t.Errorf("got  %swant %s", got, row.want)
			}
		})
	}
	notes := load(t, Source{File: file, LookupEnv: envs}).Notes
	want := []string{
		"FPCONFORM_TARGET replaces gateway/url of the configuration",
		"FPCONFORM_CHECK_URL replaces merchant/check_url of the configuration",
		"FPCONFORM_RESULT_URL replaces merchant/result_url of the configuration",
		"FPCONFORM_REQUEST_METHOD replaces merchant/request_method of the configuration",
	}
	if !slices.Equal(notes, want) {
		t.Errorf("notes %q, want %q", notes, want)
	}
	same := load(t, Source{File: file, LookupEnv: env(EnvTarget, "http://file")}).Notes
	if len(same) > 0 {
		t.Errorf("a variable that says the same as the file is noted: %q", same)
	}
}

func TestEverySingleValueCanComeWithoutAFile(t *testing.T) {
	c := load(t, Source{LookupEnv: env(EnvTarget, "https://h", EnvCheckURL, "http://h/c", EnvResultURL, "http://h/r", EnvRequestMethod, "XML",
		EnvMerchantID, "1", EnvSecret, secret, EnvPayoutSecret, "p"+secret, EnvJWSID, "2", EnvJWSKey, "j"+secret)})
	for _, op := range mustLoad(t).Operations {
		if missing := c.Credentials.Missing(op); missing != "" {
			t.Errorf("%s has no %s", op.ID, missing)
		}
	}
	if !c.HasGateway() || !c.HasMerchant() || c.RequestMethod != "XML" {
		t.Error("an address or the method did not arrive")
	}
	if len(Variables) != 9 {
		t.Errorf("%d variables, the test above has 9", len(Variables))
	}
}

func mustLoad(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheVariableOfASecretGoesBeforeTheFile(t *testing.T) {
	file := write(t, "f.yaml", "credentials: {secret: {file: nowhere}}\n")
	c := load(t, Source{File: file, LookupEnv: env(EnvSecret, secret)})
	if !signsLike(c.Credentials.SigKeys[""], secret) {
		t.Error("another secret")
	}
	if want := []string{"FPCONFORM_SECRET replaces credentials/secret of the configuration"}; !slices.Equal(c.Notes, want) {
		t.Errorf("notes %q, want %q", c.Notes, want)
	}
	file = write(t, "f.yaml", "credentials: {secret: {env: FPCONFORM_SECRET}}\n")
	if c := load(t, Source{File: file, LookupEnv: env(EnvSecret, secret)}); len(c.Notes) > 0 {
		t.Errorf("a file that names the variable itself is noted: %q", c.Notes)
	}
}

func TestMistakesInTheFileAreErrorsWithTheirLine(t *testing.T) {
	for _, row := range []struct{ name, src, want string }{
		{"an unknown key, with the one that is meant", "gateway:\n  ulr: http://h\n", `:2: unknown key "ulr"; url is meant?`},
		{"an unknown section", "\ntarget: http://h\n", `:2: unknown key "target"`},
		{"a repeated key", "pace: 1s\npace: 2s\n", `:2: key "pace" stands on line 1 already`},
		{"no YAML", "gateway: {url: http://h\n", ": not YAML"},
		{"an empty file", "", ": empty"},
		{"nothing where a value is due", "gateway:\n", ":1: null or nothing"},
		{"an address without a scheme", "gateway: {url: test-api.example}\n", `:1: gateway/url: "test-api.example" is not an address that begins with http:// or https://`},
		{"an address of another scheme", "gateway: {url: 'ftp://h'}\n", `:1: gateway/url: "ftp://h" is not`},
		{"an address without a host", "gateway: {url: 'http:///x'}\n", `:1: gateway/url: "http:///x" is an address without a host`},
		{"an address that is none", "gateway: {url: 'http://[::1'}\n", `:1: gateway/url: "http://[::1" is not an address`},
		{"an empty address", "gateway: {url: ''}\n", ":1: gateway/url: empty"},
		{"a fragment", "merchant: {check_url: 'http://h/c#x'}\n", ":1: merchant/check_url: an address with a fragment"},
		{"a gateway's query", "gateway: {url: 'http://h/?a=b'}\n", ":1: gateway/url: a gateway's address with a query"},
		{"a method that is none", "merchant:\n  request_method: post\n", `:2: merchant/request_method: "post" is none of POST, GET, XML`},
		{"an id with a blank", "credentials: {merchant_id: '50 1'}\n", ":1: credentials/merchant_id: an id with white space"},
		{"a variable that is not set", "credentials:\n  secret: {env: NOT_SET}\n", ":2: credentials/secret: the variable NOT_SET is not set"},
		{"a variable that is empty", "credentials:\n  secret: {env: EMPTY}\n", ":2: credentials/secret: the variable EMPTY is empty"},
		{"a key file that is not there", "credentials:\n  jws_key: {file: nowhere}\n", "nowhere\": no such file or directory"},
		{"a key file that is empty", "credentials:\n  jws_key: {file: empty}\n", "empty\" is empty"},
		{"a key file of a line break alone", "credentials:\n  jws_key: {file: break}\n", "break\" is empty"},
		{"a key file that is a folder", "credentials:\n  jws_key: {file: .}\n", ":2: credentials/jws_key: key file"},
		{"a key file that is too large", "credentials:\n  jws_key: {file: large}\n", "large\" is larger than 65536 bytes"},
		{"both ways to a secret", "credentials:\n  secret: {env: A, file: b}\n", ":2: a secret is either {env: NAME} or {file: PATH}"},
		{"neither way to a secret", "credentials:\n  secret: {}\n", ":2: a secret is either {env: NAME} or {file: PATH}"},
		{"an empty way to a secret", "credentials:\n  secret: {file: ''}\n", ":2: a secret is either {env: NAME} or {file: PATH}"},
		{"a value that no operation takes", "values:\n  pg_card_tokn: x\n", ":2: values/pg_card_tokn: no operation has a request field of this name; what only a target knows is card_token, id, payment_id, pg_card_token"},
		{"an empty value", "values: {pg_card_token: ''}\n", ":1: values/pg_card_token: empty"},
		{"orders of another word", "orders: all\n", ":1: neither any nor a list of orders"},
		{"no order", "orders: []\n", ":1: orders: names no order"},
		{"an order without id", "orders: [{amount: 1, currency: KZT}]\n", ":1: orders/0: an order without an id"},
		{"an order without amount", "orders: [{id: a, currency: KZT}]\n", ":1: orders/0: an order without an amount"},
		{"an order without currency", "orders: [{id: a, amount: 1}]\n", ":1: orders/0: an order without a currency"},
		{"an amount with a comma", "orders: [{id: a, amount: '1,5', currency: KZT}]\n", `:1: orders/0: "1,5" is not an amount`},
		{"an amount of nothing", "orders: [{id: a, amount: '0.00', currency: KZT}]\n", `:1: orders/0: "0.00" is not an amount`},
		{"a negative amount", "orders: [{id: a, amount: -1, currency: KZT}]\n", `:1: orders/0: "-1" is not an amount`},
		{"a currency in small letters", "orders: [{id: a, amount: 1, currency: kzt}]\n", `:1: orders/0: "kzt" is not a currency`},
		{"an order twice", "orders:\n- {id: a, amount: 1, currency: KZT}\n- {id: a, amount: 2, currency: KZT}\n", `:3: orders/1: the order "a" is named twice`},
		{"an unknown effect", "allow: [reads, steals]\n", ":1: catalogue: effect \"steals\" is none of"},
		{"an effect twice", "allow: [reads, reads]\n", ":1: allow/1: reads is named twice"},
		{"no effect", "allow: []\n", ":1: allow: names no effect"},
		{"a known case without reason", "known: [{case: a/b/c}]\n", ":1: known/0: \"a/b/c\" without a reason"},
		{"a reason without case", "known: [{reason: x}]\n", ":1: known/0: an entry without a case"},
		{"a known case twice", "known:\n- {case: a/b/c, reason: x}\n- {case: a/b/c, reason: y}\n", ":3: known/1: \"a/b/c\" is named twice"},
		{"a duration without unit", "pace: 2\n", ":1: not a duration such as 15s"},
		{"a negative duration", "pace: -2s\n", ":1: pace: less than nothing"},
		{"a duration over a day", "pace: 2000h\n", ":1: pace: longer than a day"},
		{"no time for an exchange", "timeout: 0s\n", ":1: timeout: no time at all"},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := write(t, "f.yaml", row.src, "empty", "", "break", "\r\n", "large", strings.Repeat("x", MaxSecret+1))
			_, err := Load(Source{File: file, LookupEnv: env("EMPTY", "")})
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.HasPrefix(err.Error(), "config: "+file) || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got  %v\nwant %s", err, row.want)
			}
			var at *yamlfile.Error
			if !errors.As(err, &at) || at.File != file {
				t.Errorf("%T does not say where it is", err)
			}
		})
	}
}

func TestMistakesInFlagsAndVariablesNameThem(t *testing.T) {
	for _, row := range []struct {
		name string
		src  Source
		want string
	}{
		{"an address", Source{Flags: Flags{Target: "h:1"}}, `config: --target: "h:1" is not an address that begins with`},
		{"an address in the environment", Source{LookupEnv: env(EnvCheckURL, "h")}, `config: FPCONFORM_CHECK_URL: "h" is not an address`},
		{"a method", Source{Flags: Flags{RequestMethod: "PUT"}}, `config: --request-method: "PUT" is none of POST, GET, XML`},
		{"an effect", Source{Flags: Flags{Allow: []string{"all"}}}, `config: --allow: effect "all" is none of reads,`},
		{"an effect twice", Source{Flags: Flags{Allow: []string{"reads", "reads"}}}, `config: --allow: reads is named twice`},
		{"a duration", Source{Flags: Flags{Pace: "2"}}, `config: --pace: "2" is not a duration such as 15s`},
		{"a negative duration", Source{Flags: Flags{Timeout: "-2s"}}, `config: --timeout: less than nothing`},
		{"no time", Source{Flags: Flags{Timeout: "0"}}, `config: --timeout: no time at all`},
		{"a value without a name", Source{Flags: Flags{Values: []string{"x"}}}, `config: --value: not of the form NAME=VALUE`},
		{"a value of an unknown field", Source{Flags: Flags{Values: []string{"x=y"}}}, `config: --value: no operation has a request field called "x"`},
		{"an empty value", Source{Flags: Flags{Values: []string{"payment_id="}}}, `config: --value: payment_id is empty`},
		{"a value twice", Source{Flags: Flags{Values: []string{"payment_id=1", "payment_id=2"}}}, `config: --value: payment_id is given twice`},
		{"an order", Source{Flags: Flags{Orders: []string{"a:1"}}}, `config: --order: "a:1" is neither any nor ID:AMOUNT:CURRENCY`},
		{"an order's amount", Source{Flags: Flags{Orders: []string{"a:x:KZT"}}}, `config: --order: "a:x:KZT": "x" is not an amount`},
		{"any beside an order", Source{Flags: Flags{Orders: []string{"any", "a:1:KZT"}}}, `config: --order: any stands beside other orders`},
		{"a known case", Source{Flags: Flags{Known: []string{"a/b/c"}}}, `config: --known: "a/b/c" is not of the form CASE=REASON`},
		{"a known case twice", Source{Flags: Flags{Known: []string{"a/b/c=x", "a/b/c=y"}}}, `config: --known: "a/b/c" is named twice`},
		{"a file that is not there", Source{File: "/nowhere/f.yaml"}, `config: "/nowhere/f.yaml": no such file or directory`},
		{"a folder instead of a file", Source{File: "."}, `config: ".": is a directory`},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := Load(row.src); err == nil || !strings.HasPrefix(err.Error(), row.want) {
				t.Errorf("got  %v\nwant %s", err, row.want)
			}
		})
	}
	// A deployment that lost a variable must not judge something else, or sign with nothing.
	for _, variable := range Variables {
		_, err := Load(Source{LookupEnv: env(variable, "")})
		if want := "config: " + variable + " is set and empty: unset it, or give it a value"; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestAllMistakesAreSaidAtOnce(t *testing.T) {
	file := write(t, "f.yaml", "gateway: {url: x}\npace: -1s\n")
	_, err := Load(Source{File: file, Flags: Flags{Allow: []string{"all"}}})
	for _, want := range []string{"gateway/url", "pace", "--allow"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
	_, err = Load(Source{File: filepath.Join(t.TempDir(), "nowhere")})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}

func TestNoErrorHoldsASecret(t *testing.T) {
	for _, row := range []struct{ name, src string }{
		{"in plain text", "credentials: {secret: " + secret + "}\n"},
		{"in plain text, quoted", "credentials: {secret: \"" + secret + "\"}\n"},
		{"as a number", "credentials: {secret: 9191919191919191}\n"},
		{"as the name of a variable", "credentials: {secret: {env: " + secret + "}}\n"},
		{"as a list", "credentials: {secret: [" + secret + "]}\n"},
		{"as a key", "credentials: {secret: {" + secret + "}}\n"},
		{"under another key", "credentials: {secret: {text: " + secret + "}}\n"},
		{"in the wrong place", "credentials: {merchant_id: 1 " + secret + "}\n"},
		{"after a star", "credentials: {secret: *" + secret + "}\n"},
		{"in an address", "gateway: {url: 'http://me:" + secret + "@h'}\n"},
		{"in an address without a scheme", "gateway: {url: 'me:" + secret + "@h'}\n"},
		{"in an address that is none", "gateway: {url: 'http://me:" + secret + "@h:port'}\n"},
		{"in a query", "gateway: {url: 'http://h/?token=" + secret + "'}\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := Load(Source{File: write(t, "f.yaml", row.src)})
			if err == nil {
				t.Fatal("no error")
			}
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, err)} {
				if strings.Contains(text, secret) || strings.Contains(text, "9191919191") {
					t.Errorf("%s holds it", text)
				}
			}
		})
	}
	_, err := Load(Source{File: write(t, "f.yaml", "credentials: {secret: "+secret+"}\n")})
	if want := ":1: a secret does not stand in the file: write {env: NAME} or {file: PATH}"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAConfigShowsNoSecretUnderAnyVerb(t *testing.T) {
	file := write(t, "f.yaml", whole, "keys/payout", "payout-"+secret, "keys/jws", "jws-"+secret)
	c := load(t, Source{File: file, LookupEnv: env("SHOP_SECRET", secret)})
	type holder struct {
		Shown  *Config
		hidden *Config
		E      engine.Options
	}
	h := holder{c, c, c.Options(catalogue.RoleGateway)}
	for _, v := range []any{c, *c, h, &h, []*Config{c}, map[string]*Config{"c": c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s of a %T: %.200s", verb, v, text)
			}
		}
	}
	if b, err := json.Marshal(c); err != nil || string(b) != `"config.Config(redacted)"` {
		t.Errorf("%s, %v", b, err)
	}
}

func TestKeyFilesLoseOneLineBreakAndSaySo(t *testing.T) {
	for _, row := range []struct{ name, content, key, note string }{
		{"none", secret, secret, ""},
		{"one", secret + "\n", secret, "ends in a line break, which is not part of the key"},
		{"one as on Windows", secret + "\r\n", secret, "ends in a line break, which is not part of the key"},
		{"two, of which the first stays", secret + "\n\n", secret + "\n", "has white space at an end of the key, which is used as it is"},
		{"a blank stays", secret + " ", secret + " ", "has white space at an end of the key, which is used as it is"},
		{"a carriage return alone stays", secret + "\r", secret + "\r", "has white space at an end"},
		{"quotes stay", `"` + secret + `"`, `"` + secret + `"`, "has quotes around the key, which are used as part of it"},
		{"a byte order mark stays", "\ufeff" + secret, "\ufeff" + secret, "begins with a byte order mark"},
		{"a short one is used", "abc", "abc", "has a key of less than 4 bytes, which no report can hide"},
		{"bytes that are no text", "\xff\x00\xfe\x01", "\xff\x00\xfe\x01", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, notes, err := ReadSecret(write(t, "key", row.content))
			if err != nil || got != row.key {
				t.Fatalf("got %q, %v, want %q", got, err, row.key)
			}
			all := strings.Join(notes, "\n")
			if row.note == "" && all != "" || !strings.Contains(all, row.note) {
				t.Errorf("notes %q, want %q", notes, row.note)
			}
			if strings.Contains(all, row.key) {
				t.Errorf("notes %q hold the key", notes)
			}
		})
	}
}

func TestOptionsBelongToTheirRole(t *testing.T) {
	file := write(t, "f.yaml", whole, "keys/payout", "payout-"+secret, "keys/jws", "jws-"+secret)
	c := load(t, Source{File: file, LookupEnv: env("SHOP_SECRET", secret)})
	g, m := c.Options(catalogue.RoleGateway), c.Options(catalogue.RoleMerchant)
	if g.Target.Base == nil || len(g.Target.Callbacks) > 0 {
		t.Error("the gateway's target has no base, or has callbacks")
	}
	if m.Target.Base != nil || len(m.Target.Callbacks) != 2 {
		t.Errorf("the merchant's target has a base, or not both callbacks: %v", m.Target.Callbacks)
	}
	for _, o := range []engine.Options{g, m} {
		if o.Timeout != 5*time.Second || o.Target.Pace != 250*time.Millisecond || len(o.Target.Orders) != 2 {
			t.Errorf("%s: something is lost: %+v", o.Role, o.Target)
		}
		if _, err := engine.Prepare(o); err != nil {
			t.Errorf("%s: %v", o.Role, err)
		}
	}
	g.Target.Values["pg_card_token"] = "changed"
	if c.Values["pg_card_token"] != "00102" {
		t.Error("options share their values with the configuration")
	}
	one := load(t, Source{Flags: Flags{ResultURL: "http://h/r"}})
	if o := one.Options(catalogue.RoleMerchant); len(o.Target.Callbacks) != 1 || !one.HasMerchant() || one.HasGateway() {
		t.Errorf("a merchant with one address: %v", o.Target.Callbacks)
	}
}

func TestNoPauseAtAllIsNotTheDefaultPause(t *testing.T) {
	for _, src := range []Source{{Flags: Flags{Pace: "0"}}, {File: write(t, "f.yaml", "pace: 0s\n")}} {
		if c := load(t, src); c.Pace <= 0 || c.Pace > time.Microsecond {
			t.Errorf("pace %v", c.Pace)
		}
	}
}

func TestAKnownCaseBelongsToOneRole(t *testing.T) {
	c := load(t, Source{Flags: Flags{Known: []string{"callback.check/a/b=x", "merchant.card.pay/a/b=x", "nothing/a/b=x"}}})
	both := []engine.Options{c.Options(catalogue.RoleGateway), c.Options(catalogue.RoleMerchant)}
	if err := engine.SplitKnown(both); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(both[0].Known, both[1].Known); got != "map[merchant.card.pay/a/b:x nothing/a/b:x] map[callback.check/a/b:x]" {
		t.Error(got)
	}
	// One of a role that is not judged stays, so that it can be found to name no case.
	alone := []engine.Options{c.Options(catalogue.RoleMerchant)}
	if err := engine.SplitKnown(alone); err != nil {
		t.Fatal(err)
	}
	if len(alone[0].Known) != 3 {
		t.Error(alone[0].Known)
	}
}

func TestLoopbackAndAnyOrder(t *testing.T) {
	c := load(t, Source{File: write(t, "f.yaml", "orders: any\n")})
	if !c.AnyOrder || c.Orders != nil {
		t.Error("orders: any did not arrive")
	}
	c = load(t, Source{Flags: Flags{Orders: []string{"any"}}})
	if o := c.Options(catalogue.RoleMerchant); !o.Target.AnyOrder {
		t.Error("--order any did not arrive")
	}
	var none wire.Credentials
	if len(c.Credentials.SigKeys) != 0 || c.Credentials.JWSKey != none.JWSKey {
		t.Error("there are credentials that nobody gave")
	}
}
