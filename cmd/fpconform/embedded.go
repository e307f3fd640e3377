package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/selftest"
)

// serve starts a server for h on a listener of its own. It is stopped by its Close.
func serve(l net.Listener, h http.Handler) *http.Server {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // what a caller does wrong is the mock's to tell
	}
	go s.Serve(l) // until Close; no other error can be helped
	return s
}

// An embedded run judges peers that it starts itself, on free ports of the loopback.
type embedded struct{ servers []*http.Server }

func (e *embedded) close() {
	for _, s := range e.servers {
		s.Close()
	}
}

// start starts the peers of these roles and returns what judges them.
func (e *embedded) start(c *catalogue.Catalogue, roles []catalogue.Role, seed uint64) ([]engine.Options, error) {
	pair, err := selftest.NewPair(c, selftest.MockOptions(seed))
	if err != nil {
		return nil, err
	}
	var all []engine.Options
	for _, role := range roles {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("the embedded %s cannot listen: %w", role, err)
		}
		base := &url.URL{Scheme: "http", Host: l.Addr().String()}
		o := engine.Options{Role: role, Catalogue: c, Mask: selftest.Mask()}
		if role == catalogue.RoleMerchant {
			e.servers = append(e.servers, serve(l, pair.Merchant))
			o.Target = selftest.MerchantTarget(nil, base)
		} else {
			e.servers = append(e.servers, serve(l, pair.Gateway))
			o.Target = selftest.GatewayTarget(nil, base)
		}
		all = append(all, o)
	}
	return all, nil
}

// mockCredentials fills what is not configured with the credentials of the embedded peers, and
// returns the lines that say which is which. A configured secret is not shown.
func mockCredentials(o *mock.Options, configured map[string]bool) [][2]string {
	test := selftest.Credentials()
	const hidden = "as configured, not shown"
	lines := [][2]string{}
	add := func(name, value string) {
		if configured[name] {
			value = hidden
		}
		lines = append(lines, [2]string{name, value})
	}
	creds := &o.Credentials
	if creds.MerchantID == "" {
		creds.MerchantID = test.MerchantID
	}
	if _, ok := creds.SigKeys[""]; !ok {
		if creds.SigKeys == nil {
			creds.SigKeys = test.SigKeys
		} else {
			creds.SigKeys[""] = test.SigKeys[""]
		}
	}
	if creds.JWSID == "" {
		creds.JWSID = test.JWSID
	}
	if !configured["jws_key"] {
		creds.JWSKey = test.JWSKey
	}
	lines = append(lines, [2]string{"merchant_id", creds.MerchantID})
	add("secret", selftest.Secret)
	lines = append(lines, [2]string{"jws_id", creds.JWSID})
	add("jws_key", selftest.JWSKey)
	if len(o.Tokens) == 0 {
		o.Tokens = []string{selftest.CardToken}
		lines = append(lines, [2]string{"card token", selftest.CardToken})
	} else {
		o.Tokens = slices.Compact(slices.Sorted(slices.Values(o.Tokens)))
		lines = append(lines, [2]string{"card token", hidden})
	}
	return lines
}
