package engine_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/jws"
)

// requests runs with a seed and returns the bytes of every request by the id of its exchange, less salts
// and signatures. The clock stands still.
func requests(t *testing.T, role catalogue.Role, seed uint64, workers int, edit func(*engine.Options)) map[string]string {
	t.Helper()
	b := bench{role: role, seed: seed}
	b.mock = func(o *mock.Options) { o.Seed = 1 } // the peer hands out the same
	b.options = func(o *engine.Options) {
		o.Seed, o.Workers = seed, workers
		o.Now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
		if edit != nil {
			edit(o)
		}
	}
	_, all := b.run(t)
	out := map[string]string{}
	for _, s := range all {
		r := s.exchange.Request
		text := r.Method + " " + r.URL.String() + "\n" + string(r.Body)
		for _, name := range slices.Sorted(maps.Keys(r.Header)) {
			if name != jws.HeaderName && name != "X-Jws-Signature" {
				text += "\n" + name + ": " + strings.Join(r.Header[name], ", ")
			}
		}
		for name, re := range random {
			text = re.ReplaceAllString(text, name)
		}
		if _, ok := out[s.id]; ok {
			t.Errorf("%s was sent twice", s.id)
		}
		out[s.id] = text
	}
	return out
}

// random matches a salt and a signature in every transport.
var random = map[string]*regexp.Regexp{
	"SALT":      regexp.MustCompile(`pg_salt"?(=|>|%3E|\r\n\r\n)[0-9A-Za-z]+`),
	"SIGNATURE": regexp.MustCompile(`pg_sig"?(=|>|%3E|\r\n\r\n)[0-9a-f]+`),
}

// The ids that the peer hands out are its own business; the order in which it is asked decides them.
var handedOut = regexp.MustCompile(`[0-9]{9,12}|[A-Za-z0-9+/%]{40,}={0,2}`)

func TestTheSameSeedSendsTheSameRequests(t *testing.T) {
	for _, role := range []catalogue.Role{catalogue.RoleGateway, catalogue.RoleMerchant} {
		first, second := requests(t, role, 7, 1, nil), requests(t, role, 7, 1, nil)
		if len(first) < 50 {
			t.Fatalf("%s: %d requests", role, len(first))
		}
		differ(t, string(role), first, second)
	}
}

// How many operations run side by side changes nothing that is sent.
func TestTheSameSeedSendsTheSameRequestsWithWorkers(t *testing.T) {
	for _, workers := range []int{8} {
		first, second := requests(t, catalogue.RoleGateway, 7, 1, nil), requests(t, catalogue.RoleGateway, 7, workers, nil)
		for _, m := range []map[string]string{first, second} {
			for id, text := range m {
				m[id] = handedOut.ReplaceAllString(text, "HANDED-OUT")
			}
		}
		differ(t, fmt.Sprint(workers, " workers"), first, second)
	}
}

// What is selected does not change what a request of it looks like.
func TestASelectedOperationSendsWhatAWholeRunSends(t *testing.T) {
	whole := requests(t, catalogue.RoleGateway, 7, 1, nil)
	part := requests(t, catalogue.RoleGateway, 7, 1, selects(billInit, create))
	if len(part) < 20 {
		t.Fatalf("%d requests", len(part))
	}
	for id, text := range part {
		if whole[id] != text {
			t.Errorf("%s:\n%s\nin a whole run:\n%s", id, text, whole[id])
			return
		}
	}
}

func differ(t *testing.T, name string, first, second map[string]string) {
	t.Helper()
	if len(first) != len(second) {
		t.Errorf("%s: %d and %d requests", name, len(first), len(second))
	}
	shown := 0
	for id, text := range first {
		if second[id] != text {
			if shown++; shown > 3 {
				return
			}
			t.Errorf("%s: %s differs:\n%s\n---\n%s", name, id, text, second[id])
		}
	}
}

func TestAnotherSeedSendsOtherOrders(t *testing.T) {
	orders := func(seed uint64) map[string]bool {
		b := bench{seed: seed}
		_, all := b.run(t)
		out := map[string]bool{}
		for _, s := range all {
			for _, name := range []string{"pg_order_id", "order_id"} {
				if v := s.field(name); strings.HasPrefix(v, "fpC-") {
					out[v] = true
				}
			}
		}
		return out
	}
	first, second := orders(1), orders(2)
	if len(first) < 50 {
		t.Fatalf("%d orders", len(first))
	}
	for id := range first {
		if second[id] {
			t.Errorf("seeds 1 and 2 share the order %s", id)
		}
	}
}

// Order ids are new in every request that creates and at most 50 characters long, whatever the seed.
func TestOrderIDsNeverRepeatAndFit(t *testing.T) {
	for seed, all := range map[uint64][]int{0: {1}, 1: {8}, 1<<64 - 1: {1}} {
		for _, workers := range all {
			b := bench{seed: seed, options: func(o *engine.Options) { o.Workers = workers }}
			_, all := b.run(t)
			seen := map[string]string{}
			for _, s := range all {
				id := s.field("pg_order_id") + s.field("order_id")
				switch {
				case id == "", s.operation == status, strings.HasPrefix(s.probe, "limit-beyond:pg_order_id"):
					continue
				case s.probe == "repeated-order", s.probe == "same-key", strings.HasPrefix(s.probe, "wrong-type:"), strings.HasPrefix(s.probe, "sig-other-fields"):
					if s.probe == "repeated-order" && seen[id] == "" {
						t.Errorf("%s repeats nothing", s.id)
					}
					continue
				}
				if len([]rune(id)) > 50 {
					t.Errorf("%s: an order id of %d characters", s.id, len([]rune(id)))
				}
				if before, ok := seen[id]; ok {
					t.Errorf("%s and %s share the order %s", before, s.id, id)
				}
				seen[id] = s.id
			}
			if len(seen) < 50 {
				t.Errorf("%d orders", len(seen))
			}
		}
	}
}

// X-Request-Id is a UUID of version 7 and new in every request but the one that repeats it.
func TestRequestIDsAreNewAndOfVersionSeven(t *testing.T) {
	b := bench{seed: 1, options: selects(partnerPut)}
	_, all := b.run(t)
	v7 := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]string{}
	n := 0
	for _, s := range all {
		id := s.exchange.Request.Header.Get("X-Request-Id")
		if s.operation != partnerPut || strings.HasPrefix(s.probe, "header-missing") {
			continue
		}
		n++
		if !v7.MatchString(id) {
			t.Errorf("%s: X-Request-Id %q", s.id, id)
		}
		if before, ok := seen[id]; ok && s.probe != "same-request-id" {
			t.Errorf("%s and %s share the X-Request-Id", before, s.id)
		}
		seen[id] = s.id
	}
	if n < 5 {
		t.Errorf("%d requests", n)
	}
}
