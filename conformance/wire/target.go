package wire

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// Credentials are the caller's. They never print, marshal or log their secrets, since the key
// types do not.
type Credentials struct {
	MerchantID string
	SigKeys    map[string]sig.Key // by catalogue.Operation.Key: "" and "payout"
	JWSID      string
	JWSKey     jws.Key
}

// Missing names what an operation needs to be signed and these credentials lack, in the words
// of the configuration file; it is empty if nothing is missing.
func (c *Credentials) Missing(o *catalogue.Operation) string {
	profile, isJWS := ProfileOf(o)
	switch {
	case o.Auth == catalogue.AuthSig:
		if _, ok := c.SigKeys[o.Key]; !ok {
			if o.Key != "" {
				return o.Key + "_secret"
			}
			return "secret"
		}
		if c.MerchantID == "" && o.Role() == catalogue.RoleGateway {
			return "merchant_id"
		}
	case isJWS:
		if c.JWSKey == (jws.Key{}) {
			return "jws_key"
		}
		if profile.Identity == "merchant_id" && c.MerchantID == "" {
			return "merchant_id"
		}
		if profile.Identity != "merchant_id" && c.JWSID == "" {
			return "jws_id"
		}
	}
	return ""
}

// MissingBy is Missing for an operation as the readings have it: the partner's read by GET needs the
// JWS key only where it is sent with a token.
func (c *Credentials) MissingBy(o *catalogue.Operation, readings map[string]string) string {
	if o.ID == partnerGet && readings[TopicPartnerGetAuth] == "jws" {
		with := *o
		with.Auth = catalogue.AuthJWSPartner
		o = &with
	}
	return c.Missing(o)
}

// Identity is who the caller is in a JWS header of this profile: auth_id takes the JWS id,
// merchant_id the merchant's.
func (c *Credentials) Identity(p jws.Profile) string {
	if p.Identity == "merchant_id" {
		return c.MerchantID
	}
	return c.JWSID
}

// KeyName tells which key authorises o, for grouping: "secret", "payout_secret", "jws_key",
// or "" if none does.
func KeyName(o *catalogue.Operation) string {
	if _, ok := ProfileOf(o); ok {
		return "jws_key"
	}
	switch {
	case o.Auth != catalogue.AuthSig:
		return ""
	case o.Key != "":
		return o.Key + "_secret"
	}
	return "secret"
}

// A Target is the endpoint under test and what it may be asked.
type Target struct {
	Handler       http.Handler        // in process, without a port; nil means over the network
	Base          *url.URL            // a gateway; beside a Handler only a name
	Callbacks     map[string]*url.URL // operation id -> a merchant's URL
	RequestMethod string              // how a merchant is called: POST (default), GET, XML
	Credentials   Credentials
	Values        map[string]string  // field name -> value that this target wants
	Orders        []Order            // that a merchant under test knows; each is used once
	AnyOrder      bool               // it takes every order
	Readings      map[string]string  // topic -> reading to send by; else the first
	Allow         []catalogue.Effect // nil means the default of the place, see Permits
	Production    bool               // a production host of the catalogue may be asked at all
	Pace          time.Duration      // between requests that create or move money; 0: see PaceOr
}

// An Order is one that a merchant under test knows. Amount is decimal text in Currency.
type Order struct{ ID, Amount, Currency string }

// DefaultPace is what a newer copy of the introduction asks for between payment requests (TRN-6).
const DefaultPace = 2 * time.Second

// Where returns the address that requests of operation o go to: the base of a gateway, or the
// merchant's URL for a callback. It is nil if the target has none; a gateway in process has one
// without a base, too.
func (t *Target) Where(o *catalogue.Operation) *url.URL {
	switch {
	case o.Role() == catalogue.RoleMerchant:
		return t.Callbacks[o.ID]
	case t.Base == nil && t.Handler != nil:
		return &url.URL{Scheme: "http", Host: "in-process"}
	}
	return t.Base
}

// Loopback tells whether u, or a handler in process, cannot leave this machine.
func (t *Target) Loopback(u *url.URL) bool {
	if t.Handler != nil {
		return true
	}
	if u == nil {
		return false
	}
	host := u.Hostname()
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Permits says whether a request of operation o with effect e may be sent, and if not, why.
//
// Without Allow everything may be sent in process and on loopback, reads and creates elsewhere.
// On a production host of the catalogue nothing may be sent without Production, and with it
// reads only, unless Allow names more.
func (t *Target) Permits(c *catalogue.Catalogue, o *catalogue.Operation, e catalogue.Effect) error {
	u := t.Where(o)
	if e == "" {
		e = o.Effect
	}
	if t.Handler == nil && u != nil && c.Production(u.Hostname()) {
		if !t.Production {
			return fmt.Errorf("%s is a production host: not asked without --production", u.Hostname())
		}
		allow := t.Allow
		if allow == nil {
			allow = []catalogue.Effect{catalogue.Reads}
		}
		return permits(allow, e, "on a production host")
	}
	if t.Allow != nil {
		return permits(t.Allow, e, "by --allow")
	}
	if t.Loopback(u) {
		return nil
	}
	return permits([]catalogue.Effect{catalogue.Reads, catalogue.Creates}, e, "off loopback without --allow")
}

func permits(allow []catalogue.Effect, e catalogue.Effect, where string) error {
	if slices.Contains(allow, e) {
		return nil
	}
	return fmt.Errorf("effect %s is not allowed %s", e, where)
}
