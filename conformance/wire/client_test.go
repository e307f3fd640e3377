package wire_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/wire"
)

const xmlAnswer = `<?xml version="1.0"?><response><pg_status>ok</pg_status></response>`

// A raw server speaks bytes: it reads each request whole and lets answer do the rest with the connection,
// which is closed if answer returns false.
type raw struct {
	net.Listener
	requests atomic.Int32
}

func serve(t *testing.T, answer func(c net.Conn, r *http.Request, n int) bool) *raw {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &raw{Listener: l}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				br := bufio.NewReader(c)
				for {
					r, err := http.ReadRequest(br)
					if err != nil {
						return
					}
					io.Copy(io.Discard, r.Body)
					if !answer(c, r, int(s.requests.Add(1))) {
						return
					}
				}
			}()
		}
	}()
	return s
}

func (s *raw) url() string { return "http://" + s.Addr().String() }

// ask sends the control of an operation.
func ask(t *testing.T, address, id string, edit func(*wire.Client, *wire.Draft)) *wire.Exchange {
	t.Helper()
	target := at(address)
	c := &wire.Client{Target: target, Timeout: 5 * time.Second}
	d := control(t, target, operation(t, id), nil)
	if edit != nil {
		edit(c, d)
	}
	return c.Do(t.Context(), d)
}

const (
	reads   = "merchant.purchase.status"
	creates = "merchant.purchase.create"
	charges = "merchant.card.pay"
)

// Whatever arrives is an answer, and is judged; what did not arrive, or not whole, is an error.
func TestWhatIsAnAnswerAndWhatIsAnError(t *testing.T) {
	long := strings.Repeat("x", wire.MaxBody)
	for name, tt := range map[string]struct {
		bytes string
		err   bool
		bad   bool // there is an answer whose fields cannot be read
	}{
		"an answer":               {"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n" + pad(70), false, false},
		"HTTP/1.0 to its end":     {"HTTP/1.0 200 OK\r\n\r\n" + xmlAnswer, false, false},
		"without a length":        {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + xmlAnswer, false, false},
		"in chunks":               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(xmlAnswer) + "0\r\n\r\n", false, false},
		"404":                     {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", false, true},
		"500":                     {"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", false, true},
		"501":                     {"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n", false, true},
		"204":                     {"HTTP/1.1 204 No Content\r\n\r\n", false, true},
		"empty":                   {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, true},
		"HTML":                    {"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n<html><br></p>", false, true},
		"garbage":                 {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\x00\xff\x01\x02", false, true},
		"longer than the limit":   {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<response><pg_status>ok</pg_status>" + long, false, true},
		"a status without a text": {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", false, true},
		"after 100 and 103":       {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.0 200 OK\r\n\r\n" + xmlAnswer, false, false},

		"429":                        {"HTTP/1.1 429 Slow Down\r\nContent-Length: 2\r\n\r\nno", true, false},
		"502":                        {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno", true, false},
		"503":                        {"HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno", true, false},
		"504":                        {"HTTP/1.1 504 No\r\nContent-Length: 2\r\n\r\nno", true, false},
		"cut off before its length":  {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + xmlAnswer, true, false},
		"cut off in a chunk":         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + xmlAnswer, true, false},
		"chunks without an end":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(xmlAnswer), true, false},
		"a broken chunk":             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + xmlAnswer + "\r\n0\r\n\r\n", true, false},
		"cut off in its header":      {"HTTP/1.1 200 OK\r\nContent-Le", true, false},
		"not HTTP":                   {"220 mail.example ESMTP\r\n", true, false},
		"a document without HTTP":    {xmlAnswer, true, false},
		"nothing":                    {"", true, false},
		"a header without a colon":   {"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", true, false},
		"a negative length":          {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx", true, false},
		"two lengths":                {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", true, false},
		"headers beyond their limit": {"HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("y", 100<<10) + "\r\n\r\n" + xmlAnswer, true, false},
		"100 forever":                {strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 5000), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(c net.Conn, _ *http.Request, _ int) bool {
				io.WriteString(c, tt.bytes)
				return false
			})
			x := ask(t, s.url(), charges, nil)
			if (x.Err != nil) != tt.err {
				t.Fatalf("error %v, want one: %v", x.Err, tt.err)
			}
			if n := s.requests.Load(); n != 1 {
				t.Errorf("%d requests, want one: it moves money", n)
			}
			if tt.err {
				if want := check.OutLost; check.Of(x) != want {
					t.Errorf("outcome %s, want %s", check.Of(x), want)
				}
				if !strings.HasPrefix(x.Err.Error(), "wire: ") || strings.Contains(x.Err.Error(), s.url()) || strings.Contains(x.Err.Error(), "\n") {
					t.Errorf("error %q", x.Err)
				}
				return
			}
			if (x.Response.Bad != nil) != tt.bad {
				t.Errorf("fields cannot be read: %v, want that: %v", x.Response.Bad, tt.bad)
			}
			if len(x.Response.Body) > wire.MaxBody {
				t.Errorf("%d bytes are kept", len(x.Response.Body))
			}
		})
	}
}

func pad(n int) string { return xmlAnswer + strings.Repeat(" ", n-len(xmlAnswer)) }

func chunk(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }

// An error is one line of bounded length, whatever the peer sent.
func TestAnErrorIsShort(t *testing.T) {
	s := serve(t, func(c net.Conn, _ *http.Request, _ int) bool {
		io.WriteString(c, strings.Repeat("no HTTP ", 5000)+"\r\n")
		return false
	})
	x := ask(t, s.url(), charges, nil)
	if x.Err == nil || len(x.Err.Error()) > 400 {
		t.Errorf("an error of %d bytes", len(x.Err.Error()))
	}
}

// A redirect is an answer: a signature must not travel to an address it was not made for.
func TestARedirectIsNeverFollowed(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var here atomic.Int32
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			here.Add(1)
			http.Redirect(w, r, other.URL+"/elsewhere", status)
		}))
		for _, id := range []string{reads, charges, "invoice.partner.info_get"} {
			here.Store(0)
			x := ask(t, s.URL, id, nil)
			if x.Err != nil || x.Response.Status != status || here.Load() != 1 {
				t.Errorf("%d, %s: %v, status %d, %d requests", status, id, x.Err, x.Response.Status, here.Load())
			}
		}
		s.Close()
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

// A request is repeated, at most twice, only when no byte of it was sent, or when it reads; an answer,
// whatever it says, and silence are not asked again.
func TestHowOftenARequestIsSent(t *testing.T) {
	hangUp := func(net.Conn, *http.Request, int) bool { return false }
	busy := func(c net.Conn, _ *http.Request, _ int) bool {
		io.WriteString(c, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
		return true
	}
	wrong := func(c net.Conn, _ *http.Request, _ int) bool {
		io.WriteString(c, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
		return true
	}
	first := func(then func(net.Conn, *http.Request, int) bool) func(net.Conn, *http.Request, int) bool {
		return func(c net.Conn, r *http.Request, n int) bool {
			if n > 1 {
				return then(c, r, n)
			}
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n"+pad(70))
			return true // and keeps the connection
		}
	}
	byGET := func(c *wire.Client, d *wire.Draft) { d.Transport = wire.Query }
	for _, tt := range []struct {
		name, id string
		edit     func(*wire.Client, *wire.Draft)
		answer   func(net.Conn, *http.Request, int) bool
		warm     bool // on a connection that was used before
		want     int32
	}{
		{"one that reads", reads, nil, hangUp, false, 3},
		{"one that reads, on a connection in use", reads, nil, hangUp, true, 3},
		{"one that reads by GET", "invoice.partner.info_get", nil, hangUp, false, 3},
		{"one that reads by GET, on a connection in use", "invoice.partner.info_get", nil, hangUp, true, 3},
		{"one that reads, of a busy peer", reads, nil, busy, false, 3},
		{"one that reads, of a broken peer", reads, nil, wrong, false, 1},
		{"one that creates", creates, nil, hangUp, false, 1},
		{"one that creates, on a connection in use", creates, nil, hangUp, true, 1},
		{"one that creates, by GET", creates, byGET, hangUp, false, 1},
		{"one that creates, by GET, on a connection in use", creates, byGET, hangUp, true, 1},
		{"one that creates, of a busy peer", creates, nil, busy, false, 1},
		{"one that charges", charges, nil, hangUp, false, 1},
		{"one that charges, by GET, on a connection in use", charges, byGET, hangUp, true, 1},
		{"a paid result by GET, on a connection in use", "callback.result", func(c *wire.Client, _ *wire.Draft) { c.Target.RequestMethod = "GET" }, hangUp, true, 1},
		{"a check, which reads", "callback.check", nil, hangUp, false, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer := tt.answer
			if tt.warm {
				answer = first(tt.answer)
			}
			s := serve(t, answer)
			target := at(s.url())
			c := &wire.Client{Target: target, Timeout: 5 * time.Second}
			d := control(t, target, operation(t, tt.id), nil)
			if tt.edit != nil {
				tt.edit(c, d)
			}
			want := tt.want
			if tt.warm {
				want++
				if x := c.Do(t.Context(), control(t, target, operation(t, reads), nil)); x.Err != nil {
					t.Fatal(x.Err)
				}
			}
			x := c.Do(t.Context(), d)
			if got := s.requests.Load(); got != want {
				t.Errorf("the peer got %d requests, want %d", got, want)
			}
			if tt.want == 3 && x.Err == nil {
				t.Error("no error")
			}
		})
	}
}

// Where the connection is refused no byte was sent, so even a payment is tried again, twice.
func TestARefusedConnectionIsTriedAgain(t *testing.T) {
	for _, id := range []string{reads, creates, charges} {
		var dials atomic.Int32
		x := ask(t, "http://peer.test", id, func(c *wire.Client, _ *wire.Draft) {
			c.Target.Callbacks = nil
			c.Target.Base = mustURL("http://127.0.0.1:9")
			c.HTTP = &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				dials.Add(1)
				return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
			}}}
		})
		if x.Err == nil || dials.Load() != 3 {
			t.Errorf("%s: %d dials, error %v", id, dials.Load(), x.Err)
		}
	}
}

// After a refused connection the next try counts.
func TestARepeatThatIsAnswered(t *testing.T) {
	s := serve(t, func(c net.Conn, _ *http.Request, n int) bool {
		if n < 3 {
			return false
		}
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n"+pad(70))
		return true
	})
	x := ask(t, s.url(), reads, nil)
	if x.Err != nil || x.Response == nil || x.Response.Bad != nil {
		t.Errorf("%v, %+v", x.Err, x.Response)
	}
}

// A peer that says nothing, or never comes to an end, is lost after the timeout and not asked again.
func TestSilenceEndsAfterTheTimeout(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	for name, begin := range map[string]string{
		"says nothing":          "",
		"stops in its header":   "HTTP/1.1 200 OK\r\nContent-",
		"stops in its body":     "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<resp",
		"stops in its chunks":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<resp\r\n",
		"promises and is still": "HTTP/1.1 103 Early Hints\r\n\r\n",
	} {
		s := serve(t, func(c net.Conn, _ *http.Request, _ int) bool {
			io.WriteString(c, begin)
			<-release
			return false
		})
		x := ask(t, s.url(), reads, func(c *wire.Client, _ *wire.Draft) { c.Timeout = 50 * time.Millisecond })
		var slow interface{ Timeout() bool }
		if !errors.As(x.Err, &slow) || !slow.Timeout() || !strings.Contains(x.Err.Error(), "50ms") {
			t.Errorf("%s: %v, want a timeout", name, x.Err)
		}
		if n := s.requests.Load(); n != 1 {
			t.Errorf("%s: %d requests, want one", name, n)
		}
		if x.Response != nil {
			t.Errorf("%s: half an answer is kept", name)
		}
	}
}

// A context that ends ends the request, and it is not repeated.
func TestACancelledRequestEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(net.Conn, *http.Request, int) bool { cancel(); <-ctx.Done(); return false })
	target := at(s.url())
	x := (&wire.Client{Target: target}).Do(ctx, control(t, target, operation(t, reads), nil))
	if !errors.Is(x.Err, context.Canceled) || s.requests.Load() != 1 {
		t.Errorf("%v after %d requests", x.Err, s.requests.Load())
	}
	if x = (&wire.Client{Target: target}).Do(ctx, control(t, target, operation(t, charges), nil)); x.Err == nil || s.requests.Load() != 1 {
		t.Errorf("%v: sent after the end", x.Err)
	}
}

// A compressed answer that nobody asked for is judged as it is; the client asks for none.
func TestAnAnswerIsNotUnpacked(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, xmlAnswer)
	z.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); strings.Contains(got, "gzip") {
			t.Errorf("the client asks for %q", got)
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed.Bytes())
	}))
	defer s.Close()
	x := ask(t, s.URL, reads, nil)
	if x.Err != nil || x.Response.Bad == nil || !bytes.Equal(x.Response.Body, packed.Bytes()) {
		t.Errorf("%v, fields %v", x.Err, x.Response.Fields)
	}
}

// What goes out is what the exchange records, byte for byte.
func TestTheExchangeRecordsWhatWasSent(t *testing.T) {
	var got *http.Request
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		got = r
		io.WriteString(w, xmlAnswer)
	}))
	defer s.Close()
	for _, op := range load(t).Operations {
		if !op.Sendable() {
			continue
		}
		x := ask(t, s.URL, op.ID, nil)
		if x.Err != nil {
			t.Fatal(x.Err)
		}
		r := x.Request
		if !bytes.Equal(body, r.Body) || got.Method != r.Method || got.RequestURI != r.URL.RequestURI() {
			t.Errorf("%s: sent %s %s with %q, recorded %s %s with %q", op.ID, got.Method, got.RequestURI, body, r.Method, r.URL.RequestURI(), r.Body)
		}
		for name, values := range r.Header {
			if strings.Join(got.Header.Values(name), "|") != strings.Join(values, "|") {
				t.Errorf("%s: header %s is %q on the wire, %q in the record", op.ID, name, got.Header.Values(name), values)
			}
		}
		for _, name := range []string{"Content-Type", "X-Jws-Signature", "X-Request-Id"} {
			if len(got.Header.Values(name)) > 1 {
				t.Errorf("%s: header %s stands there twice", op.ID, name)
			}
		}
		if x.Operation != op || x.ID == "" || x.Intent.Effect == "" || x.Started.IsZero() {
			t.Errorf("%s: %+v", op.ID, x)
		}
	}
}

// A handler in process is asked like a server.
func TestAHandlerIsAskedLikeAServer(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/xml")
		w.Header().Add("X-Seen", fmt.Sprintf("%s %s %s %d %d", r.Method, r.Host, r.RequestURI, r.ContentLength, len(body)))
		w.Header().Add("X-Seen", r.URL.Path+"?"+r.URL.RawQuery)
		w.WriteHeader(422)
		w.Header().Set("X-Late", "no")
		io.WriteString(w, xmlAnswer)
	})
	s := httptest.NewServer(handler)
	defer s.Close()
	for _, op := range load(t).Operations {
		if !op.Sendable() {
			continue
		}
		over := ask(t, s.URL, op.ID, func(c *wire.Client, _ *wire.Draft) { c.Salt = func() string { return "salt1234" } })
		inside := ask(t, s.URL, op.ID, func(c *wire.Client, _ *wire.Draft) {
			c.Salt = func() string { return "salt1234" }
			c.Target.Handler = handler
		})
		if over.Err != nil || inside.Err != nil {
			t.Fatal(over.Err, inside.Err)
		}
		a, b := over.Response, inside.Response
		if a.Status != b.Status || !bytes.Equal(a.Body, b.Body) || strings.ReplaceAll(fmt.Sprint(a.Header["X-Seen"]), strings.TrimPrefix(s.URL, "http://"), "HOST") != strings.ReplaceAll(fmt.Sprint(b.Header["X-Seen"]), strings.TrimPrefix(s.URL, "http://"), "HOST") ||
			a.Header.Get("Content-Type") != b.Header.Get("Content-Type") || b.Header.Get("X-Late") != "" {
			t.Errorf("%s: over the network %d %v, in process %d %v", op.ID, a.Status, a.Header, b.Status, b.Header)
		}
	}
	// A handler that says nothing answers 200 with an empty body, one that says too much is cut.
	for name, h := range map[string]http.HandlerFunc{
		"nothing":  func(http.ResponseWriter, *http.Request) {},
		"too much": func(w http.ResponseWriter, _ *http.Request) { io.Copy(w, io.LimitReader(endless{}, 8*wire.MaxBody)) },
		"1xx":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); io.WriteString(w, xmlAnswer) },
	} {
		x := ask(t, "http://peer.test", reads, func(c *wire.Client, _ *wire.Draft) { c.Target.Handler = h })
		if x.Err != nil || x.Response.Status != 200 || len(x.Response.Body) > wire.MaxBody {
			t.Errorf("%s: %v, status %d, %d bytes", name, x.Err, x.Response.Status, len(x.Response.Body))
		}
		if name == "too much" && !x.Response.TooLong {
			t.Error("too much is not told to be too long")
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// Requests that create or move money leave the pace between them, off loopback; others do not wait.
func TestPace(t *testing.T) {
	var at_ []time.Time
	var mu sync.Mutex
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		at_ = append(at_, time.Now())
		mu.Unlock()
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(xmlAnswer)), Header: http.Header{}, Request: r}, nil
	})
	const pace = 40 * time.Millisecond
	target := at("https://gateway.example")
	target.Pace = pace
	c := &wire.Client{Target: target, HTTP: &http.Client{Transport: transport}}
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c.Do(context.Background(), control(t, target, operation(t, creates), nil))
		}()
	}
	wg.Wait()
	for i := 1; i < len(at_); i++ {
		if gap := at_[i].Sub(at_[i-1]); gap < pace*9/10 {
			t.Errorf("%v between two requests that create, want %v", gap, pace)
		}
	}
	// With a pace that no test waits for, only these wait.
	target.Pace = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if x := c.Do(ctx, control(t, target, operation(t, creates), nil)); x.Err == nil {
		t.Error("a request that creates did not wait")
	}
	if x := c.Do(t.Context(), control(t, target, operation(t, reads), nil)); x.Err != nil {
		t.Error(x.Err)
	}
	loop := at("http://127.0.0.1:1")
	loop.Pace = time.Hour
	near := &wire.Client{Target: loop, HTTP: &http.Client{Transport: transport}}
	for range 2 {
		if x := near.Do(t.Context(), control(t, loop, operation(t, charges), nil)); x.Err != nil {
			t.Error(x.Err)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A client may be used by many at once.
func TestAClientIsUsedByManyAtOnce(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, xmlAnswer)
	}))
	defer s.Close()
	target := at(s.URL)
	c := &wire.Client{Target: target}
	var wg sync.WaitGroup
	var failed atomic.Int32
	for range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for _, id := range []string{reads, creates, charges, "invoice.merchant.pay", "callback.check"} {
				if x := c.Do(t.Context(), control(t, target, operation(t, id), nil)); x.Err != nil {
					failed.Add(1)
				}
			}
		}()
	}
	wg.Wait()
	if failed.Load() > 0 {
		t.Errorf("%d requests failed", failed.Load())
	}
}

// Which hosts are this machine.
func TestLoopback(t *testing.T) {
	target := &wire.Target{}
	for address, want := range map[string]bool{
		"http://localhost": true, "http://localhost:80": true, "http://127.0.0.1": true, "http://127.9.9.9:1": true, "http://[::1]:8": true,
		"http://0.0.0.0": false, "http://localhost.example": false, "http://127.0.0.1.example": false, "http://10.0.0.1": false,
		"http://example": false, "http://": false, "http://[::]": false, "http://127.1": false, "http://2130706433": false,
	} {
		if got := target.Loopback(mustURL(address)); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
	if target.Loopback(nil) {
		t.Error("no address is loopback")
	}
	target.Handler = http.NotFoundHandler()
	if !target.Loopback(nil) || !target.Loopback(&url.URL{Host: "api.freedompay.kz"}) {
		t.Error("a handler in process can leave this machine")
	}
	c := load(t)
	if err := target.Permits(c, operation(t, charges), catalogue.Charges); err != nil {
		t.Errorf("in process: %v", err)
	}
}
