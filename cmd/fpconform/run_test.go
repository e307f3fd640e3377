package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
)

// credentials are those of the embedded peers, as the environment of a run against such a peer.
func credentials(more ...string) map[string]string {
	env := map[string]string{
		"FPCONFORM_MERCHANT_ID": selftest.MerchantID,
		"FPCONFORM_SECRET":      selftest.Secret,
		"FPCONFORM_JWS_ID":      selftest.JWSID,
		"FPCONFORM_JWS_KEY":     selftest.JWSKey,
	}
	for i := 0; i+1 < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

// environ is env for a process of its own.
func environ(env map[string]string) []string {
	out := os.Environ()
	for name, value := range env {
		out = append(out, name+"="+value)
	}
	return out
}

// listen serves h on loopback and returns its address.
func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// rawServer answers each connection with what answer writes, once it has seen the end of the
// request's header.
func rawServer(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				io.Copy(io.Discard, r.Body)
				answer(c)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func readReport(t *testing.T, path string) *report.Report {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := report.Read(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return r
}

// judged runs "run" with a JSON report and returns it too. The report's verdict and the exit code
// must agree.
func judged(t *testing.T, env map[string]string, args ...string) (code int, r *report.Report, stdout, stderr string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.json")
	code, stdout, stderr = program(env, append([]string{"run", "--seed", "1", "--report", "json=" + path}, args...)...)
	if code == exitUsage {
		t.Fatalf("exit 2: %s", stderr)
	}
	r = readReport(t, path)
	if r.Exit() != code {
		t.Errorf("exit %d, the report says %d", code, r.Exit())
	}
	return code, r, stdout, stderr
}

func TestAloneItJudgesPeersOfItsOwn(t *testing.T) {
	// Whatever the environment says about credentials.
	code, r, stdout, stderr := judged(t, map[string]string{"FPCONFORM_SECRET": "not the secret of those peers", "FPCONFORM_MERCHANT_ID": "1"})
	if code != exitOK {
		t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
	}
	if len(r.Target) != 2 || len(r.Exchanges) < 200 || len(r.Results) < 1000 {
		t.Errorf("targets %v, %d exchanges, %d cases; want both roles, 200, 1000", r.Target, len(r.Exchanges), len(r.Results))
	}
	for role, address := range r.Target {
		if !strings.HasPrefix(address, "http://127.0.0.1:") {
			t.Errorf("%s is at %s, which is not loopback", role, address)
		}
	}
	if !strings.Contains(stderr, "fpconform: seed 1, gateway http://127.0.0.1:") || !strings.Contains(stderr, "requests") {
		t.Errorf("stderr does not say what began: %s", stderr)
	}
	if !strings.HasSuffix(stdout, "verdict: conforms (exit 0), no case failed and none is open\n") {
		t.Errorf("the last line is no verdict: %s", stdout)
	}
	for _, secret := range []string{selftest.Secret, selftest.JWSKey, "not the secret"} {
		if strings.Contains(stdout+stderr, secret) {
			t.Errorf("a secret is printed")
		}
	}
}

func TestOneRoleAloneIsNeitherJudgedWithNorStartedBesideTheOther(t *testing.T) {
	pair := embeddedPair(t, mock.Options{})
	gateway, merchant := listen(t, pair.Gateway), listen(t, pair.Merchant)
	token := []string{"--value", "pg_card_token=" + selftest.CardToken, "--value", "card_token=" + selftest.CardToken}
	for _, row := range []struct {
		name  string
		args  []string
		roles string
	}{
		{"--role gateway", []string{"--role", "gateway"}, "gateway"},
		{"--role merchant", []string{"--role", "merchant"}, "merchant"},
		{"a gateway's address", append([]string{"--target", gateway}, token...), "gateway"},
		{"a merchant's addresses", []string{"--check-url", merchant + "/check", "--result-url", merchant + "/result", "--order", "any"}, "merchant"},
		{"both addresses", append([]string{"--target", gateway, "--check-url", merchant + "/check", "--order", "any"}, token...), "gateway merchant"},
		{"both addresses and --role merchant", append([]string{"--target", gateway, "--check-url", merchant + "/check", "--order", "any", "--role", "merchant"}, token...), "merchant"},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, r, stdout, stderr := judged(t, credentials(), append(row.args, "--run", "*/valid")...)
			if code != exitOK {
				t.Errorf("exit %d\n%s%s", code, stdout, stderr)
			}
			var roles []string
			for _, role := range []string{"gateway", "merchant"} {
				if _, ok := r.Target[role]; ok {
					roles = append(roles, role)
				}
			}
			if got := strings.Join(roles, " "); got != row.roles {
				t.Errorf("judged %s, want %s", got, row.roles)
			}
		})
	}
}

// embeddedPair makes a gateway and a merchant like the embedded ones; the merchant takes any order.
func embeddedPair(t *testing.T, o mock.Options) *selftest.Pair {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	base := selftest.MockOptions(1)
	o.Credentials, o.Tokens = base.Credentials, base.Tokens
	pair, err := selftest.NewPair(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func TestAFaultIsAFinding(t *testing.T) {
	for _, id := range []string{"answer-unsigned", "answer-other-secret"} {
		s, ok := mock.ScenarioNamed(id)
		if !ok {
			t.Fatalf("no scenario %s", id)
		}
		pair := embeddedPair(t, mock.Options{Scenario: s})
		code, r, stdout, _ := judged(t, credentials(), "--target", listen(t, pair.Gateway), "--run", s.Operations[0])
		if code != exitFindings || r.Verdict != report.VerdictFindings {
			t.Errorf("%s: exit %d, verdict %s\n%s", id, code, r.Verdict, stdout)
		}
		first := strings.Index(stdout, "FAIL ")
		for _, later := range []string{"WARN ", "SKIP "} {
			if at := strings.Index(stdout, later); at >= 0 && at < first {
				t.Errorf("%s: %s stands before the findings:\n%s", id, later, stdout)
			}
		}
		if first < 0 || !strings.Contains(stdout, string(s.Breaks)) {
			t.Errorf("%s: no finding about %s:\n%s", id, s.Breaks, stdout)
		}
		if strings.Contains(stdout, selftest.Secret) {
			t.Errorf("%s: the secret is printed", id)
		}
	}
}

func TestAnAnswerThatArrivedAndIsWrongIsAFinding(t *testing.T) {
	var followed atomic.Int32
	elsewhere := listen(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	reply := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	for _, row := range []struct {
		name    string
		handler http.Handler
	}{
		{"HTML", reply(200, "text/html", "<!doctype html><html><body><p>Welcome<br></body></html>")},
		{"garbage", reply(200, "application/xml", "\x00\xff\xfe\x01%%% garbage")},
		{"an empty body", reply(200, "application/xml", "")},
		{"XML that is not well-formed", reply(200, "application/xml", "<response><pg_status>ok</response>")},
		{"a body over the limit", reply(200, "application/xml", "<response><pg_status>ok</pg_status><x>"+strings.Repeat("x", 3<<20)+"</x></response>")},
		{"HTTP 500", reply(500, "text/plain", "internal error")},
		{"HTTP 500 with a right-looking body", reply(500, "application/xml", "<response><pg_status>ok</pg_status></response>")},
		{"a redirect, which is never followed", http.RedirectHandler(elsewhere, http.StatusFound)},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, r, stdout, _ := judged(t, credentials(), "--target", listen(t, row.handler), "--run", "merchant.purchase.create/sig-*")
			if code != exitFindings {
				t.Errorf("exit %d, want 1\n%s", code, stdout)
			}
			if r.Counts[report.Error] > 0 {
				t.Errorf("%d cases are in error, though every request was answered", r.Counts[report.Error])
			}
		})
	}
	if n := followed.Load(); n > 0 {
		t.Errorf("a redirect was followed %d times", n)
	}
}

func TestWhatDidNotArriveIsNoVerdict(t *testing.T) {
	status := func(code int) string {
		return listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(code)
			io.WriteString(w, "<response><pg_status>error</pg_status></response>")
		}))
	}
	write := func(text string) func(net.Conn) { return func(c net.Conn) { io.WriteString(c, text) } }
	silent := make(chan struct{})
	t.Cleanup(func() { close(silent) })
	for _, row := range []struct {
		name, url, says string
		args            []string
	}{
		{"nobody listens", "http://" + closedPort(t), "connection refused", nil},
		{"silence", rawServer(t, func(net.Conn) { <-silent }), "no whole answer within 100ms", []string{"--timeout", "100ms"}},
		{"a head and then silence", rawServer(t, func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<resp")
			<-silent
		}), "no whole answer within 100ms", []string{"--timeout", "100ms"}},
		{"a reset", rawServer(t, func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) }), "wire: ", nil},
		{"a connection that is closed", rawServer(t, func(net.Conn) {}), "EOF", nil},
		{"an answer cut off before its stated length", rawServer(t, write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<response>")), "cut short", nil},
		{"broken chunks", rawServer(t, write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n")), "cut short", nil},
		{"chunks without an end", rawServer(t, write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<resp")), "cut short", nil},
		{"something that is not HTTP", rawServer(t, write("SSH-2.0-OpenSSH_9.6\r\n")), "malformed HTTP", nil},
		{"HTTP 429", status(429), "HTTP 429 Too Many Requests", nil},
		{"HTTP 502", status(502), "HTTP 502 Bad Gateway", nil},
		{"HTTP 503", status(503), "HTTP 503 Service Unavailable", nil},
		{"HTTP 504", status(504), "HTTP 504 Gateway Timeout", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, r, stdout, _ := judged(t, credentials(), append([]string{"--target", row.url, "--run", "*/valid", "--run", "*/sig-*", "--run", "*/jws-*"}, row.args...)...)
			if code != exitNoVerdict || r.Ended != report.EndedUnreachable {
				t.Errorf("exit %d, ended %q, want 3 and unreachable\n%.2000s", code, r.Ended, stdout)
			}
			if r.Counts[report.Fail] > 0 {
				t.Errorf("%d cases failed, though nothing arrived", r.Counts[report.Fail])
			}
			// One line names endpoint and error; nobody has to read hundreds of equal ones.
			if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], row.url) || !strings.Contains(r.Notes[0], row.says) {
				t.Errorf("notes %q, want one that names %s and says %q", r.Notes, row.url, row.says)
			}
			if lines := strings.Count(stdout, "\n"); lines > 60 {
				t.Errorf("%d lines of text", lines)
			}
			if n := len(r.Exchanges); n > 8 {
				t.Errorf("%d exchanges before the run was given up", n)
			}
		})
	}
}

func TestHTTP404IsAnAnswer(t *testing.T) {
	code, r, stdout, _ := judged(t, credentials(), "--target", listen(t, http.NotFoundHandler()), "--run", "*/valid", "--run", "*/sig-*")
	if r.Ended != "" || r.Counts[report.Error] > 0 {
		t.Errorf("exit %d, ended %q, %d in error\n%s", code, r.Ended, r.Counts[report.Error], stdout)
	}
	if code == exitOK {
		t.Error("a gateway that knows no path conforms")
	}
}

// counting counts the requests that an endpoint sees.
func counting(t *testing.T) (url string, seen *atomic.Int32) {
	seen = new(atomic.Int32)
	return listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Add(1)
		http.NotFound(w, r)
	})), seen
}

func TestWrongUsageIsSaidBeforeAnythingIsSent(t *testing.T) {
	url, seen := counting(t)
	dir := t.TempDir()
	conf := func(text string) string {
		f, err := os.CreateTemp(dir, "*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		return f.Name()
	}
	emptyKey := filepath.Join(dir, "empty.key")
	if err := os.WriteFile(emptyKey, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		env  map[string]string
		args []string
		says string
	}{
		{"an unknown flag", nil, []string{"--tarjet", url}, `unknown flag "--tarjet" for "fpconform run"; did you mean "--target"`},
		{"an argument", nil, []string{url}, "takes no arguments"},
		{"a target that is no address", nil, []string{"--target", "test-api.example"}, `--target: "test-api.example" is not an address`},
		{"a target with a password", nil, []string{"--target", "http://me:word@h"}, "with a name or a password in it"},
		{"a target that is given and empty", nil, []string{"--target", ""}, "--target is given and empty"},
		{"effects that are given and empty", nil, []string{"--target", url, "--allow", ""}, "--allow is given and empty"},
		{"a variable that is set and empty", map[string]string{"FPCONFORM_CHECK_URL": ""}, []string{"--target", url}, "FPCONFORM_CHECK_URL is set and empty"},
		{"a role that there is not", nil, []string{"--target", url, "--role", "getaway"}, `--role "getaway": neither gateway nor merchant; did you mean "gateway"?`},
		{"a role without its address", nil, []string{"--target", url, "--role", "merchant"}, "--role merchant, but only a gateway is configured"},
		{"a role whose address the environment lacks", map[string]string{"FPCONFORM_TARGET": url}, []string{"--role", "merchant"}, "--role merchant, but only a gateway is configured"},
		{"the other role without its address", nil, []string{"--check-url", url, "--role", "gateway"}, "--role gateway, but only a merchant is configured"},
		{"a value without a target", nil, []string{"--value", "payment_id=1"}, "the embedded peers bring their own"},
		{"an order without a target", nil, []string{"--order", "any"}, "the embedded peers bring their own"},
		{"a pattern that matches nothing", nil, []string{"--target", url, "--run", "merchant.purchase.creat"}, `no case is selected by --run merchant.purchase.creat; did you mean "merchant.purchase.create"`},
		{"one pattern of several that matches nothing", nil, []string{"--target", url, "--run", "merchant.purchase.create", "--run", "nothing/*"}, "no case is selected by --run nothing/*"},
		{"a pattern to skip that matches nothing", nil, []string{"--target", url, "--skip", "merchant.purchase.create/nothing"}, "no case is selected by --skip merchant.purchase.create/nothing"},
		{"a pattern of a role that is not judged", nil, []string{"--target", url, "--run", "callback.check"}, "no case is selected by --run callback.check"},
		{"a pattern of a role that is not judged, beside another", nil, []string{"--target", url, "--run", "merchant.purchase.create", "--run", "callback.*/valid"}, "no case is selected by --run callback.*/valid"},
		{"a pattern with an empty segment", nil, []string{"--target", url, "--run", "merchant.purchase.create//x"}, "has an empty segment"},
		{"patterns that leave nothing", nil, []string{"--target", url, "--run", "merchant.purchase.create", "--skip", "**"}, "leave no case"},
		{"a report without a format", nil, []string{"--target", url, "--report", "report.json"}, `--report "report.json": not of the form FORMAT=FILE`},
		{"a report of an unknown format", nil, []string{"--target", url, "--report", "jsno=x"}, `no format is called "jsno"; did you mean "json"?; there are json, junit, text`},
		{"two reports on standard output", nil, []string{"--target", url, "--report", "json=-", "--report", "junit=-"}, "another report goes to"},
		{"two reports in one file", nil, []string{"--target", url, "--report", "json=" + dir + "/r", "--report", "junit=" + dir + "/./r"}, "another report goes to"},
		{"a report in a folder that is not there", nil, []string{"--target", url, "--report", "json=" + dir + "/nowhere/r.json"}, "cannot be written: no such file or directory"},
		{"a report that is a folder", nil, []string{"--target", url, "--report", "json=" + dir}, "cannot be written: it is a folder"},
		{"a report beside a plan", nil, []string{"--target", url, "--plan", "--report", "json=" + dir + "/r"}, "--plan sends nothing"},
		{"an unknown effect", nil, []string{"--target", url, "--allow", "reads,steals"}, `--allow: effect "steals" is none of`},
		{"no worker", nil, []string{"--target", url, "--workers", "0"}, "--workers 0: not from 1 to 64"},
		{"no time", nil, []string{"--target", url, "--max-time", "0s"}, "--max-time 0s: a run needs some time"},
		{"a time without unit", nil, []string{"--target", url, "--timeout", "5"}, `--timeout: "5" is not a duration`},
		{"a seed that is no number", nil, []string{"--target", url, "--seed", "-1"}, "not a number from 0 to 18446744073709551615"},
		{"a seed that is too large", nil, []string{"--target", url, "--seed", "18446744073709551616"}, "not a number from 0 to"},
		{"a reading that there is not", nil, []string{"--target", url, "--reading", "order=random"}, `topic order has no reading called "random"`},
		{"a reading that changes nothing that is sent", nil, []string{"--target", url, "--reading", "refusals=signed"}, "it changes nothing that is sent"},
		{"a reading without a name", nil, []string{"--target", url, "--reading", "order"}, "not of the form TOPIC=NAME"},
		{"a configuration that is not there", nil, []string{"--config", dir + "/nowhere.yaml"}, "no such file or directory"},
		{"a configuration that is broken", nil, []string{"--config", conf("gateway: {url: " + url + "\n")}, ": not YAML"},
		{"a configuration with a misspelt key", nil, []string{"--config", conf("gateway:\n  ulr: " + url + "\n")}, `.yaml:2: unknown key "ulr"; url is meant?`},
		{"a configuration without a target", nil, []string{"--config", conf("pace: 1s\n")}, "names neither gateway/url nor merchant/check_url or result_url"},
		{"a value for a field that no operation has", nil, []string{"--config", conf("gateway: {url: " + url + "}\nvalues: {pg_card_tokn: x}\n")}, ".yaml:2: values/pg_card_tokn: no operation has a request field of this name"},
		{"a secret in plain text", nil, []string{"--config", conf("gateway: {url: " + url + "}\ncredentials: {secret: Rather-Unlikely-91}\n")}, ".yaml:2: a secret does not stand in the file"},
		{"a key file that is empty", nil, []string{"--config", conf("gateway: {url: " + url + "}\ncredentials: {secret: {file: " + emptyKey + "}}\n")}, "is empty"},
		{"a variable that is not set", nil, []string{"--config", conf("gateway: {url: " + url + "}\ncredentials: {secret: {env: NOT_SET}}\n")}, "the variable NOT_SET is not set"},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, stdout, stderr := programWithLookup(row.env, append([]string{"run"}, row.args...)...)
			if code != exitUsage {
				t.Errorf("exit %d, want 2", code)
			}
			if !strings.HasPrefix(stderr, "fpconform: ") || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, row.says) {
				t.Errorf("stderr %q, want one line that says %q", stderr, row.says)
			}
			if stdout != "" {
				t.Errorf("stdout %q", stdout)
			}
			if strings.Contains(stderr, "Rather-Unlikely-91") || strings.Contains(stderr, "me:word") {
				t.Error("a secret is echoed")
			}
		})
	}
	if n := seen.Load(); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "r*")); len(files) > 0 {
		t.Errorf("files were left: %v", files)
	}
}

// programWithLookup is program with an environment that tells empty from unset.
func programWithLookup(env map[string]string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = execute(args, &streams{
		in: strings.NewReader(""), out: &out, err: &err,
		getenv: func(name string) string { return env[name] },
		lookup: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	return code, out.String(), err.String()
}

func TestAPlanSendsNothing(t *testing.T) {
	url, seen := counting(t)
	code, stdout, stderr := program(credentials(), "run", "--plan", "--seed", "3", "--target", url, "--check-url", url+"/check?shop=7", "--run", "merchant.purchase.*", "--run", "callback.check")
	if code != exitOK || stderr != "" {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	for _, want := range []string{
		"plan, seed 3; nothing is sent\n",
		"gateway " + url + "\n",
		"requests if all is answered as it should be: ",
		"merchant.purchase.create  ",
		"together  ",
		"invoice.merchant.info: known by name only\n",
		"merchant.card.pay: not selected\n",
		"merchant " + url + "/check\n",
		"known to the merchant and not paid",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, stdout)
		}
	}
	if n := seen.Load(); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
	if strings.Contains(stdout, "shop=7") {
		t.Error("it shows the query of an address")
	}
	_, verbose, _ := program(credentials(), "run", "--plan", "--verbose", "--target", url)
	if !strings.Contains(verbose, "\n  merchant.purchase.create/valid/req.accepted\n") {
		t.Error("--verbose names no case")
	}
}

func TestAPlanSaysHowLongThePaceTakes(t *testing.T) {
	code, stdout, _ := program(credentials(), "run", "--plan", "--target", "https://test-api.example", "--run", "merchant.purchase.create", "--pace", "3s")
	if code != exitOK || !strings.Contains(stdout, ", at least ") || !strings.Contains(stdout, " by the pace\n") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestWhatMayBeSentDependsOnThePlace(t *testing.T) {
	for _, row := range []struct {
		name         string
		args         []string
		says, saysNo string
	}{
		{"elsewhere nothing is charged", []string{"--target", "https://test-api.example"}, "merchant.card.pay: 210 cases: effect charges is not allowed off loopback without --allow", "0 requests"},
		{"elsewhere what --allow names is sent", []string{"--target", "https://test-api.example", "--allow", "reads,creates,charges"}, " charge", "is not allowed"},
		{"elsewhere --allow may be narrower", []string{"--target", "https://test-api.example", "--allow", "reads"}, "effect creates is not allowed by --allow", " create\n"},
		{"on a production host nothing is sent", []string{"--target", "https://api.freedompay.kz"}, "api.freedompay.kz is a production host: not asked without --production", "requests if"},
		{"on a production host --production reads", []string{"--target", "https://api.freedompay.kz", "--production"}, "effect creates is not allowed on a production host", "not asked"},
		{"a paid result charges, so it is not sent elsewhere", []string{"--result-url", "https://shop.example/result"}, "effect charges is not allowed off loopback", " charge\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, stdout, stderr := program(credentials(), append([]string{"run", "--plan"}, row.args...)...)
			if code != exitOK || !strings.Contains(stdout, row.says) || strings.Contains(stdout, row.saysNo) {
				t.Errorf("exit %d, want %q and not %q\n%s%s", code, row.says, row.saysNo, stdout, stderr)
			}
		})
	}
}

func TestNothingJudgedIsNoVerdict(t *testing.T) {
	url, seen := counting(t)
	code, r, stdout, _ := judged(t, nil, "--target", url) // no credentials at all
	if code != exitNoVerdict || seen.Load() > 0 {
		t.Errorf("exit %d, %d requests\n%s", code, seen.Load(), stdout)
	}
	if r.Counts[report.Skip] == 0 || !strings.Contains(stdout, "the configuration has no secret") {
		t.Errorf("it does not say why nothing was judged:\n%s", stdout)
	}
}

func TestKnownCasesAreExcusedAndStaleOnesAreFindings(t *testing.T) {
	pair := embeddedPair(t, mock.Options{})
	url := listen(t, pair.Gateway)
	for _, row := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"an entry whose case passes", []string{"--known", "merchant.purchase.create/valid/req.accepted=old"}, exitFindings, "does not end inconclusive"},
		{"an entry that names no case", []string{"--known", "merchant.purchase.create/valid/nothing=typo"}, exitFindings, "names a case that there is not"},
		{"an entry whose case is not selected", []string{"--known", "merchant.purchase.status/valid/req.accepted=later"}, exitOK, "verdict: conforms"},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, _, stdout, _ := judged(t, credentials(), append([]string{"--target", url, "--run", "merchant.purchase.create/sig-missing"}, row.args...)...)
			if code != row.code || !strings.Contains(stdout, row.says) {
				t.Errorf("exit %d, want %d and %q\n%s", code, row.code, row.says, stdout)
			}
		})
	}
	// Of two roles one reports it.
	code, r, _, stderr := judged(t, nil, "--run", "*/valid", "--known", "nothing/at/all=typo")
	if code != exitFindings || r.Counts[report.Fail] != 1 {
		t.Errorf("exit %d, %d findings\n%s", code, r.Counts[report.Fail], stderr)
	}
}

func TestASelectedNegativeBringsItsControl(t *testing.T) {
	code, r, stdout, _ := judged(t, nil, "--role", "gateway", "--run", "merchant.purchase.create/sig-missing")
	if code != exitOK {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	probes := map[string]bool{}
	for _, res := range r.Results {
		probes[res.Operation+"/"+res.Probe] = true
	}
	if len(probes) != 2 || !probes["merchant.purchase.create/sig-missing"] || !probes["merchant.purchase.create/valid"] {
		t.Errorf("judged %v", probes)
	}
	if !r.Partial {
		t.Error("a selection is not partial")
	}
}

func TestAPatternNeedsToMatchInOneRoleOnly(t *testing.T) {
	code, r, stdout, _ := judged(t, nil, "--run", "callback.check", "--skip", "callback.check/extra*")
	if code != exitOK {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	for _, res := range r.Results {
		if res.Operation != "callback.check" || strings.HasPrefix(res.Probe, "extra") {
			t.Fatalf("judged %s", res.ID)
		}
	}
}

func TestTheSameSeedSendsTheSame(t *testing.T) {
	ids := func(seed string) string {
		_, r, _, _ := judged(t, nil, "--seed", seed, "--role", "gateway", "--run", "merchant.purchase.create/valid")
		for _, x := range r.Exchanges {
			if i := strings.Index(x.Request.Body, "fpC-"); i >= 0 {
				return x.Request.Body[i:min(i+20, len(x.Request.Body))]
			}
		}
		t.Fatal("no order id in the exchanges")
		return ""
	}
	if a, b := ids("7"), ids("7"); a != b {
		t.Errorf("%s and %s", a, b)
	}
	if a, b := ids("7"), ids("8"); a == b {
		t.Errorf("two seeds, one id %s", a)
	}
}

func TestReportsGoWhereTheyShould(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	args := []string{"run", "--seed", "1", "--role", "gateway", "--run", "merchant.purchase.create/valid"}
	t.Run("several at once", func(t *testing.T) {
		code, stdout, _ := program(nil, append(args, "--report", "json="+path("a.json"), "--report", "junit="+path("a.xml"), "--report", "text="+path("a.txt"))...)
		if code != exitOK {
			t.Fatalf("exit %d", code)
		}
		readReport(t, path("a.json"))
		for name, begins := range map[string]string{"a.xml": "<?xml", "a.txt": "fpconform "} {
			b, err := os.ReadFile(path(name))
			if err != nil || !bytes.HasPrefix(b, []byte(begins)) {
				t.Errorf("%s: %v, %.40q", name, err, b)
			}
		}
		if !strings.Contains(stdout, "verdict: ") {
			t.Error("the text is missing on standard output")
		}
	})
	t.Run("standard output holds nothing but the report", func(t *testing.T) {
		code, stdout, stderr := program(nil, append(args, "--report", "json=-")...)
		if code != exitOK {
			t.Fatalf("exit %d", code)
		}
		if _, err := report.Read(strings.NewReader(stdout)); err != nil {
			t.Errorf("%v", err)
		}
		if !strings.Contains(stderr, "verdict: conforms") {
			t.Errorf("the text is not on standard error: %s", stderr)
		}
	})
	t.Run("a plain file name in the present folder", func(t *testing.T) {
		t.Chdir(dir)
		if code, _, stderr := program(nil, append(args, "--report", "json=here.json")...); code != exitOK {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		readReport(t, path("here.json"))
	})
	if left, _ := filepath.Glob(path(".fpconform-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAReportThatIsLostIsNotSuccess(t *testing.T) {
	// The folder is there when the run begins and gone when it ends.
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	pair := embeddedPair(t, mock.Options{})
	url := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		os.RemoveAll(dir)
		pair.Gateway.ServeHTTP(w, r)
	}))
	code, stdout, stderr := program(credentials(), "run", "--target", url, "--run", "merchant.purchase.create/valid", "--report", "json="+filepath.Join(dir, "r.json"))
	if code != exitNoVerdict || !strings.Contains(stderr, "cannot be written") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if !strings.Contains(stdout, "verdict: conforms") {
		t.Errorf("the text is lost too: %s", stdout)
	}
}

func TestColourIsForTerminalsThatWantIt(t *testing.T) {
	s, _ := mock.ScenarioNamed("answer-unsigned")
	pair := embeddedPair(t, mock.Options{Scenario: s})
	url := listen(t, pair.Gateway)
	for _, row := range []struct {
		name     string
		terminal bool
		env      []string
		colour   bool
	}{
		{"a terminal", true, nil, true},
		{"a pipe", false, nil, false},
		{"a terminal with NO_COLOR", true, []string{"NO_COLOR", "1"}, false},
		{"a terminal with an empty NO_COLOR, which counts as none", true, []string{"NO_COLOR", ""}, true},
		{"a terminal that knows no colours", true, []string{"TERM", "dumb"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			env := credentials(row.env...)
			execute([]string{"run", "--target", url, "--run", "merchant.purchase.create/valid"}, &streams{
				in: strings.NewReader(""), out: &out, err: &errs,
				getenv:   func(name string) string { return env[name] },
				terminal: func(io.Writer) bool { return row.terminal },
			})
			if got := strings.Contains(out.String(), "\x1b["); got != row.colour {
				t.Errorf("colour %v, want %v: %.200q", got, row.colour, out.String())
			}
		})
	}
}

func TestNotesAreSaid(t *testing.T) {
	pair := embeddedPair(t, mock.Options{})
	url := listen(t, pair.Gateway)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"f.yaml": "gateway: {url: http://127.0.0.1:1}\ncredentials: {merchant_id: \"" + selftest.MerchantID + "\", secret: {file: secret.key}}\n",
		// Used without the line break, else every signature would be refused.
		"secret.key": selftest.Secret + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr := program(map[string]string{"FPCONFORM_TARGET": url}, "run", "--config", filepath.Join(dir, "f.yaml"), "--run", "merchant.purchase.create/sig-*")
	if code != exitOK {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	for _, want := range []string{
		"fpconform: note: FPCONFORM_TARGET replaces gateway/url of the configuration\n",
		"secret.key\" ends in a line break, which is not part of the key\n",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr does not say %q:\n%s", want, stderr)
		}
	}
}

// slow is a gateway that holds its answers back after the first few, until the test is over.
func slow(t *testing.T, answers int32) (url string, held <-chan struct{}) {
	pair := embeddedPair(t, mock.Options{})
	over, ready := make(chan struct{}), make(chan struct{})
	var n atomic.Int32
	var once sync.Once
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) > answers {
			once.Do(func() { close(ready) })
			select {
			case <-over:
			case <-r.Context().Done():
			}
			return
		}
		pair.Gateway.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { close(over); s.Close() })
	return s.URL, ready
}

func TestASignalInTheMiddleLeavesCompleteReports(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			url, held := slow(t, 10)
			dir := t.TempDir()
			js, xml := filepath.Join(dir, "r.json"), filepath.Join(dir, "r.xml")
			cmd := exec.Command("fpconform", "run", "--target", url, "--report", "json="+js, "--report", "junit="+xml)
			cmd.Env = environ(credentials())
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			wait(t, held)
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code := exitCode(t, cmd.Wait()); code != exitNoVerdict {
				t.Errorf("exit %d\n%s%s", code, out.String(), errs.String())
			}
			r := readReport(t, js)
			if r.Ended != report.EndedInterrupted || r.Verdict != report.VerdictNone {
				t.Errorf("ended %q, verdict %s", r.Ended, r.Verdict)
			}
			if r.Counts[report.Pass] == 0 || r.Counts[report.Skip] == 0 || r.Counts[report.Fail] > 0 {
				t.Errorf("counts %v: want what was judged, the rest skipped, and no finding", r.Counts)
			}
			if b, err := os.ReadFile(xml); err != nil || !bytes.HasSuffix(bytes.TrimSpace(b), []byte("</testsuites>")) {
				t.Errorf("JUnit: %v, %d bytes", err, len(b))
			}
			if !strings.Contains(errs.String(), "interrupted; the reports are written") {
				t.Errorf("stderr %s", errs.String())
			}
		})
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	// The report goes to a pipe that nobody reads, so only the second signal can end the program.
	url, held := slow(t, 10)
	cmd := exec.Command("fpconform", "run", "--target", url, "--report", "json=-")
	cmd.Env = environ(credentials())
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	cmd.Stdout = w
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	wait(t, held)
	cmd.Process.Signal(os.Interrupt)
	lines := bufio.NewScanner(stderr)
	for lines.Scan() && !strings.Contains(lines.Text(), "interrupted") {
	}
	// Fill the pipe, if the report has not yet.
	time.Sleep(300 * time.Millisecond)
	cmd.Process.Signal(os.Interrupt)
	go io.Copy(io.Discard, stderr)
	if code := exitCode(t, cmd.Wait()); code != exitNoVerdict {
		t.Errorf("exit %d", code)
	}
}

func TestMaxTimeInTheMiddleLeavesCompleteReports(t *testing.T) {
	url, _ := slow(t, 10)
	code, r, stdout, _ := judged(t, credentials(), "--target", url, "--max-time", "700ms")
	if code != exitNoVerdict || r.Ended != report.EndedMaxTime {
		t.Errorf("exit %d, ended %q\n%s", code, r.Ended, stdout)
	}
	if r.Counts[report.Pass] == 0 || r.Counts[report.Fail] > 0 {
		t.Errorf("counts %v", r.Counts)
	}
}

func TestMaxTimeIsForBothRolesTogether(t *testing.T) {
	url, _ := slow(t, 10)
	merchant := listen(t, embeddedPair(t, mock.Options{}).Merchant)
	_, r, _, _ := judged(t, credentials(), "--target", url, "--max-time", "700ms", "--check-url", merchant+"/check", "--order", "any")
	if r.Ended != report.EndedMaxTime {
		t.Errorf("ended %q", r.Ended)
	}
	for _, x := range r.Exchanges {
		if strings.HasPrefix(x.Operation, "callback.") {
			t.Fatalf("%s was sent after the time was over", x.ID)
		}
	}
}

func wait(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(30 * time.Second):
		t.Fatal("nothing happened for 30 s")
	}
}

// exitCode returns the code of a process that ended by itself.
func exitCode(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return exit.ExitCode()
}

func TestAReportHoldsNoSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	pair := embeddedPair(t, mock.Options{})
	code, stdout, stderr := program(credentials(), "run", "--target", listen(t, pair.Gateway), "--report", "json="+path, "--verbose",
		"--run", "*/valid", "--run", "*/sig-*", "--run", "*/jws-*", "--run", "*/optional*",
		"--value", "pg_card_token="+selftest.CardToken, "--value", "card_token="+selftest.CardToken)
	if code != exitOK {
		t.Fatalf("exit %d\n%s", code, stdout)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{selftest.Secret, selftest.JWSKey, selftest.CardToken} {
		for what, text := range map[string]string{"the report": string(b), "the text": stdout, "standard error": stderr} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %.9s…", what, secret)
			}
		}
	}
}

func TestWorkersChangeNothingButTheTime(t *testing.T) {
	ids := func(n string) string {
		code, r, stdout, _ := judged(t, nil, "--workers", n, "--role", "gateway", "--run", "*/valid", "--run", "*/sig-*", "--run", "*/jws-*")
		if code != exitOK {
			t.Fatalf("%s workers: exit %d\n%s", n, code, stdout)
		}
		var ids []string
		for _, res := range r.Results {
			ids = append(ids, res.ID)
		}
		return strings.Join(ids, "\n")
	}
	if one, four := ids("1"), ids("4"); one != four {
		t.Error("one worker judges other cases than four")
	}
}
