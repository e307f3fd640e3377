package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fpconform/fpconform/conformance/report"
)

// The merchant in plain PHP is a peer that shares no code with this module: real PHP runs it, and
// the command judges it over the network as it would judge anyone's.

const (
	phpMerchant = "../../conformance/mock/examples/php/merchant.php"
	phpSecret   = "a key of the PHP merchant and of nobody else"
)

// needPHP returns the path of php. Where something is not installed the test is skipped, but not in CI.
func needPHP(t *testing.T, extensions ...string) string {
	t.Helper()
	missing := func(what, from string) {
		t.Helper()
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed (Debian package %s), and CI=true", what, from)
		}
		t.Skipf("%s is not installed (Debian package %s)", what, from)
	}
	php, err := exec.LookPath("php")
	if err != nil {
		missing("php", "php-cli")
	}
	if len(extensions) > 0 {
		loaded, err := exec.Command(php, "-d", "display_errors=0", "-m").Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range extensions {
			if !strings.Contains("\n"+strings.ReplaceAll(string(loaded), "\r", ""), "\n"+name+"\n") {
				missing("the PHP extension "+name, "php-xml")
			}
		}
	}
	return php
}

// phpOrders are those that the PHP merchant knows, more than a run needs. Amounts are written in
// several lawful ways: 20 equals 20.00.
func phpOrders() (forPHP, forConfig string) {
	amounts := []string{"100.00", "250", "20", "999.99", "1.50", "75.10", "12345", "0.50"}
	var php, yaml []string
	for i := range 3 * len(amounts) {
		amount := amounts[i%len(amounts)]
		php = append(php, fmt.Sprintf("A-%d:%s:KZT", 17+i, amount))
		yaml = append(yaml, fmt.Sprintf("  - {id: A-%d, amount: %q, currency: KZT}", 17+i, amount))
	}
	return strings.Join(php, ","), strings.Join(yaml, "\n")
}

// A phpLog keeps what php says, and tells when it listens or cannot.
type phpLog struct {
	mu     sync.Mutex
	text   bytes.Buffer
	listen chan bool
	told   bool
}

func (l *phpLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if !l.told {
		said := l.text.String()
		switch {
		case strings.Contains(said, "Development Server ("):
			l.told = true
			l.listen <- true
		case strings.Contains(said, "Failed to listen"):
			l.told = true
			l.listen <- false
		}
	}
	return len(p), nil
}

func (l *phpLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// servePHP runs script in PHP's own server for as long as the test takes, and returns its address.
func servePHP(t *testing.T, php, script string) string {
	t.Helper()
	orders, _ := phpOrders()
	for range 5 {
		// php does not say in every version which port it got for 0, so a free one is looked for;
		// where someone else is faster, php says so and another one is tried.
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		l.Close()
		ctx, cancel := context.WithCancel(context.Background())
		log := &phpLog{listen: make(chan bool, 1)}
		cmd := exec.CommandContext(ctx, php, "-d", "display_errors=0", "-S", address, filepath.Base(script))
		cmd.Dir = filepath.Dir(script)
		cmd.Env = append(os.Environ(), "FPCONFORM_SECRET="+phpSecret, "FPCONFORM_ORDERS="+orders)
		cmd.Stdout, cmd.Stderr = log, log
		cmd.WaitDelay = 10 * time.Second
		if err := cmd.Start(); err != nil {
			cancel()
			t.Fatal(err)
		}
		exited := make(chan struct{})
		go func() {
			cmd.Wait() // it is killed, or says itself why it ended
			close(exited)
		}()
		stop := func() {
			cancel()
			<-exited
		}
		listens := false
		select {
		case listens = <-log.listen:
		case <-exited:
		case <-time.After(30 * time.Second):
		}
		if listens {
			t.Cleanup(func() {
				stop()
				if t.Failed() {
					t.Logf("what php said:\n%s", log)
				}
			})
			return "http://" + address
		}
		stop()
		if !strings.Contains(log.String(), "Failed to listen") {
			t.Fatalf("php does not serve %s:\n%s", script, log)
		}
	}
	t.Fatal("no free port was left to php five times")
	return ""
}

// runAgainst has the command judge the merchant at base, called by method, and returns the exit code and
// the report. query is one that the merchant's addresses have themselves.
func runAgainst(t *testing.T, base, query, method string) (int, *report.Report) {
	t.Helper()
	_, orders := phpOrders()
	dir := t.TempDir()
	file, made := filepath.Join(dir, "fpconform.yaml"), filepath.Join(dir, "report.json")
	text := fmt.Sprintf("merchant: {request_method: %s}\ncredentials: {secret: {env: FPCONFORM_SECRET}}\norders:\n%s\n", method, orders)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := execute([]string{"run", "--role", "merchant", "--check-url", base + "/check" + query, "--result-url", base + "/shop/result" + query,
		"--config", file, "--seed", "1", "--report", "json=" + made}, &streams{
		in: strings.NewReader(""), out: &out, err: &errs,
		getenv: func(name string) string {
			if name == "FPCONFORM_SECRET" {
				return phpSecret
			}
			return ""
		},
	})
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what the command printed:\n%s%s", &out, &errs)
		}
	})
	src, err := os.Open(made)
	if err != nil {
		t.Fatalf("exit code %d and no report: %v", code, err)
	}
	defer src.Close()
	r, err := report.Read(src)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"standard output": out.String(), "standard error": errs.String()} {
		if strings.Contains(text, phpSecret) {
			t.Errorf("%s has the secret", what)
		}
	}
	return code, r
}

// calledBy fails unless every callback went out as the configuration says.
func calledBy(t *testing.T, r *report.Report, method string) {
	t.Helper()
	begins := map[string]string{"POST": "POST /", "GET": "GET /", "XML": "POST /"}[method]
	if len(r.Exchanges) < 40 {
		t.Errorf("%d requests, want 40 or more", len(r.Exchanges))
	}
	for _, x := range r.Exchanges {
		if !strings.HasPrefix(x.Request.Line, begins) || strings.Contains(x.Request.Body, "pg_xml") != (method == "XML") {
			t.Errorf("%s was sent as %s with the body %.80q, and not by %s", x.ID, x.Request.Line, x.Request.Body, method)
		}
	}
}

// complaints lists everything that a report says against its peer.
func complaints(r *report.Report) []report.Result {
	var all []report.Result
	for _, res := range r.Results {
		if res.Status != report.Pass && res.Status != report.Skip {
			all = append(all, res)
		}
	}
	return all
}

func TestThePHPMerchantConforms(t *testing.T) {
	for _, c := range []struct {
		name, method, query string
		extensions          []string
	}{
		{name: "called by POST", method: "POST"},
		{name: "called by POST at an address with a query", method: "POST", query: "?shop=7&lang=kk"},
		{name: "called by GET", method: "GET"},
		{name: "called by GET at an address with a query", method: "GET", query: "?shop=7&lang=kk"},
		{name: "called by XML", method: "XML", extensions: []string{"SimpleXML"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			php := needPHP(t, c.extensions...)
			code, r := runAgainst(t, servePHP(t, php, phpMerchant), c.query, c.method)
			for _, res := range complaints(r) {
				t.Errorf("%s %s: %s %+v", res.Status, res.ID, res.Reason, res.Findings)
			}
			if code != 0 || r.Verdict != report.VerdictConforms {
				t.Errorf("exit code %d and verdict %s, want 0 and %s", code, r.Verdict, report.VerdictConforms)
			}
			calledBy(t, r, c.method)
		})
	}
}

// withoutSignatureCheck writes the merchant anew, less the one line that looks at pg_sig.
func withoutSignatureCheck(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(phpMerchant)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "// signature check: begin", "// signature check: end"
	before, rest, ok := strings.Cut(string(source), begin)
	cut, after, ended := strings.Cut(rest, end)
	if !ok || !ended || strings.Contains(after, begin) || !strings.Contains(cut, "makeSignature(") {
		t.Fatalf("%s has not one signature check between %q and %q", phpMerchant, begin, end)
	}
	file := filepath.Join(t.TempDir(), "merchant.php")
	if err := os.WriteFile(file, []byte(before+after), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestThePHPMerchantWithoutItsSignatureCheckBreaksThatClauseAndNoOther(t *testing.T) {
	for _, c := range []struct {
		method     string
		extensions []string
	}{{"POST", nil}, {"GET", nil}, {"XML", []string{"SimpleXML"}}} {
		t.Run("called by "+c.method, func(t *testing.T) {
			php := needPHP(t, c.extensions...)
			code, r := runAgainst(t, servePHP(t, php, withoutSignatureCheck(t)), "", c.method)
			if code != 1 || r.Verdict != report.VerdictFindings {
				t.Errorf("exit code %d and verdict %s, want 1 and %s", code, r.Verdict, report.VerdictFindings)
			}
			accused := map[string]bool{}
			for _, res := range complaints(r) {
				if res.Status != report.Fail {
					t.Errorf("%s %s: %s %+v", res.Status, res.ID, res.Reason, res.Findings)
				}
				for _, f := range res.Findings {
					if f.Clause != "CB-3" {
						t.Errorf("%s is about %s, want CB-3: %s, got %s", res.ID, f.Clause, f.Message, f.Got)
					}
				}
				accused[res.Operation+"/"+res.Probe] = true
			}
			// Every way in which a signature is wrong is seen, in both callbacks.
			for _, operation := range []string{"callback.check", "callback.result"} {
				for _, probe := range []string{"sig-missing", "sig-tampered", "sig-other-secret", "sig-other-script"} {
					if !accused[operation+"/"+probe] {
						t.Errorf("nothing is reported of %s/%s", operation, probe)
					}
				}
			}
			calledBy(t, r, c.method)
		})
	}
}
