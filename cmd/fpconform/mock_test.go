package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
)

// A served mock is "fpconform mock" in a process of its own.
type served struct {
	t       *testing.T
	cmd     *exec.Cmd
	said    map[string]string // what it printed first: gateway, merchant, seed, credentials
	lines   chan string       // what it prints then
	stderr  strings.Builder
	stopped bool
}

// serveMock starts a mock on free ports. It is stopped with the test.
func serveMock(t *testing.T, env map[string]string, args ...string) *served {
	t.Helper()
	m := &served{t: t, said: map[string]string{}, lines: make(chan string, 4096)}
	m.cmd = exec.Command("fpconform", append([]string{"mock", "--listen", "127.0.0.1:0", "--merchant-listen", "127.0.0.1:0"}, args...)...)
	m.cmd.Env = environ(env)
	m.cmd.Stderr = &m.stderr
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !m.stopped {
			m.cmd.Process.Kill()
			m.cmd.Wait()
		}
	})
	go func() {
		defer close(m.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			m.lines <- s.Text()
		}
	}()
	for m.said["card token"] == "" {
		line := m.line()
		name, value, ok := strings.Cut(line, "  ")
		if !ok {
			t.Fatalf("line %q", line)
		}
		m.said[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return m
}

func (m *served) line() string {
	m.t.Helper()
	select {
	case line, ok := <-m.lines:
		if !ok {
			m.cmd.Wait()
			m.t.Fatalf("it ended: %s", m.stderr.String())
		}
		return line
	case <-time.After(30 * time.Second):
		m.t.Fatal("nothing was printed for 30 s")
	}
	return ""
}

// stop interrupts it and returns its exit code.
func (m *served) stop() int {
	m.t.Helper()
	m.stopped = true
	if err := m.cmd.Process.Signal(os.Interrupt); err != nil {
		m.t.Fatal(err)
	}
	go func() { // so that it never waits for a reader
		for range m.lines {
		}
	}()
	return exitCode(m.t, m.cmd.Wait())
}

// merchantURL is the address of the mock's merchant.
func (m *served) merchantURL() string {
	address, _, _ := strings.Cut(m.said["merchant"], "/check")
	return address
}

func TestTheMockIsJudgedWithWhatItPrints(t *testing.T) {
	m := serveMock(t, nil, "--seed", "5")
	if m.said["seed"] != "5" || !strings.HasPrefix(m.said["gateway"], "http://127.0.0.1:") {
		t.Errorf("it says %v", m.said)
	}
	env := map[string]string{
		"FPCONFORM_MERCHANT_ID": m.said["merchant_id"], "FPCONFORM_SECRET": m.said["secret"],
		"FPCONFORM_JWS_ID": m.said["jws_id"], "FPCONFORM_JWS_KEY": m.said["jws_key"],
	}
	merchant := m.merchantURL()
	code, r, stdout, _ := judged(t, env, "--target", m.said["gateway"], "--check-url", merchant+"/check", "--result-url", merchant+"/result",
		"--value", "pg_card_token="+m.said["card token"], "--value", "card_token="+m.said["card token"])
	if code != exitOK || r.Counts[report.Pass] < 1000 {
		t.Errorf("exit %d, counts %v\n%s", code, r.Counts, stdout)
	}
	if code := m.stop(); code != exitOK {
		t.Errorf("interrupted, it ended with %d: %s", code, m.stderr.String())
	}
}

func TestTheMockSaysOfEachRequestWhatWasWrong(t *testing.T) {
	m := serveMock(t, nil)
	post := func(address string, form url.Values) {
		t.Helper()
		resp, err := http.PostForm(address, form)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	post(m.said["gateway"]+"/init_payment.php", url.Values{"pg_merchant_id": {m.said["merchant_id"]}, "pg_salt": {"x"}, "pg_sig": {"00000000000000000000000000000000"}})
	post(m.merchantURL()+"/result", url.Values{"pg_order_id": {"1"}, "pg_salt": {"x"}})
	post(m.said["gateway"]+"/nothing/4111111111111111", nil)
	for _, want := range [][]string{
		{`gateway  "POST" "/init_payment.php" merchant.purchase.create 200 refused, code `, "SIG-13"},
		{`merchant "POST" "/result" callback.result 200 refused`, " CB-"},
		{`gateway  "POST" "/nothing/`, " 404 no such operation"},
	} {
		line := m.line()
		for _, part := range want {
			if !strings.Contains(line, part) {
				t.Errorf("line %q, want %q in it", line, part)
			}
		}
		if strings.Contains(line, "4111111111111111") {
			t.Errorf("line %q shows a card number", line)
		}
	}
	m.stop()
}

func TestTheMockShowsTestCredentialsAndNoConfiguredOnes(t *testing.T) {
	const secret = "Rather-Unlikely-Text-91"
	m := serveMock(t, map[string]string{"FPCONFORM_SECRET": secret, "FPCONFORM_MERCHANT_ID": "77"})
	if m.said["secret"] != "as configured, not shown" || m.said["merchant_id"] != "77" || m.said["jws_key"] != selftest.JWSKey {
		t.Errorf("it says %v", m.said)
	}
	// It lives by them: a run with the same environment conforms.
	code, _, stdout, _ := judged(t, map[string]string{"FPCONFORM_SECRET": secret, "FPCONFORM_MERCHANT_ID": "77"}, "--target", m.said["gateway"], "--run", "merchant.purchase.create/sig-*")
	if code != exitOK {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	// Not even where a caller puts it into the path.
	resp, err := http.Get(m.said["gateway"] + "/" + secret)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for line := m.line(); !strings.Contains(line, "no such operation"); line = m.line() {
		if strings.Contains(line, secret) {
			t.Errorf("line %q shows the secret", line)
		}
	}
	m.stop()
	if strings.Contains(m.stderr.String(), secret) {
		t.Error("the secret is on standard error")
	}
}

func TestTheMockTakesScenarioReadingAndConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.yaml")
	err := os.WriteFile(file, []byte("values: {pg_card_token: \"token-of-mine\"}\norders: [{id: A-1, amount: \"5\", currency: KZT}]\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	m := serveMock(t, nil, "--scenario", "answer-unsigned", "--reading", "refusals=signed", "--config", file)
	if !strings.HasPrefix(m.line(), "scenario     answer-unsigned: ") || m.line() != "reading      refusals=signed" {
		t.Error("it does not say by what it lives")
	}
	code, r, stdout, _ := judged(t, credentials(), "--target", m.said["gateway"], "--run", "merchant.purchase.create/sig-*")
	if code != exitFindings || !strings.Contains(stdout, "SIG-8") {
		t.Errorf("the scenario is not there: exit %d\n%s", code, stdout)
	}
	var readings []string
	for _, b := range r.Behaviour {
		readings = append(readings, b.Topic+"="+b.Reading)
	}
	if !strings.Contains(strings.Join(readings, " "), "refusals=signed") {
		t.Errorf("the reading is not there: %v", readings)
	}
	// The merchant knows the configured order alone.
	code, _, stdout, _ = judged(t, credentials(), "--check-url", m.merchantURL()+"/check", "--order", "A-1:5:KZT")
	if code != exitOK {
		t.Errorf("the order is not known: exit %d\n%s", code, stdout)
	}
	code, _, _, _ = judged(t, credentials(), "--check-url", m.merchantURL()+"/check", "--order", "A-2:5:KZT")
	if code == exitOK {
		t.Error("an order is known that nobody configured")
	}
	m.stop()
}

func TestAPortInUseIsWrongUsage(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	for _, args := range [][]string{{"--listen", taken, "--merchant-listen", "127.0.0.1:0"}, {"--listen", "127.0.0.1:0", "--merchant-listen", taken}} {
		code, stdout, stderr := program(nil, append([]string{"mock"}, args...)...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, taken) || !strings.Contains(stderr, "address already in use") {
			t.Errorf("%v: exit %d, %q, %q", args, code, stdout, stderr)
		}
	}
}

func TestTheMockWarnsWhereOthersCanReachIt(t *testing.T) {
	m := serveMock(t, nil, "--listen", ":0")
	m.stop()
	if want := `fpconform: warning: --listen ":0" can be reached from outside this machine`; !strings.Contains(m.stderr.String(), want) {
		t.Errorf("stderr %q, want %q", m.stderr.String(), want)
	}
	if strings.Contains(m.stderr.String(), "--merchant-listen") {
		t.Error("it warns of a loopback address")
	}
}
