package wire_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// received carries a built request to a server as bytes, and reads it there.
func received(t testing.TB, r *wire.Request) *wire.Request {
	t.Helper()
	in := httptest.NewRequest(r.Method, r.URL.RequestURI(), bytes.NewReader(r.Body))
	in.Header = r.Header.Clone()
	out, err := wire.Receive(in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// control is a right request of an operation by these readings.
func control(t testing.TB, target *wire.Target, op *catalogue.Operation, readings map[string]string) *wire.Draft {
	t.Helper()
	s := &check.Scope{Catalogue: load(t), Operation: op, Credentials: &target.Credentials, Readings: readings, Seed: "1"}
	given := check.Given{Values: map[string]string{}, RequestID: "01978cb8-60f4-7b04-8b8d-8075a11d56a3"}
	if op.Role() == catalogue.RoleMerchant {
		given = check.Callback(s, wire.Order{ID: "A-17", Amount: "100.00", Currency: "KZT"}, "1234567890", "2026-01-02 03:04:05")
	}
	for _, f := range op.Request.Fields {
		if f.From != "" {
			given.Values[f.Name] = "1234567890"
		}
	}
	d := check.Control(s, given)
	d.ID = op.ID + "/valid"
	if op.Auth == catalogue.AuthSig {
		// What tells the readings of the signature apart.
		d.Fields = append(d.Fields, sig.Leaf("shop_ref1", "one"), sig.Leaf("shop_ref10", "ten"), sig.Leaf("shop_note", ""),
			sig.Branch("shop_meta", sig.Leaf("node", "семь + 7 %2B & <x>"), sig.Leaf(sig.FieldSig, "nested")))
	}
	return d
}

// combinations are all the readings by which an operation can be sent.
func combinations(d *wire.Draft) []map[string]string {
	return append(wire.Combinations(d, nil), map[string]string{})
}

// sameReadings tells whether two sets of readings mean the same for a draft: what is not named is the
// first.
func sameReadings(d *wire.Draft, a, b map[string]string) bool {
	for _, c := range wire.SendTopics(d) {
		x, y := a[c.Topic], b[c.Topic]
		if x == "" {
			x = c.Readings[0]
		}
		if y == "" {
			y = c.Readings[0]
		}
		if x != y {
			return false
		}
	}
	return true
}

// Every operation by every reading and every transport arrives as it was meant, is right by the readings
// it was sent by, and wrong by those that sign otherwise.
func TestARequestArrivesAsItWasMeantAndIsJudgedByItsReadings(t *testing.T) {
	tried, refused := 0, 0
	for _, op := range load(t).Operations {
		if !op.Sendable() {
			continue
		}
		target := at("http://peer.test:8080/base/path")
		first := control(t, target, op, nil)
		transports := []wire.Transport{""}
		if op.Auth == catalogue.AuthSig {
			transports = append(transports, wire.Multipart, wire.URLEncoded, wire.Query, wire.PGXML)
		}
		all := combinations(first)
		for _, transport := range transports {
			for i, readings := range all {
				d := control(t, target, op, readings)
				d.Transport = transport
				maps.Copy(d.Readings, readings)
				r, err := wire.Build(target, d, nil)
				if err != nil {
					t.Fatalf("%s %s %v: %v", op.ID, transport, readings, err)
				}
				got := received(t, r)
				name := fmt.Sprintf("%s %s %v", op.ID, transport, readings)
				if got.Bad != nil {
					t.Fatalf("%s: %v", name, got.Bad)
				}
				if got.Transport != r.Transport || got.Script != r.Script && op.Auth == catalogue.AuthSig {
					t.Errorf("%s: arrives by %s for %q, was sent by %s for %q", name, got.Transport, got.Script, r.Transport, r.Script)
				}
				if transport != "" && r.Transport != transport {
					t.Errorf("%s: sent by %s", name, r.Transport)
				}
				if diff := cmp.Diff(r.Fields, got.Fields); diff != "" {
					t.Errorf("%s: the fields arrive otherwise:\n%s", name, diff)
				}
				tried++
				if err := wire.JudgeBy(op, got, &target.Credentials, d.Readings); err != nil {
					t.Errorf("%s: judged by its own readings: %v", name, err)
				}
				// By the readings of a few others, where those sign otherwise.
				for j := 1; j <= 7; j++ {
					other := all[(i+j*5)%len(all)]
					if sameReadings(first, readings, other) || !signsOtherwise(first, readings, other) {
						continue
					}
					refused++
					if wire.JudgeBy(op, got, &target.Credentials, other) == nil {
						t.Errorf("%s: taken by a judge who lives by %v", name, other)
					}
				}
				// Whoever has another key refuses it.
				stranger := credentials()
				stranger.SigKeys, stranger.JWSKey = map[string]sig.Key{"": sig.NewKey("another")}, jws.NewKey([]byte("another"))
				if err := wire.JudgeBy(op, got, &stranger, d.Readings); err == nil && (op.Auth != catalogue.AuthNone && op.Auth != catalogue.AuthUnknown || readings[wire.TopicPartnerGetAuth] == "jws") {
					t.Errorf("%s: taken by a judge with another key", name)
				}
			}
		}
	}
	if tried < 300 || refused < 300 {
		t.Errorf("%d requests and %d judges by other readings, want hundreds", tried, refused)
	}
}

// signsOtherwise tells whether two sets of readings differ in what is signed, and not only in address or
// transport.
func signsOtherwise(d *wire.Draft, a, b map[string]string) bool {
	only := func(m map[string]string) map[string]string {
		out := map[string]string{}
		for _, topic := range []string{wire.TopicOrder, wire.TopicEmpty, wire.TopicJWSTarget, wire.TopicJWSIdentity} {
			if v := m[topic]; v != "" {
				out[topic] = v
			}
		}
		return out
	}
	if b[wire.TopicPartnerGetAuth] == "jws" && a[wire.TopicPartnerGetAuth] != "jws" {
		return true
	}
	return !sameReadings(d, only(a), only(b))
}

// The same draft, salt and readings give the same bytes.
func TestBuildingTwiceGivesTheSameBytes(t *testing.T) {
	target := at("http://peer.test")
	for _, op := range load(t).Operations {
		if !op.Sendable() {
			continue
		}
		build := func() *wire.Request {
			r, err := wire.Build(target, control(t, target, op, nil), func() string { return "salt1234" })
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		a, b := build(), build()
		if a.URL.String() != b.URL.String() || !bytes.Equal(a.Body, b.Body) || !cmp.Equal(a.Header, b.Header) {
			t.Errorf("%s: two builds differ", op.ID)
		}
	}
}

// A draft may be built again and again; building leaves it alone.
func TestBuildingLeavesTheDraftAlone(t *testing.T) {
	target := at("http://peer.test")
	for _, op := range load(t).Operations {
		if !op.Sendable() {
			continue
		}
		for _, readings := range combinations(control(t, target, op, nil)) {
			d := control(t, target, op, readings)
			fields, header := fmt.Sprint(d.Fields), fmt.Sprint(d.Header)
			if _, err := wire.Build(target, d, nil); err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(d.Fields) != fields || fmt.Sprint(d.Header) != header {
				t.Errorf("%s %v: the draft was changed", op.ID, readings)
			}
		}
	}
}

func TestBracketNamesArriveAsBranches(t *testing.T) {
	target := at("http://peer.test")
	op := operation(t, "merchant.purchase.create")
	d := control(t, target, op, nil)
	d.Fields = append(d.Fields, sig.Branch("pg_receipt_positions",
		sig.Branch("0", sig.Leaf("name", "a b+c"), sig.Leaf("count", "1")),
		sig.Branch("1", sig.Leaf("name", "é"), sig.Leaf("count", "2"))))
	for _, transport := range []wire.Transport{wire.URLEncoded, wire.Multipart, wire.Query} {
		d.Transport = transport
		r, err := wire.Build(target, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		text := string(r.Body) + r.URL.RawQuery
		if !strings.Contains(text, "pg_receipt_positions[0][name]") && !strings.Contains(text, "pg_receipt_positions%5B0%5D%5Bname%5D") {
			t.Errorf("%s: no bracket names in %s", transport, text)
		}
		got := received(t, r)
		if diff := cmp.Diff(r.Fields, got.Fields); diff != "" {
			t.Errorf("%s: %s", transport, diff)
		}
		if err := wire.JudgeBy(op, got, &target.Credentials, nil); err != nil {
			t.Errorf("%s: %v", transport, err)
		}
	}
}

// Where a gateway stands below a path of its own, that path comes first, as it was written, and is part
// of what a JWS names; the script name is still the last segment.
func TestAddresses(t *testing.T) {
	pay, bill := operation(t, "merchant.card.pay"), operation(t, "invoice.merchant.pay")
	for base, want := range map[string]string{
		"http://h.test":                    "http://h.test/v1/merchant/500001/card/pay",
		"http://h.test/":                   "http://h.test/v1/merchant/500001/card/pay",
		"http://h.test:81/gw/":             "http://h.test:81/gw/v1/merchant/500001/card/pay",
		"http://h.test/a%2Fb/%D1%8F?x=1#f": "http://h.test/a%2Fb/%D1%8F/v1/merchant/500001/card/pay",
		"https://h.test/a b":               "https://h.test/a%20b/v1/merchant/500001/card/pay",
		"http://[::1]:9/x":                 "http://[::1]:9/x/v1/merchant/500001/card/pay",
	} {
		target := at("http://peer.test")
		target.Base = mustURL(base)
		r, err := wire.Build(target, control(t, target, pay, nil), nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.URL.String() != want || r.Script != "pay" {
			t.Errorf("%s: %s for %q, want %s for pay", base, r.URL, r.Script, want)
		}
		r, err = wire.Build(target, control(t, target, bill, nil), nil)
		if err != nil {
			t.Fatal(err)
		}
		header, err := jws.Decode(r.Header.Get(jws.HeaderName))
		if err != nil {
			t.Fatal(err)
		}
		if path, _ := header.Get("path"); path != r.URL.EscapedPath() {
			t.Errorf("%s: the token names the path %v, sent to %s", base, path, r.URL)
		}
		if err := wire.JudgeBy(bill, received(t, r), &target.Credentials, nil); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
	// A merchant id that needs escaping stays one segment.
	target := at("http://peer.test")
	target.Credentials.MerchantID = "a/b?c"
	r, err := wire.Build(target, control(t, target, pay, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := "http://peer.test/v1/merchant/a%2Fb%3Fc/card/pay"; r.URL.String() != want {
		t.Errorf("%s, want %s", r.URL, want)
	}
	if target.Base.String() != "http://peer.test" {
		t.Errorf("the target's base is now %s", target.Base)
	}
}

// The query of the merchant's URL stays in the address and stands in the body too, signed; by GET it is
// there once.
func TestTheQueryOfACallbackAddress(t *testing.T) {
	for _, id := range []string{"callback.check", "callback.result"} {
		op := operation(t, id)
		for method, transport := range map[string]wire.Transport{"": wire.Multipart, "POST": wire.Multipart, "GET": wire.Query, "XML": wire.PGXML} {
			target := at("http://shop.test")
			target.RequestMethod = method
			target.Callbacks[id] = mustURL("http://shop.test/index.php/pay%20box/result.php?session=7&cart%5Bid%5D=1&note=a+b%26&empty=#frag")
			r, err := wire.Build(target, control(t, target, op, nil), nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Script != "result.php" {
				t.Errorf("%s by %q: signed for %q", id, method, r.Script)
			}
			got := received(t, r)
			if got.Transport != transport {
				t.Errorf("%s by %q: travels by %s, want %s", id, method, got.Transport, transport)
			}
			for name, want := range map[string]string{"session": "7", "note": "a b&", "empty": ""} {
				if v, n := got.Fields.Get(name); n != 1 || v != want {
					t.Errorf("%s by %q: field %s is %q, %d times, want %q once", id, method, name, v, n, want)
				}
			}
			cart := slices.IndexFunc(got.Fields, func(f sig.Field) bool { return f.Name == "cart" })
			if cart < 0 || len(got.Fields[cart].Children) != 1 {
				t.Errorf("%s by %q: no branch cart", id, method)
			}
			inAddress := strings.Contains(r.URL.RawQuery, "session=7&cart%5Bid%5D=1&note=a+b%26&empty=")
			if method != "GET" && (!inAddress || len(r.URL.RawQuery) != len("session=7&cart%5Bid%5D=1&note=a+b%26&empty=")) {
				t.Errorf("%s by %q: the address has the query %q", id, method, r.URL.RawQuery)
			}
			if method == "GET" && strings.Count(r.URL.RawQuery, "session=7") != 1 {
				t.Errorf("%s by GET: the address has the query %q", id, r.URL.RawQuery)
			}
			if err := wire.JudgeBy(op, got, &target.Credentials, nil); err != nil {
				t.Errorf("%s by %q: %v", id, method, err)
			}
			unsigned := *got
			unsigned.Fields = got.Fields.Without("session")
			if wire.JudgeBy(op, &unsigned, &target.Credentials, nil) == nil {
				t.Errorf("%s by %q: the query's field is not signed", id, method)
			}
		}
	}
}

// What cannot be built is an error, and no panic.
func TestWhatCannotBeBuiltIsAnError(t *testing.T) {
	create, get := operation(t, "merchant.purchase.create"), operation(t, "invoice.partner.info_get")
	for name, make := range map[string]func() (*wire.Target, *wire.Draft){
		"no address": func() (*wire.Target, *wire.Draft) {
			tg := at("http://peer.test")
			d := control(t, tg, create, nil)
			tg.Base = nil
			return tg, d
		},
		"no key": func() (*wire.Target, *wire.Draft) {
			tg := at("http://peer.test")
			d := control(t, tg, create, nil)
			tg.Credentials.SigKeys = nil
			return tg, d
		},
		"a pg_sig already": func() (*wire.Target, *wire.Draft) {
			tg := at("http://peer.test")
			d := control(t, tg, create, nil)
			d.Fields = append(d.Fields, sig.Leaf("pg_sig", "x"))
			return tg, d
		},
		"what XML cannot carry": func() (*wire.Target, *wire.Draft) {
			tg := at("http://peer.test")
			d := control(t, tg, create, nil)
			d.Transport, d.Fields = wire.PGXML, append(d.Fields, sig.Leaf("x", "\x00"))
			return tg, d
		},
		"no such transport": func() (*wire.Target, *wire.Draft) {
			tg := at("http://peer.test")
			d := control(t, tg, create, nil)
			d.Transport = "pigeon"
			return tg, d
		},
		"a token without a key": func() (*wire.Target, *wire.Draft) {
			tg := at("http://peer.test")
			d := control(t, tg, get, nil)
			d.Readings = map[string]string{wire.TopicPartnerGetAuth: "jws"}
			tg.Credentials.JWSID, tg.Credentials.JWSKey = "", jws.Key{}
			return tg, d
		},
		"a query that is none": func() (*wire.Target, *wire.Draft) {
			tg := at("http://peer.test")
			tg.Callbacks["callback.check"] = mustURL("http://shop.test/check?a=%zz")
			return tg, control(t, tg, operation(t, "callback.check"), nil)
		},
	} {
		tg, d := make()
		if _, err := wire.Build(tg, d, nil); err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v shows the secret", name, err)
		}
		x := (&wire.Client{Target: tg}).Do(t.Context(), d)
		if x.Err == nil || x.Response != nil {
			t.Errorf("%s: sent all the same", name)
		}
	}
}

// A server reads what clients send, and says why it cannot.
func TestReceivingWhatIsNoRequest(t *testing.T) {
	for name, r := range map[string]*http.Request{
		"no type":       httptest.NewRequest("POST", "/x", strings.NewReader("a=1")),
		"another type":  typed("text/plain", "a=1"),
		"broken JSON":   typed("application/json", `{"a":`),
		"a JSON list":   typed("application/json", `[]`),
		"no boundary":   typed("multipart/form-data", "x"),
		"cut multipart": typed("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1"),
		"bad escapes":   typed("application/x-www-form-urlencoded", "a=%zz"),
		"broken XML":    typed("application/x-www-form-urlencoded", "pg_xml=%3Crequest%3E"),
		"too long":      typed("application/x-www-form-urlencoded", "a="+strings.Repeat("x", wire.MaxBody)),
		"a bad query":   httptest.NewRequest("GET", "/x?a=%zz", nil),
	} {
		got, err := wire.Receive(r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Bad == nil {
			t.Errorf("%s: read as %v", name, got.Fields)
		}
		if len(got.Body) > wire.MaxBody {
			t.Errorf("%s: %d bytes are kept", name, len(got.Body))
		}
	}
}

func typed(contentType, body string) *http.Request {
	r := httptest.NewRequest("POST", "/x", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

// Each way of authorising that an operation names is there, and its two directions agree.
func TestEveryAuthHasAScheme(t *testing.T) {
	for _, op := range load(t).Operations {
		if _, ok := wire.SchemeNamed(op.Auth); !ok {
			t.Errorf("%s: no scheme is called %q", op.ID, op.Auth)
		}
	}
	if _, ok := wire.SchemeNamed("no such"); ok {
		t.Error("there is a scheme called no such")
	}
	op := *operation(t, "merchant.purchase.create")
	op.Auth = "no such"
	if err := wire.JudgeBy(&op, &wire.Request{}, &wire.Credentials{}, nil); err == nil {
		t.Error("an unknown scheme lets everything in")
	}
}

// The topics that change what is sent are those of the catalogue, with its readings in its order.
func TestTheTopicsAreTheCatalogues(t *testing.T) {
	topics := load(t).Topics()
	seen := map[string]bool{}
	for _, op := range load(t).Operations {
		if !op.Sendable() {
			continue
		}
		for _, c := range wire.SendTopics(control(t, at("http://peer.test"), op, nil)) {
			seen[c.Topic] = true
			clause, ok := topics[c.Topic]
			if !ok {
				t.Errorf("no clause has the topic %s", c.Topic)
				continue
			}
			for i, name := range c.Readings {
				if _, ok := clause.Reading(name); !ok || i == 0 && clause.Readings[0].Name != name {
					t.Errorf("%s: reading %s is not the catalogue's, or not its first", c.Topic, name)
				}
			}
		}
	}
	for _, topic := range []string{wire.TopicAddress, wire.TopicTransports, wire.TopicOrder, wire.TopicEmpty, wire.TopicInvoiceBody, wire.TopicJWSTarget,
		wire.TopicJWSIdentity, wire.TopicPartnerGetAuth, wire.TopicPartnerGetID, wire.TopicCallbackBody} {
		if !seen[topic] {
			t.Errorf("nothing is sent by the topic %s", topic)
		}
	}
}

// Combinations come with the fewest departures first, each once, and never the present one.
func TestCombinationsBeginWithTheFewestDepartures(t *testing.T) {
	op := operation(t, "invoice.merchant.pay")
	d := control(t, at("http://peer.test"), op, nil)
	for _, present := range []map[string]string{nil, {wire.TopicJWSTarget: "uri"}, {wire.TopicInvoiceBody: "json", wire.TopicJWSIdentity: "text"}} {
		all := wire.Combinations(d, present)
		if len(all) != 7 {
			t.Errorf("%d combinations, want 7", len(all))
		}
		seen, last := map[string]bool{}, 0
		for _, m := range all {
			n := 0
			for _, c := range wire.SendTopics(d) {
				now := present[c.Topic]
				if now == "" {
					now = c.Readings[0]
				}
				if m[c.Topic] != now {
					n++
				}
			}
			if n == 0 || n < last || seen[fmt.Sprint(m)] {
				t.Errorf("%v, with %d departures, after one with %d", m, n, last)
			}
			seen[fmt.Sprint(m)], last = true, n
		}
	}
}

// A request has one token: without it, and with two of which one is right, it is not authorised.
func TestARequestHasOneToken(t *testing.T) {
	for _, id := range []string{"invoice.merchant.pay", "invoice.partner.info_post"} {
		op, target := operation(t, id), at("http://peer.test")
		r, err := wire.Build(target, control(t, target, op, nil), nil)
		if err != nil {
			t.Fatal(err)
		}
		token := r.Header.Get(jws.HeaderName)
		for name, tokens := range map[string][]string{"none": nil, "the same twice": {token, token}, "a wrong one behind": {token, "x..y"}, "a wrong one before": {"x..y", token}, "an empty one": {""}} {
			got := received(t, r)
			got.Header = got.Header.Clone()
			got.Header.Del(jws.HeaderName)
			for _, v := range tokens {
				got.Header.Add(jws.HeaderName, v)
			}
			err := wire.JudgeBy(op, got, &target.Credentials, nil)
			if err == nil || len(tokens) == 0 && err != wire.ErrNoToken || len(tokens) == 2 && err != wire.ErrManyTokens {
				t.Errorf("%s, %s: %v", id, name, err)
			}
		}
	}
}
