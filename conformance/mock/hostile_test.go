package mock

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/sig/sigform"
)

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the connection is gone") }

func TestHostileCallersGetAnAnswerAndNothingBreaks(t *testing.T) {
	b := newBench(t, Options{Orders: []wire.Order{{ID: "A", Amount: "x"}}})
	deep := strings.Repeat("a[", 1) + strings.Repeat("][", 20000) + "]=1"
	bodies := map[string]func() io.Reader{
		"nothing":         func() io.Reader { return http.NoBody },
		"garbage":         func() io.Reader { return strings.NewReader("\x00\xff\xfe%%%&&&===;;;") },
		"two megabytes":   func() io.Reader { return io.LimitReader(zeros{}, 2<<20) },
		"deep brackets":   func() io.Reader { return strings.NewReader(deep) },
		"many fields":     func() io.Reader { return strings.NewReader(strings.Repeat("a=1&", 200000)) },
		"many repeated":   func() io.Reader { return strings.NewReader(strings.Repeat("pg_amount=x&", 50000)) },
		"deep XML":        func() io.Reader { return strings.NewReader("pg_xml=" + strings.Repeat("<a>", 50000)) },
		"entity bomb":     func() io.Reader { return strings.NewReader(`pg_xml=<!DOCTYPE a [<!ENTITY b "bb">]><a>%26b;</a>`) },
		"deep JSON":       func() io.Reader { return strings.NewReader(strings.Repeat(`{"a":`, 50000)) },
		"JSON list":       func() io.Reader { return strings.NewReader(`[1,2]`) },
		"JSON of null":    func() io.Reader { return strings.NewReader(`{"id":null,"id":{"id":[[]]}}`) },
		"repeated sig":    func() io.Reader { return strings.NewReader("pg_merchant_id=500001&pg_sig=a&pg_sig=b&pg_salt=c") },
		"nested merchant": func() io.Reader { return strings.NewReader("pg_merchant_id[0]=500001&pg_sig[]=a") },
		"half a multipart": func() io.Reader {
			return strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n")
		},
		"gone": func() io.Reader { return broken{} },
	}
	types := []string{"", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "application/json", "text/html", ";;;", strings.Repeat("a", 5000)}
	paths := []string{"/init_payment.php", "/get_status3.php", "/v1/merchant/500001/card/pay", "/v1/merchant/%2e%2e%00/card/init",
		"/v5/merchant/invoice/init", "/v5/merchant/invoice/pay", "/v5/partner/invoice/info?payment_id=%7B%22payment_id%22%3A", "/v5/partner/invoices/info",
		"/shop/check", "/shop/result?a[=1&%zz", "/" + strings.Repeat("x/", 2000)}
	sent := 0
	for name, body := range bodies {
		for _, typ := range types {
			for _, path := range paths {
				for _, method := range []string{"POST", "GET"} {
					r := httptest.NewRequest(method, path, nil)
					r.Body = io.NopCloser(body())
					r.Header = http.Header{jws.HeaderName: {"..", "eyJhbGciOiJub25lIn0..", strings.Repeat("a.", 5000)}, "X-Request-Id": {"\x00"}}
					if typ != "" {
						r.Header.Set("Content-Type", typ)
					}
					r.Host = "bad host\n:%%"
					w := httptest.NewRecorder()
					h := http.Handler(b.gateway)
					if strings.HasPrefix(path, "/shop") {
						h = b.merchant
					}
					h.ServeHTTP(w, r)
					sent++
					if w.Code < 200 || w.Code >= 500 || w.Body.Len() > 64<<10 {
						t.Errorf("%s as %.40q to %.40s %s: HTTP %d, %d bytes", name, typ, method, path, w.Code, w.Body.Len())
					}
				}
			}
		}
	}
	if sent < 1000 {
		t.Fatalf("only %d requests", sent)
	}
	if n := len(b.gateway.Findings()); n > maxFindings {
		t.Errorf("%d findings are kept", n)
	}
	if n := len(b.gateway.Seen()); n > maxSeen {
		t.Errorf("%d exchanges are kept", n)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestAPaymentDoesNotHoldItsRequest: values that a codec cuts out of a body keep the whole body alive,
// unless they are copied.
func TestAPaymentDoesNotHoldItsRequest(t *testing.T) {
	b := newBench(t, Options{Plain: true})
	huge := strings.Repeat("x", 900<<10)
	requests := 40
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range requests {
		m := sig.Message{sig.Leaf("pg_merchant_id", merchantID), sig.Leaf("pg_order_id", fmt.Sprint("order ", i)), sig.Leaf("pg_amount", "1"),
			sig.Leaf("pg_description", "Ticket"), sig.Leaf("pg_idempotency_key", fmt.Sprint("key ", i)), sig.Leaf("shop_huge", huge)}
		m, err := sig.Sign("init_payment.php", m, key)
		if err != nil {
			t.Fatal(err)
		}
		body, err := sigform.Append(nil, m, "application/x-www-form-urlencoded")
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", "/init_payment.php", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		b.gateway.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), "<pg_status>ok") {
			t.Fatalf("%.300s", w.Body)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	// The history may keep its share.
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > maxSeenBytes+(4<<20) {
		t.Errorf("%d MB were sent and %d MB are kept", requests*len(huge)>>20, grown>>20)
	}
	if len(b.gateway.payments.entries) < requests {
		t.Errorf("%d payments", len(b.gateway.payments.entries))
	}
	runtime.KeepAlive(b)
}

func TestManyCallersAtOnce(t *testing.T) {
	b := newBench(t, Options{Seed: 2, Log: func(string) {}})
	var wait sync.WaitGroup
	ids := make(chan string, 200)
	for range 20 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for range 3 {
				for _, id := range b.all() {
					a := b.do(b.valid(id))
					if !a.accepted() {
						t.Errorf("%s: %s", id, a.Response.Body)
					}
					if id == opCardInit {
						ids <- a.value("pg_payment_id")
					}
				}
				b.gateway.Seen()
				b.gateway.Findings()
				b.gateway.Varied()
			}
		}()
	}
	wait.Wait()
	close(ids)
	seen := map[string]bool{}
	for id := range ids {
		if seen[id] {
			t.Errorf("payment id %s is handed out twice", id)
		}
		seen[id] = true
	}
	if len(seen) != 60 {
		t.Fatalf("%d payments", len(seen))
	}
}

func TestOnlyOneOfManyPaysGetsThrough(t *testing.T) {
	b := newBench(t, Options{})
	d := b.valid(opCardPay)
	id, _ := d.Fields.Get("pg_payment_id")
	status := b.valid(opStatus)
	set("pg_payment_id", id)(status)
	var wait sync.WaitGroup
	paid := make(chan bool, 20)
	for range 20 {
		wait.Add(2)
		go func() { // whoever asks meanwhile sees one state or the other
			defer wait.Done()
			if a := b.do(status); !a.accepted() {
				t.Errorf("%s", a.Response.Body)
			}
		}()
		go func() {
			defer wait.Done()
			paid <- b.do(d).accepted()
		}()
	}
	wait.Wait()
	n := 0
	for range 20 {
		if <-paid {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d pays got through", n)
	}
}

func TestTheLogHasOneLineARequestAndNoSecrets(t *testing.T) {
	var mu sync.Mutex
	var lines []string
	b := newBench(t, Options{Log: func(line string) { mu.Lock(); lines = append(lines, line); mu.Unlock() }})
	pan := "4405645000006150"
	n := 0
	for _, id := range b.all() {
		d := b.valid(id)
		n = len(lines)
		a := b.do(d)
		if len(lines) != n+1 || !strings.Contains(lines[n], id) || !strings.Contains(lines[n], "ok") {
			t.Errorf("%s: lines %q", id, lines[n:])
		}
		for _, s := range []string{a.value(sig.FieldSig), a.Request.Header.Get(jws.HeaderName)} {
			if s != "" && strings.Contains(strings.Join(lines, "\n"), s) {
				t.Errorf("%s: a signature is logged", id)
			}
		}
	}
	d := b.valid(opCreate)
	set("pg_testing_mode", pan)(d)
	b.do(d)
	d = b.valid(opCreate)
	set("pg_amount", pan)(d)
	b.do(d)
	d = b.valid(opCardInit)
	set("pg_card_token", "tokenOfNobody")(d)
	b.do(d)
	d = b.valid(opCardInit)
	d.Path = map[string]string{"merchant_id": pan}
	b.do(d)
	b.gateway.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/x%0Ay?pg_sig=0123456789abcdef", nil))
	b.gateway.ServeHTTP(httptest.NewRecorder(), &http.Request{Method: "A\nB", URL: httptest.NewRequest("GET", "/init_payment.php", nil).URL, Body: http.NoBody, Header: http.Header{}})
	all := strings.Join(lines, "\n")
	if strings.Count(all, "\n") != len(lines)-1 {
		t.Errorf("a line has a break:\n%s", all)
	}
	for _, s := range []string{secret, jwsSecret, pan, "tokenOfNobody", token, "0123456789abcdef"} {
		if strings.Contains(all, s) {
			t.Errorf("%q is logged:\n%s", s, all)
		}
	}
	if !strings.Contains(all, "CARD-1 request/pg_card_token: no such card token") {
		t.Errorf("no reason is logged:\n%s", all)
	}
	for _, f := range b.gateway.Findings() {
		for _, s := range []string{"tokenOfNobody", token, pan} {
			if strings.Contains(fmt.Sprint(f), s) {
				t.Errorf("%s stands in %+v", s, f)
			}
		}
	}
}

func BenchmarkSignedRequest(b *testing.B) {
	bench := newBench(b, Options{Seed: 1})
	d := bench.valid(opStatus)
	r, err := wire.Build(bench.client.Target, d, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		q := httptest.NewRequest(r.Method, r.URL.Path, strings.NewReader(string(r.Body)))
		q.Header = r.Header
		w := httptest.NewRecorder()
		bench.gateway.ServeHTTP(w, q)
		if w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}

func BenchmarkScenarioGateway(b *testing.B) {
	c := load(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewGateway(c, Options{Credentials: credentials(), Scenario: &Scenarios[0]}); err != nil {
			b.Fatal(err)
		}
	}
}
