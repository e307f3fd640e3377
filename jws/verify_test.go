package jws_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/jws"
)

const (
	goodHeader = `{"uri":"/v5/g2g/read","auth_id":"123456","method":"POST","params":"","alg":"HS256"}`
	goodBody   = `{"id":"b4c5c7de-99f2-4c1d-b61d-7a8e9df22f7b"}`
	goodSecret = "correct horse battery staple"
)

var (
	partner     = jws.Profile{Alg: jws.HS256, Target: "uri", Identity: "auth_id"}
	goodRequest = jws.Request{Method: "POST", Path: "/v5/g2g/read", Identity: "123456", Body: []byte(goodBody)}
	goodKey     = jws.NewKey([]byte(goodSecret))
)

// assemble signs header with the right key, so that nothing but the header can be why a token
// is refused.
func assemble(t testing.TB, a jws.Alg, header string) string {
	t.Helper()
	token, err := jws.Assemble(a, []byte(header), []byte(goodBody), goodKey)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// encodedBy signs with another encoding than base64url; the HMAC is right over what it gives.
func encodedBy(e *base64.Encoding, header, body string) string {
	input := e.EncodeToString([]byte(header)) + "." + e.EncodeToString([]byte(body))
	mac := hmac.New(sha256.New, []byte(goodSecret))
	mac.Write([]byte(input))
	h, _, _ := strings.Cut(input, ".")
	return h + ".." + e.EncodeToString(mac.Sum(nil))
}

type refusal struct {
	name, token string
	want        error
}

func refusals(t testing.TB) []refusal {
	good := assemble(t, jws.HS256, goodHeader)
	header, signature, _ := strings.Cut(good, "..")
	with := func(member string) string {
		return assemble(t, jws.HS256, strings.Replace(goodHeader, "{", "{"+member+",", 1))
	}
	// Text in which, wherever it stands, a 6-bit group is one of the two that the alphabets differ in.
	odd := strings.Replace(goodHeader, "{", `{"typ":"~~~???>>>",`, 1)
	if !strings.ContainsAny(base64.RawStdEncoding.EncodeToString([]byte(odd)), "+/") {
		t.Fatal("the header is the same in both alphabets")
	}
	unencoded := strings.Replace(goodHeader, "{", `{"b64":false,`, 1)
	raw := hmac.New(sha256.New, []byte(goodSecret))
	h := base64.RawURLEncoding.EncodeToString([]byte(unencoded))
	raw.Write([]byte(h + "." + goodBody))
	notEncoded := h + ".." + base64.RawURLEncoding.EncodeToString(raw.Sum(nil))

	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	stray := func(s string) string { // the same bytes, another spelling
		return s[:len(s)-1] + string(alphabet[strings.IndexByte(alphabet, s[len(s)-1])|1])
	}
	// 43 characters for 32 bytes leave two bits over; a header of 3n+1 or 3n+2 bytes some too.
	if len(goodHeader)%3 == 0 {
		t.Fatal("no bits are left over in the header")
	}

	return []refusal{
		{"no token", "", jws.ErrUnsigned},
		{"a line break at the end", good + "\n", jws.ErrSpace},
		{"a blank before it", " " + good, jws.ErrSpace},
		{"a line break inside, as a mail program makes", good[:40] + "\r\n" + good[40:], jws.ErrSpace},
		{"a no-break space inside", good[:40] + "\u00a0" + good[40:], jws.ErrSpace},
		{"a blank for the payload", header + ". ." + signature, jws.ErrSpace},
		{"one dot only", header + "." + signature, jws.ErrParts},
		{"no dot", header + signature, jws.ErrParts},
		{"a fourth part", good + ".", jws.ErrParts},
		{"a fifth part, as in a JWE", header + "...." + signature, jws.ErrParts},
		{"JSON serialisation", `{"protected":"` + header + `","signature":"` + signature + `"}`, jws.ErrParts},
		{"the payload left in, rightly signed", header + "." + base64.RawURLEncoding.EncodeToString([]byte(goodBody)) + "." + signature, jws.ErrNotDetached},
		{"a payload of 1 MiB left in", header + "." + strings.Repeat("A", 1<<20) + "." + signature, jws.ErrNotDetached},
		{"a header of 8 KiB", assemble(t, jws.HS256, strings.Replace(goodHeader, "{", "{"+strings.Repeat(" ", 8<<10), 1)), jws.ErrTooLong},
		{"the standard alphabet in the header, rightly signed", encodedBy(base64.RawStdEncoding, odd, goodBody), jws.ErrAlphabet},
		{"the standard alphabet in the signature", header + "../" + signature[1:], jws.ErrAlphabet},
		{"a percent-encoded character", header + "..%2D" + signature[1:], jws.ErrAlphabet},
		{"padding in the middle", header + ".." + signature[:8] + "==" + signature[8:], jws.ErrAlphabet},
		{"a byte order mark before it", "\ufeff" + good, jws.ErrAlphabet},
		{"NUL", header + "..\x00" + signature[1:], jws.ErrAlphabet},
		{"bytes that are not UTF-8", header + "..\xff" + signature[1:], jws.ErrAlphabet},
		{"a number of characters that no bytes give", header + ".." + signature + "AA", jws.ErrAlphabet},
		{"padding, rightly signed", encodedBy(base64.URLEncoding, goodHeader, goodBody), jws.ErrPadding},
		{"padding of the signature only", good + "=", jws.ErrPadding},
		{"stray bits in the signature", header + ".." + stray(signature), jws.ErrStrayBits},
		{"stray bits in the header", stray(header) + ".." + signature, jws.ErrStrayBits},
		{"no header", ".." + signature, jws.ErrHeader},
		{"a header that is an array", assemble(t, jws.HS256, `["HS256"]`), jws.ErrHeader},
		{"a header that is null", assemble(t, jws.HS256, `null`), jws.ErrHeader},
		{"a header that is text", assemble(t, jws.HS256, `"HS256"`), jws.ErrHeader},
		{"a header that is no JSON", assemble(t, jws.HS256, `alg=HS256`), jws.ErrHeader},
		{"a header without its end", assemble(t, jws.HS256, strings.TrimSuffix(goodHeader, "}")), jws.ErrHeader},
		{"a comma missing, as one page prints", assemble(t, jws.HS256, strings.Replace(goodHeader, `"",`, `"" `, 1)), jws.ErrHeader},
		{"a comma too many", assemble(t, jws.HS256, strings.Replace(goodHeader, "}", ",}", 1)), jws.ErrHeader},
		{"a comment", assemble(t, jws.HS256, "/**/"+goodHeader), jws.ErrHeader},
		{"a byte order mark before the header", assemble(t, jws.HS256, "\ufeff"+goodHeader), jws.ErrHeader},
		{"a header in another encoding than UTF-8", with("\"typ\":\"\xd1\""), jws.ErrHeader},
		{"5,000 open brackets", assemble(t, jws.HS256, strings.Repeat("[", 5000)), jws.ErrHeader},
		{"a second object after the header", assemble(t, jws.HS256, goodHeader+"{}"), jws.ErrTrailing},
		{"a brace too many", assemble(t, jws.HS256, goodHeader+"}"), jws.ErrTrailing},
		{"NUL after the header", assemble(t, jws.HS256, goodHeader+"\x00"), jws.ErrTrailing},
		{"alg twice, the same", with(`"alg":"HS256"`), jws.ErrDuplicate},
		{"alg twice, one of them none", with(`"alg":"none"`), jws.ErrDuplicate},
		{"alg twice, one of them escaped", with(`"\u0061lg":"none"`), jws.ErrDuplicate},
		{"an extra member twice", with(`"typ":"JWT","typ":"JOSE"`), jws.ErrDuplicate},
		{"a name twice inside an extra member", with(`"x":[{"a":1,"a":2}]`), jws.ErrDuplicate},
		{"b64 false without crit, body signed unencoded", notEncoded, jws.ErrUnencoded},
		{"b64 false, body signed encoded", with(`"b64":false`), jws.ErrUnencoded},
		{"b64 false with crit", with(`"b64":false,"crit":["b64"]`), jws.ErrUnencoded},
		{"b64 true, which no page has", with(`"b64":true,"crit":["b64"]`), jws.ErrUnencoded},
		{"crit with a name", with(`"crit":["exp"],"exp":1`), jws.ErrCritical},
		{"crit without names", with(`"crit":[]`), jws.ErrCritical},
		{"alg none without a signature", assemble(t, jws.None, strings.Replace(goodHeader, "HS256", "none", 1)), jws.ErrAlg},
		{"alg none with the right HMAC", assemble(t, jws.HS256, strings.Replace(goodHeader, "HS256", "none", 1)), jws.ErrAlg},
		{"alg RS256 with the right HMAC", assemble(t, jws.HS256, strings.Replace(goodHeader, "HS256", "RS256", 1)), jws.ErrAlg},
		{"alg HS384, rightly signed", assemble(t, jws.HS384, strings.Replace(goodHeader, "HS256", "HS384", 1)), jws.ErrAlg},
		{"alg HS512, rightly signed", assemble(t, jws.HS512, strings.Replace(goodHeader, "HS256", "HS512", 1)), jws.ErrAlg},
		{"alg in lower case", assemble(t, jws.HS256, strings.Replace(goodHeader, "HS256", "hs256", 1)), jws.ErrAlg},
		{"alg missing", assemble(t, jws.HS256, strings.Replace(goodHeader, `,"alg":"HS256"`, "", 1)), jws.ErrAlg},
		{"alg under another case", assemble(t, jws.HS256, strings.Replace(goodHeader, `"alg"`, `"Alg"`, 1)), jws.ErrAlg},
		{"alg null", assemble(t, jws.HS256, strings.Replace(goodHeader, `"HS256"`, `null`, 1)), jws.ErrAlg},
		{"alg a list", assemble(t, jws.HS256, strings.Replace(goodHeader, `"HS256"`, `["HS256"]`, 1)), jws.ErrAlg},
		{"an empty object", assemble(t, jws.HS256, `{}`), jws.ErrAlg},
		{"a kid that is a number", with(`"kid":1`), jws.ErrRegistered},
		{"a number beyond every range", with(`"x":1e999`), jws.ErrRegistered},
		{"another key", mustSign(t, partner, goodRequest, "another key"), jws.ErrMismatch},
		{"the key with a line break", mustSign(t, partner, goodRequest, goodSecret+"\n"), jws.ErrMismatch},
		{"an empty signature", header + "..", jws.ErrMismatch},
		{"16 bytes of the signature", header + ".." + canonical(signature[:22]), jws.ErrMismatch},
		{"a byte after the signature", header + ".." + signature + "A", jws.ErrMismatch},
		{"HS256's name over an HS512 signature", assemble(t, jws.HS512, goodHeader), jws.ErrMismatch},
		{"hexadecimal for base64url", header + ".." + hexOf(t, signature), jws.ErrMismatch},
		{"HMAC over the header alone", assembleOver(t, goodHeader, ""), jws.ErrMismatch},
		{"HMAC over another header's bytes", base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(goodHeader, `{`, `{ `, 1))) + ".." + signature, jws.ErrMismatch},
	}
}

// canonical clears the bits that do not belong to a byte.
func canonical(s string) string {
	b, _ := base64.RawURLEncoding.DecodeString(s)
	return base64.RawURLEncoding.EncodeToString(b)
}

func hexOf(t testing.TB, s string) string {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", b)
}

func assembleOver(t testing.TB, header, body string) string {
	t.Helper()
	token, err := jws.Assemble(jws.HS256, []byte(header), []byte(body), goodKey)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func mustSign(t testing.TB, p jws.Profile, r jws.Request, secret string) string {
	t.Helper()
	token, err := p.Sign(r, jws.NewKey([]byte(secret)))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// tokenErrors are the errors that a token may be refused for.
var tokenErrors = []error{
	jws.ErrUnsigned, jws.ErrSpace, jws.ErrParts, jws.ErrTooLong, jws.ErrNotDetached, jws.ErrAlphabet, jws.ErrPadding,
	jws.ErrStrayBits, jws.ErrHeader, jws.ErrTrailing, jws.ErrDuplicate, jws.ErrUnencoded, jws.ErrCritical, jws.ErrAlg,
	jws.ErrRegistered, jws.ErrMismatch,
}

func TestVerifyRefuses(t *testing.T) {
	_, right, _ := strings.Cut(mustSign(t, partner, goodRequest, goodSecret), "..")
	seen := map[error]bool{}
	for _, c := range refusals(t) {
		t.Run(c.name, func(t *testing.T) {
			seen[c.want] = true
			h, err := partner.Verify(c.token, goodRequest, goodKey)
			for _, e := range tokenErrors {
				if got, want := errors.Is(err, e), e == c.want; got != want {
					t.Errorf("got %v; is %q: %v, want %v", err, e, got, want)
				}
			}
			if h != nil {
				t.Errorf("a header was reported as verified: %v", h)
			}
			if err == nil {
				return
			}
			text := err.Error()
			if !strings.HasPrefix(text, "jws: ") || len(text) > 256 {
				t.Errorf("got %q, want a short text that begins with the package", text)
			}
			if strings.Contains(text, goodSecret) || strings.Contains(text, right) {
				t.Errorf("%q gives away the secret or the right signature", text)
			}
			// What needs no key, Decode refuses the same way; the rest it reads.
			_, err = jws.Decode(c.token)
			switch c.want {
			case jws.ErrAlg, jws.ErrRegistered, jws.ErrMismatch:
				if err != nil {
					t.Errorf("Decode: got %v, want the header", err)
				}
			default:
				if !errors.Is(err, c.want) {
					t.Errorf("Decode: got %v, want %v", err, c.want)
				}
			}
		})
	}
	for _, e := range tokenErrors {
		if !seen[e] {
			t.Errorf("no case is refused with %q", e)
		}
	}
}

func TestVerifyAccepts(t *testing.T) {
	for _, c := range []struct{ name, header string }{
		{"the members in the order of the published tokens", goodHeader},
		{"alg first, as one published token has it", `{"alg":"HS256","auth_id":"123456","uri":"/v5/g2g/read","method":"POST","params":""}`},
		{"alphabetical order, as go-jose writes", `{"alg":"HS256","auth_id":"123456","method":"POST","params":"","uri":"/v5/g2g/read"}`},
		{"an extra typ, as PyJWT writes", `{"typ":"JWT","uri":"/v5/g2g/read","auth_id":"123456","method":"POST","params":"","alg":"HS256"}`},
		{"other extra members of any type", `{"kid":"1","x":[{"y":null}],"z":true,"n":-1.50e+2,"path":"/elsewhere","merchant_id":1,"uri":"/v5/g2g/read","auth_id":"123456","method":"POST","params":"","alg":"HS256"}`},
		{"white space inside the header", "{\r\n\t\"uri\" : \"/v5/g2g/read\", \"auth_id\": \"123456\", \"method\": \"POST\", \"params\": \"\", \"alg\": \"HS256\" }"},
		{"a line break after the header", goodHeader + "\n"},
		{"escaped slashes, as PHP writes", strings.ReplaceAll(goodHeader, "/", `\/`)},
		{"escaped letters", strings.Replace(goodHeader, "POST", `\u0050OST`, 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := partner.Verify(assemble(t, jws.HS256, c.header), goodRequest, goodKey)
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]string{"uri": "/v5/g2g/read", "auth_id": "123456", "method": "POST", "params": "", "alg": "HS256"} {
				if got, ok := h.Get(name); !ok || got != want {
					t.Errorf("%s: got %v, %v, want %q", name, got, ok, want)
				}
			}
		})
	}
}

func TestVerifyTakesAnyBytesForABody(t *testing.T) {
	for name, body := range map[string][]byte{
		"none": nil, "empty": {}, "one byte": {0}, "not UTF-8": {0xff, 0xfe, 0x00}, "1 MiB": bytes.Repeat([]byte("ab\n"), 1<<20/3),
		"multipart": []byte("--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1\r\n--b--\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			r := goodRequest
			r.Body = body
			token := mustSign(t, partner, r, goodSecret)
			if _, err := partner.Verify(token, r, goodKey); err != nil {
				t.Error(err)
			}
			r.Body = append(slices.Clone(body), '\n')
			if _, err := partner.Verify(token, r, goodKey); !errors.Is(err, jws.ErrMismatch) {
				t.Errorf("with a line break more: got %v, want %v", err, jws.ErrMismatch)
			}
		})
	}
	r := goodRequest
	r.Body = nil
	token := mustSign(t, partner, r, goodSecret)
	r.Body = []byte{}
	if _, err := partner.Verify(token, r, goodKey); err != nil {
		t.Errorf("nil and empty are the same body: %v", err)
	}
}

func TestVerifyNamesTheMemberThatDisagrees(t *testing.T) {
	number := partner
	number.Number = true
	change := func(from, to string) string {
		if !strings.Contains(goodHeader, from) {
			t.Fatalf("the header has no %s", from)
		}
		return strings.Replace(goodHeader, from, to, 1)
	}
	for _, c := range []struct {
		name    string
		profile jws.Profile
		header  string
		member  string
		got     any
		want    any
		text    string
	}{
		{"another uri", partner, change("/v5/g2g/read", "/v5/g2g/edit"), "uri", "/v5/g2g/edit", "/v5/g2g/read", `jws: header member "uri" is "/v5/g2g/edit", the request has "/v5/g2g/read"`},
		{"uri with the host", partner, change("/v5", "https://api.freedompay.kz/v5"), "uri", "https://api.freedompay.kz/v5/g2g/read", "/v5/g2g/read", ""},
		{"uri with a slash at the end", partner, change("read", "read/"), "uri", "/v5/g2g/read/", "/v5/g2g/read", ""},
		{"path for uri", partner, change(`"uri"`, `"path"`), "uri", nil, "/v5/g2g/read", `jws: header member "uri" is missing, the request has "/v5/g2g/read"`},
		{"uri in capitals", partner, change(`"uri"`, `"URI"`), "uri", nil, "/v5/g2g/read", ""},
		{"merchant_id for auth_id", partner, change(`"auth_id"`, `"merchant_id"`), "auth_id", nil, "123456", ""},
		{"another caller", partner, change(`123456`, `123457`), "auth_id", "123457", "123456", ""},
		{"a number for text", partner, change(`"123456"`, `123456`), "auth_id", json.Number("123456"), "123456", `jws: header member "auth_id" is 123456, the request has "123456"`},
		{"text for a number", number, goodHeader, "auth_id", "123456", json.Number("123456"), `jws: header member "auth_id" is "123456", the request has 123456`},
		{"a number written otherwise", number, change(`"123456"`, `123456.0`), "auth_id", json.Number("123456.0"), json.Number("123456"), ""},
		{"null for a caller", partner, change(`"123456"`, `null`), "auth_id", "null", "123456", `jws: header member "auth_id" is null, the request has "123456"`},
		{"a list of callers", partner, change(`"123456"`, `["123456"]`), "auth_id", `["123456"]`, "123456", ""},
		{"another method", partner, change("POST", "GET"), "method", "GET", "POST", ""},
		{"the method in lower case", partner, change("POST", "post"), "method", "post", "POST", ""},
		{"params with something in them", partner, change(`"params":""`, `"params":"a=b"`), "params", "a=b", "", `jws: header member "params" is "a=b", the request has ""`},
		{"params an empty list, as PHP writes an empty array", partner, change(`"params":""`, `"params":[]`), "params", "[]", "", ""},
		{"no params", partner, change(`"params":"",`, ``), "params", nil, "", `jws: header member "params" is missing, the request has ""`},
		{"two members wrong: the first of the profile is named", partner, `{"alg":"HS256","params":"","method":"GET","auth_id":"123456","uri":"/"}`, "uri", "/", "/v5/g2g/read", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			token := assemble(t, jws.HS256, c.header)
			h, err := c.profile.Verify(token, goodRequest, goodKey)
			var e *jws.MemberError
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a MemberError", err)
			}
			got := e.Got
			if raw, ok := got.(json.RawMessage); ok {
				got = string(raw)
			}
			if e.Name != c.member || got != c.got || e.Want != c.want {
				t.Errorf("got %s: %#v, %#v, want %s: %#v, %#v", e.Name, got, e.Want, c.member, c.got, c.want)
			}
			if c.text != "" && e.Error() != c.text {
				t.Errorf("got %s\nwant %s", e.Error(), c.text)
			}
			if h != nil {
				t.Errorf("got a header: %v", h)
			}
			// The same header under another's key is not what its sender is judged by.
			if _, err := c.profile.Verify(token, goodRequest, jws.NewKey([]byte("another key"))); !errors.Is(err, jws.ErrMismatch) {
				t.Errorf("with another key: got %v, want %v", err, jws.ErrMismatch)
			}
		})
	}
}

func TestMemberErrorIsCut(t *testing.T) {
	long := "/" + strings.Repeat("я", 1000)
	for _, got := range []any{long, json.Number(strings.Repeat("1", 1000)), json.RawMessage(`["` + long + `"]`)} {
		text := (&jws.MemberError{Name: long, Got: got, Want: long}).Error()
		if len(text) > 400 || strings.Contains(text, "\ufffd") {
			t.Errorf("got %d bytes: %s", len(text), text)
		}
	}
}

func TestMemberErrorStaysOnOneLine(t *testing.T) {
	for _, got := range []any{"a\nb\x1b[2J", json.RawMessage("[\n1,\r\n2]"), json.RawMessage("[\"\u0085\u202e\"]"), json.RawMessage("{\n")} {
		text := (&jws.MemberError{Name: "uri", Got: got, Want: "/"}).Error()
		if strings.ContainsAny(text, "\n\r\x1b\u0085\u202e") {
			t.Errorf("got %q", text)
		}
	}
}

func TestVerifyParams(t *testing.T) {
	r := goodRequest
	r.Params = "a=b"
	token := mustSign(t, partner, r, goodSecret)
	if _, err := partner.Verify(token, r, goodKey); err != nil {
		t.Errorf("what the request has: %v", err)
	}
	var e *jws.MemberError
	if _, err := partner.Verify(token, goodRequest, goodKey); !errors.As(err, &e) || e.Name != "params" {
		t.Errorf("unless told, params are expected to be empty: got %v", err)
	}
}

// Whoever forgets to say what to expect must not have accepted anything.
func TestVerifyRefusesTheCallersMistakes(t *testing.T) {
	empty := jws.NewKey(nil)
	emptyToken, err := jws.Assemble(jws.HS256, []byte(goodHeader), []byte(goodBody), empty)
	if err != nil {
		t.Fatal(err)
	}
	blank, err := jws.Assemble(jws.HS256, []byte(`{"uri":"","auth_id":"","method":"","params":"","alg":"HS256"}`), nil, goodKey)
	if err != nil {
		t.Fatal(err)
	}
	good := mustSign(t, partner, goodRequest, goodSecret)
	numbered := partner
	numbered.Number = true
	with := func(edit func(*jws.Request)) jws.Request {
		r := goodRequest
		edit(&r)
		return r
	}
	for _, c := range []struct {
		name    string
		profile jws.Profile
		token   string
		request jws.Request
		key     jws.Key
		want    error
	}{
		{"the zero key", partner, good, goodRequest, jws.Key{}, jws.ErrKey},
		{"an empty key, rightly used", partner, emptyToken, goodRequest, empty, jws.ErrKey},
		{"the zero profile", jws.Profile{}, good, goodRequest, goodKey, jws.ErrProfile},
		{"a profile that pins none", jws.Profile{Alg: jws.None, Target: "uri", Identity: "auth_id"}, good, goodRequest, goodKey, jws.ErrProfile},
		{"a profile that pins HS384", jws.Profile{Alg: jws.HS384, Target: "uri", Identity: "auth_id"}, good, goodRequest, goodKey, jws.ErrProfile},
		{"a profile without target", jws.Profile{Alg: jws.HS256, Identity: "auth_id"}, good, goodRequest, goodKey, jws.ErrProfile},
		{"a profile without identity", jws.Profile{Alg: jws.HS256, Target: "uri"}, good, goodRequest, goodKey, jws.ErrProfile},
		{"the zero request, which empty members would meet", partner, blank, jws.Request{}, goodKey, jws.ErrRequest},
		{"a request without a path", partner, good, with(func(r *jws.Request) { r.Path = "" }), goodKey, jws.ErrRequest},
		{"a request without a method", partner, good, with(func(r *jws.Request) { r.Method = "" }), goodKey, jws.ErrRequest},
		{"a request without an identity", partner, good, with(func(r *jws.Request) { r.Identity = "" }), goodKey, jws.ErrRequest},
		{"an identity that is no number", numbered, good, with(func(r *jws.Request) { r.Identity = "12a" }), goodKey, jws.ErrRequest},
		{"an identity of 21 digits", numbered, good, with(func(r *jws.Request) { r.Identity = strings.Repeat("1", 21) }), goodKey, jws.ErrRequest},
		{"an identity that JSON cannot write", numbered, good, with(func(r *jws.Request) { r.Identity = "00123" }), goodKey, jws.ErrRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			if h, err := c.profile.Verify(c.token, c.request, c.key); !errors.Is(err, c.want) || h != nil {
				t.Errorf("Verify: got %v, %v, want %v", h, err, c.want)
			}
			if token, err := c.profile.Sign(c.request, c.key); !errors.Is(err, c.want) || token != "" {
				t.Errorf("Sign: got %q, %v, want %v", token, err, c.want)
			}
		})
	}
}

// Every bit of every published token and of every signed body counts.
func TestEveryBitCounts(t *testing.T) {
	for _, e := range verifying {
		t.Run(e.name, func(t *testing.T) {
			p, k := profile(t, e.profile), jws.NewKey([]byte(e.key))
			if _, err := p.Verify(e.token, e.request, k); err != nil {
				t.Fatal(err)
			}
			flip := func(what string, b []byte, verify func() error) {
				for i := range b {
					for bit := range 8 {
						b[i] ^= 1 << bit
						if verify() == nil {
							t.Errorf("%s: bit %d of byte %d may be changed", what, bit, i)
						}
						b[i] ^= 1 << bit
					}
				}
			}
			token := []byte(e.token)
			flip("token", token, func() error { _, err := p.Verify(string(token), e.request, k); return err })
			r := e.request
			r.Body = slices.Clone(r.Body)
			flip("body", r.Body, func() error { _, err := p.Verify(e.token, r, k); return err })
			key := []byte(e.key)
			flip("key", key, func() error { _, err := p.Verify(e.token, e.request, jws.NewKey(key)); return err })
		})
	}
}
