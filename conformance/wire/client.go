package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
)

// A Peer is whatever is under test.
type Peer interface {
	Do(ctx context.Context, d *Draft) *Exchange
}

// DefaultTimeout bounds one whole exchange: connection, request and answer.
const DefaultTimeout = 15 * time.Second

// A Client speaks HTTP to a Target. It may be used by several goroutines at once.
type Client struct {
	Target  *Target
	HTTP    *http.Client     // nil means one without redirects
	Timeout time.Duration    // of a whole exchange; 0 means DefaultTimeout
	Now     func() time.Time // nil means time.Now
	Salt    func() string    // nil means crypto/rand

	once sync.Once
	http *http.Client

	mu   sync.Mutex
	last time.Time // when the last request went out that creates or moves money
}

func (c *Client) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// client never follows a redirect: a signature must not travel to an address it was not made for.
func (c *Client) client() *http.Client {
	c.once.Do(func() {
		if c.HTTP != nil {
			c.http = c.HTTP
			return
		}
		var transport http.RoundTripper
		if c.Target.Handler != nil {
			transport = inProcess{c.Target.Handler}
		} else {
			t := http.DefaultTransport.(*http.Transport).Clone()
			t.DisableCompression = true // what arrives is judged as it is
			t.MaxResponseHeaderBytes = 64 << 10
			t.MaxIdleConnsPerHost = 8
			transport = t
		}
		c.http = &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	})
	return c.http
}

// Do sends d and returns what came of it. The exchange's Err is set if nothing arrived that can be
// judged: no connection, a reset, silence, an answer cut short, 429 or 502 to 504.
//
// A request is repeated, at most twice, only when no byte of it was sent, or when it reads; not
// after a timeout.
func (c *Client) Do(ctx context.Context, d *Draft) *Exchange {
	x := &Exchange{ID: d.ID, Operation: d.Operation, Intent: d.Intent, Known: d.Known,
		Readings: ReadingsOf(c.Target, d), Started: c.now()}
	if x.Intent.Effect == "" {
		x.Intent.Effect = d.Operation.Effect
	}
	defer func() { x.Took = c.now().Sub(x.Started) }()
	r, err := Build(c.Target, d, c.Salt)
	if err != nil {
		x.Err = err
		return x
	}
	x.Request = *r
	sent := 0 // how often a byte of it was sent
	for try := 0; ; try++ {
		if err := c.pace(ctx, x); err != nil {
			x.Err = err
			return x
		}
		n, err := c.send(ctx, x)
		sent += n
		x.Err = err
		var slow interface{ Timeout() bool }
		timeout := errors.As(err, &slow) && slow.Timeout()
		again := err != nil && ctx.Err() == nil && try < 2 && !timeout &&
			(n == 0 || x.Intent.Effect == catalogue.Reads && sent < 3)
		if !again {
			return x
		}
		// net/http repeats a GET by itself on a connection that had been used. On a new one it does not.
		c.client().CloseIdleConnections()
		select {
		case <-ctx.Done():
			return x
		case <-time.After(time.Duration(50*(try+1)) * time.Millisecond):
		}
	}
}

// pace waits so that requests that create or move money leave Pace apart, off loopback.
func (c *Client) pace(ctx context.Context, x *Exchange) error {
	if x.Intent.Effect == catalogue.Reads || c.Target.Loopback(c.Target.Where(x.Operation)) {
		return nil
	}
	pace := c.Target.Pace
	if pace == 0 {
		pace = DefaultPace
	}
	c.mu.Lock()
	next := c.last.Add(pace)
	if now := time.Now(); next.Before(now) {
		next = now
	}
	c.last = next
	c.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(next)):
		return nil
	}
}

// send makes one attempt and tells how often a byte of the request may have been sent.
func (c *Client) send(ctx context.Context, x *Exchange) (sent int, err error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	// The transport may still write when it returns, for an answer that came early.
	var connections, writes atomic.Int32
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:          func(httptrace.GotConnInfo) { connections.Add(1) },
		WroteHeaderField: func(string, []string) { writes.Store(connections.Load()) },
	})
	r := &x.Request
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), bytes.NewReader(r.Body))
	if err != nil {
		return 0, fmt.Errorf("wire: %w", err)
	}
	req.Header = r.Header.Clone()
	if len(r.Body) == 0 {
		req.Body, req.ContentLength = http.NoBody, 0
		if r.Method == http.MethodGet && x.Intent.Effect != catalogue.Reads {
			// net/http repeats a GET by itself where a connection in use is closed, unless it has a body
			// that cannot be read again. One without a byte is not sent.
			req.Body, req.GetBody = io.NopCloser(bytes.NewReader(nil)), nil
		}
	}
	x.Response = nil
	resp, err := c.client().Do(req)
	if err != nil {
		return int(writes.Load()), describe(ctx, timeout, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if err != nil {
		return 1, describe(ctx, timeout, fmt.Errorf("the answer was cut short: %w", err))
	}
	out := &Response{Status: resp.StatusCode, Header: resp.Header, Body: body}
	if len(body) > MaxBody {
		out.Body, out.TooLong = body[:MaxBody], true
	}
	x.Response = out
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return 1, &StatusError{resp.StatusCode}
	}
	decodeResponse(out)
	return 1, nil
}

// A StatusError is an answer that says that nobody answered: 429, 502, 503 or 504.
type StatusError struct{ Status int }

func (e *StatusError) Error() string {
	return fmt.Sprintf("wire: HTTP %d %s", e.Status, http.StatusText(e.Status))
}

// describe says in one line, without the address and its query, why nothing arrived.
func describe(ctx context.Context, timeout time.Duration, err error) error {
	var slow net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &slow) && slow.Timeout() {
		return &silence{timeout}
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled
	}
	var whole *url.Error
	if errors.As(err, &whole) {
		err = whole.Err // the address is in the report already, and its query may hold a signature
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) && !strings.Contains(err.Error(), "cut short") {
		return errors.New("wire: EOF: the connection was closed before an answer came")
	}
	var op *net.OpError
	if errors.As(err, &op) {
		op.Source = nil // the port of this end is another one each time, and the cause is not
	}
	return fmt.Errorf("wire: %w", err)
}

type silence struct{ after time.Duration }

func (s *silence) Error() string { return fmt.Sprintf("wire: no whole answer within %v", s.after) }
func (s *silence) Timeout() bool { return true }

// inProcess calls a handler without a port.
type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			resp, err = nil, fmt.Errorf("the handler panicked: %v", p)
		}
	}()
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	in.URL.Scheme, in.URL.Host = "", ""
	in.Host = r.URL.Host
	in.RemoteAddr = "127.0.0.1:0"
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		// The handler has the request from here on: as much as sent.
		trace.GotConn(httptrace.GotConnInfo{})
		trace.WroteHeaderField("", nil)
	}
	w := &recorder{header: http.Header{}}
	done := make(chan struct{})
	var panicked any
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		h.ServeHTTP(w, in)
	}()
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-done:
	}
	if panicked != nil {
		return nil, fmt.Errorf("the handler panicked: %v", panicked)
	}
	w.WriteHeader(http.StatusOK) // unless it wrote one
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: io.NopCloser(bytes.NewReader(w.body.Bytes())), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

type recorder struct {
	header http.Header // the handler's
	sent   http.Header // as it stood when the status was written
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

// WriteHeader leaves informational statuses aside, as the client does that reads them off a wire.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.body.Len() > 2*MaxBody {
		return 0, errors.New("wire: the answer grows without bound")
	}
	return w.body.Write(b)
}
