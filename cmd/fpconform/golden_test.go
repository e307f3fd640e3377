package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/internal/fptest"
	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/vectors"
)

// in writes content into a file of its own and returns its path.
func in(t *testing.T, content []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// carriers are the formats that a vector may name as unable to carry it, and what --as calls
// them.
var carriers = map[string]format{
	"urlencoded": formatForm, "multipart": formatMultipart, "xml": formatXML, "json": formatJSON,
}

func TestEveryVectorOfPgSigIsVerifiedAndExplainedInEveryFormatThatCarriesIt(t *testing.T) {
	files, err := vectors.LoadSig()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		for _, v := range file.Tests {
			m := fptest.Message(v.Message)
			if _, signed := m.Get(sig.FieldSig); v.Result != vectors.Invalid && signed == 0 {
				m = append(m, sig.Leaf(sig.FieldSig, v.Sig))
			}
			for carrier, to := range carriers {
				if slices.Contains(v.NotCarriedBy, carrier) {
					continue
				}
				n++
				t.Run(v.ID+"/"+carrier, func(t *testing.T) { verifyVector(t, v, m, to) })
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d messages", n)
	}
}

func verifyVector(t *testing.T, v vectors.Sig, m sig.Message, to format) {
	body, contentType, err := encode(to, "", m)
	if err != nil {
		t.Fatal(err)
	}
	if contentType == "" {
		contentType = string(to)
	}
	env := map[string]string{"FPCONFORM_SECRET": v.Secret}
	args := []string{"--script", v.Script, "--order", "reference", "--file", in(t, body), "--content-type", contentType, "--output", "json"}
	code, stdout, stderr := program(env, append([]string{"verify"}, args...)...)
	if v.Secret == "" { // an empty key is none for the command, which must say so
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, "FPCONFORM_SECRET") {
			t.Errorf("exit %d, stdout %q, stderr %q; want 2 and the variable", code, stdout, stderr)
		}
		return
	}
	var got verdict
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatalf("exit %d, %v, stderr %s", code, err, stderr)
	}
	byPHP := slices.ContainsFunc(got.Fits, func(f fit) bool { return f.View == viewPHP })
	switch v.Result {
	case vectors.Valid, vectors.Acceptable:
		if code != exitOK || !got.Right || got.Fits[0] != (fit{viewReceived, "reference"}) {
			t.Errorf("verify: exit %d, got %s, want it right in the reference order", code, stdout)
		}
	case vectors.Invalid:
		// PHP may make a right message of one that is wrong as it was sent.
		if !byPHP && (code != exitFindings || got.Reason != v.Error) {
			t.Errorf("verify: exit %d, got %s, want it wrong: %s", code, stdout, v.Error)
		}
	}
	_, received := m.Get(sig.FieldSig)
	if v.Sig != "" && strings.Contains(stdout+stderr, v.Sig) {
		t.Errorf("verify shows the right signature: %s", stdout)
	}

	code, stdout, stderr = program(env, append([]string{"explain"}, args...)...)
	if strings.Contains(stderr, errNotUTF8.Error()) {
		return
	}
	var stages explanation
	if err := json.Unmarshal([]byte(stdout), &stages); err != nil || code != exitOK {
		t.Fatalf("explain: exit %d, %v, stderr %s", code, err, stderr)
	}
	first := stages.Readings[0]
	if !slices.Equal(first.Names, v.Order) {
		t.Errorf("explain: names %q, want %q", first.Names, v.Order)
	}
	if want := strings.TrimSuffix(v.Canonical, v.Secret) + sig.Placeholder; first.Canonical != want {
		t.Errorf("explain: string %q, want %q", first.Canonical, want)
	}
	if first.Digest != ends4(v.Sig) {
		t.Errorf("explain: digest %q, want %q", first.Digest, ends4(v.Sig))
	}
	if received > 0 && v.Result == vectors.Valid && (first.Matches == nil || !*first.Matches) {
		t.Errorf("explain: does not match: %s", stdout)
	}
	if strings.Contains(stdout+stderr, v.Sig) {
		t.Errorf("explain shows the right signature: %s", stdout)
	}
}

func TestEveryVectorOfPgSigIsSigned(t *testing.T) {
	files, err := vectors.LoadSig()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		for _, v := range file.Tests {
			m := fptest.Message(v.Message)
			if _, signed := m.Get(sig.FieldSig); v.Secret == "" || v.Result == vectors.Invalid || signed > 0 {
				continue
			}
			n++
			for carrier, to := range carriers {
				if slices.Contains(v.NotCarriedBy, carrier) {
					continue
				}
				body, contentType, err := encode(to, "", m)
				if err != nil {
					t.Fatalf("%s: %s: %v", v.ID, carrier, err)
				}
				if contentType == "" {
					contentType = string(to)
				}
				code, stdout, stderr := program(map[string]string{"FPCONFORM_SECRET": v.Secret},
					"sign", "--script", v.Script, "--no-salt", "--file", in(t, body), "--content-type", contentType)
				if code != exitOK || stdout != v.Sig+"\n" {
					t.Errorf("%s: %s: exit %d, got %q, want %s; stderr %s", v.ID, carrier, code, stdout, v.Sig, stderr)
				}
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d vectors", n)
	}
}

func TestEveryVectorOfJWSIsVerified(t *testing.T) {
	files, err := vectors.LoadJWS()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		for _, v := range file.Tests {
			n++
			t.Run(v.ID, func(t *testing.T) {
				number := "--id-number=false"
				if v.Profile.Number {
					number = "--id-number"
				}
				body := in(t, []byte(v.Body))
				env := map[string]string{"FPCONFORM_JWS_KEY": v.Secret}
				code, stdout, stderr := program(env, "verify", "--jws", "--token", v.JWS, "--file", body,
					"--method", v.Request.Method, "--path", v.Request.Path, "--id", v.Request.Identity, number,
					"--alg", v.Profile.Alg, "--member-path", v.Profile.Target, "--member-id", v.Profile.Identity, "--output", "json")
				var got jwsVerdict
				if err := json.Unmarshal([]byte(stdout), &got); err != nil {
					t.Fatalf("exit %d, %v, stderr %s", code, err, stderr)
				}
				want := jwsVerdict{Right: v.Result != vectors.Invalid, Reason: v.Error, Member: v.Member}
				if got.Right != want.Right || got.Reason != want.Reason || got.Member != want.Member || len(got.FromHeader) > 0 {
					t.Errorf("got %+v, want %+v", got, want)
				}
				if wantCode := map[bool]int{true: exitOK, false: exitFindings}[want.Right]; code != wantCode {
					t.Errorf("exit %d, want %d", code, wantCode)
				}

				// Neither by itself nor by the header's own word is a wrong signature right.
				code, stdout, stderr = program(env, "verify", "--jws", "--token", v.JWS, "--file", body)
				if code == exitOK && v.Result == vectors.Invalid && v.Error != "member" && v.Error != "algorithm" {
					t.Errorf("%s is right by its own header: %s", v.ID, stdout)
				} else if code != exitOK && (code != exitFindings || v.Result != vectors.Invalid) {
					t.Errorf("by its own header: exit %d, %s %s", code, stdout, stderr)
				}
				if code, stdout, stderr = program(env, "explain", "--jws", "--token", v.JWS, "--file", body); code != exitOK || stdout == "" {
					t.Errorf("explain: exit %d, %s %s", code, stdout, stderr)
				}
			})
		}
	}
	if n < 30 {
		t.Errorf("only %d vectors", n)
	}
}

func TestOutputThatCannotBeWrittenIsNoSuccess(t *testing.T) {
	var complaints bytes.Buffer
	code := execute([]string{"version"}, &streams{out: full{}, err: &complaints})
	if code != exitNoVerdict || !strings.Contains(complaints.String(), "standard output: no space") {
		t.Errorf("exit %d, stderr %q", code, complaints.String())
	}
}

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
