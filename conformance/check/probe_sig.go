package check

import (
	"encoding/base64"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// The negatives about signatures. Each signs wrongly or spoils a right signature; the fields that
// arrive are those of the control, but for the one that the step is about.

func omitSignature(_ *Scope, d *wire.Draft, _ string) {
	if d.Operation.Auth != catalogue.AuthSig {
		d.Signing.Omit = true
		return
	}
	// The salt stays, so that the signature alone is missing.
	d.AfterSign = append(d.AfterSign, func(m sig.Message) sig.Message { return m.Without(sig.FieldSig) })
}

// tamperSignature replaces the last digit by another one.
func tamperSignature(_ *Scope, d *wire.Draft, _ string) {
	d.AfterSign = append(d.AfterSign, func(m sig.Message) sig.Message {
		for i := range m {
			if m[i].Name == sig.FieldSig {
				m[i].Value = otherEnd(m[i].Value, "0123456789abcdef")
			}
		}
		return m
	})
}

func otherEnd(s, alphabet string) string {
	if s == "" {
		return alphabet[:1]
	}
	last := strings.IndexByte(alphabet, s[len(s)-1])
	return s[:len(s)-1] + alphabet[(last+1)%len(alphabet):][:1]
}

// notTheSecret is what wrong signatures are made with. It is no secret.
const notTheSecret = "fpconform: not the secret of anyone"

func otherSecret(_ *Scope, d *wire.Draft, _ string) {
	k := sig.NewKey(notTheSecret)
	d.Signing.Key = &k
}

// otherScript signs for the script name of another operation, as a copied line of code does: a peer
// that takes any name that it knows takes this one too.
func otherScript(s *Scope, d *wire.Draft, _ string) {
	d.Signing.Script, d.Signing.ScriptSet = "get_status3.php", true
	if s.Operation.Script == d.Signing.Script {
		d.Signing.Script = "init_payment.php"
	}
}

// otherFields signs one field with another value than it sends: the last one that is not an
// identifier, else the last.
func otherFields(_ *Scope, d *wire.Draft, _ string) {
	if len(d.Fields) == 0 {
		return
	}
	i := len(d.Fields) - 1
	sent := d.Fields[i]
	d.Fields = append(sig.Message(nil), d.Fields...)
	d.Fields[i] = sig.Leaf(sent.Name, sent.Value+"1")
	d.AfterSign = append(d.AfterSign, func(m sig.Message) sig.Message {
		for j := range m {
			if m[j].Name == sent.Name {
				m[j] = sent
			}
		}
		return m
	})
}

func omitSalt(_ *Scope, d *wire.Draft, _ string) { d.Signing.NoSalt = true }

func saltField(string) string { return sig.FieldSalt }

// The negatives about X-JWS-Signature.

func tamperToken(_ *Scope, d *wire.Draft, _ string) {
	d.Tamper = append(d.Tamper, func(r *wire.Request) {
		token := r.Header.Get(jws.HeaderName)
		// The last character but three: the last one of 32 or 64 bytes has bits that do not count.
		i := len(token) - 4
		if i < 0 {
			return
		}
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		r.Header.Set(jws.HeaderName, otherEnd(token[:i+1], alphabet)+token[i+1:])
	})
}

// changeBody changes the body after it was signed so that it still says the same: what is refused
// is the byte, not the meaning. A JSON body gets a blank at its end, a multipart one a line break
// behind its last boundary.
func changeBody(_ *Scope, d *wire.Draft, _ string) {
	d.Tamper = append(d.Tamper, func(r *wire.Request) {
		if r.Transport == wire.Multipart {
			r.Body = append(r.Body, "\r\n"...)
			return
		}
		r.Body = append(r.Body, ' ')
	})
}

func otherKey(_ *Scope, d *wire.Draft, _ string) {
	k := jws.NewKey([]byte(notTheSecret + notTheSecret))
	d.Signing.JWSKey = &k
}

func keepPayload(_ *Scope, d *wire.Draft, _ string) {
	d.Tamper = append(d.Tamper, func(r *wire.Request) {
		header, signature, ok := strings.Cut(r.Header.Get(jws.HeaderName), "..")
		if ok {
			r.Header.Set(jws.HeaderName, header+"."+base64.RawURLEncoding.EncodeToString(r.Body)+"."+signature)
		}
	})
}

func otherAlg(s *Scope, d *wire.Draft, _ string) {
	p := profileOf(s)
	if p.Alg == jws.HS256 {
		p.Alg = jws.HS512
	} else {
		p.Alg = jws.HS256
	}
	d.Signing.Profile = &p
}

// profileOf is the profile by which the draft would be signed; its readings are settled before a
// negative is made.
func profileOf(s *Scope) jws.Profile {
	p, _ := wire.ProfileOf(s.Operation)
	if s.Operation.Auth == catalogue.AuthJWSMerchant {
		if s.Readings[wire.TopicJWSTarget] == "uri" {
			p.Target = "uri"
		}
		if s.Readings[wire.TopicJWSIdentity] == "text" {
			p.Number = false
		}
	}
	return p
}

// algNone replaces alg in the header by none and cuts the signature off.
func algNone(_ *Scope, d *wire.Draft, _ string) {
	d.Tamper = append(d.Tamper, func(r *wire.Request) {
		header, err := jws.Decode(r.Header.Get(jws.HeaderName))
		if err != nil {
			return
		}
		for i := range header {
			if header[i].Name == "alg" {
				header[i].Value = "none"
			}
		}
		protected, err := header.MarshalJSON()
		if err != nil {
			return
		}
		r.Header.Set(jws.HeaderName, base64.RawURLEncoding.EncodeToString(protected)+"..")
	})
}

func otherPath(s *Scope, d *wire.Draft, _ string) {
	d.Signing.Path = s.Operation.Path + "/fpconform-other"
}

func otherMethod(_ *Scope, d *wire.Draft, _ string) {
	d.Signing.Method = "PUT"
}

// otherIdentity names a caller that is a number, since one profile writes numbers.
func otherIdentity(_ *Scope, d *wire.Draft, _ string) { d.Signing.Identity = unknownID }

// unknownID is no merchant's: the documentation's examples use six digits or fewer.
const unknownID = "999999999999"

// knowsMerchant is for operations that name the caller.
func knowsMerchant(s *Scope) []string {
	if !gateway(s) {
		return nil
	}
	_, pg := s.Operation.Request.Field("pg_merchant_id")
	_, bare := s.Operation.Request.Field("merchant_id")
	return when(pg || bare)
}

// unknownMerchant names another merchant wherever the request names it: in the fields, the path
// and the JWS header.
func unknownMerchant(_ *Scope, d *wire.Draft, _ string) {
	for _, name := range []string{"pg_merchant_id", "merchant_id"} {
		if _, n := d.Fields.Get(name); n > 0 {
			set(d, name, unknownID)
		}
	}
	if strings.Contains(d.Operation.Path, "{merchant_id}") {
		d.Path = map[string]string{"merchant_id": unknownID}
	}
	d.Signing.Identity = unknownID
}

// pathMerchant is for operations that name the merchant in the path and in the body.
func pathMerchant(s *Scope) []string {
	_, pg := s.Operation.Request.Field("pg_merchant_id")
	return when(pg && strings.Contains(s.Operation.Path, "{merchant_id}"))
}

func otherPathMerchant(_ *Scope, d *wire.Draft, _ string) {
	d.Path = map[string]string{"merchant_id": unknownID}
}
