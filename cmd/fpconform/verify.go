package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fpconform/fpconform/sig"
)

// A verdict is the answer of verify.
type verdict struct {
	Right bool `json:"right"`
	// Script is the script name that was signed.
	Script string `json:"script"`
	// Fits are the ways to sign by which the pg_sig is right.
	Fits []fit `json:"fits"`
	// Reason is unsigned, repeated, malformed or mismatch, as in the vectors; empty if right.
	Reason string `json:"reason,omitempty"`
	// Text says the reason in words.
	Text string `json:"text,omitempty"`
	// Hint says under which mistake the pg_sig would be right, if one was found.
	Hint string `json:"hint,omitempty"`
}

// A fit is one way to sign.
type fit struct {
	View  string `json:"view"` // received, or php where it sees a form differently
	Order string `json:"order"`
}

type verifying struct {
	source
	jws    jwsFlags
	secret keySource
	order  orderFlag
	output outputFlag
}

func newVerify(s *streams) *cobra.Command {
	v := verifying{secret: keySource{flag: "secret-file", env: "FPCONFORM_SECRET"}}
	c := &cobra.Command{
		Use:   "verify [flags] NAME=VALUE...|-",
		Short: "Say whether the pg_sig or X-JWS-Signature of a message is right",
		Long: `Say whether the pg_sig of a message is right, or with --jws the token of a body.
The exit code is 0 if it is, 1 if not, 2 if the input could not be read. A message
without pg_sig is wrong.

A message is given as NAME=VALUE arguments, in which a[0][b]=c nests and names may
repeat, or as a form, multipart, XML or JSON with --file FILE or - (standard
input). Keys come from files or the environment, as for sign.

The fields are tried in the three orders in which they may be signed and, for
forms, also as a program in PHP sees them. Any that fits is right, and named.
--order leaves one order. The right signature is never shown.

With --jws the token is given with --token. What no flag says (path, method, id,
alg, members) is taken from the token's own header, and named: a receiver must
not do so, since the sender would choose the algorithm.`,
		Example: `  fpconform verify --url https://shop.example/result --file callback.txt
  fpconform verify --script get_status3.php --secret-file key.txt - <answer.xml
  fpconform verify --jws --token "$TOKEN" --path /v5/g2g/create \
      --jws-key-file key.txt --file body.json`,
		DisableFlagsInUseLine: true,
		RunE: func(c *cobra.Command, args []string) error {
			if err := v.jws.fit(c); err != nil {
				return err
			}
			if v.jws.on {
				return v.runJWS(c, args, s)
			}
			return v.run(c, args, s)
		},
	}
	v.source.add(c)
	v.secret.add(c, "read the secret from `FILE` (default is $FPCONFORM_SECRET)")
	v.order.add(c, "accept only this `ORDER`: reference, documented or alphabetical")
	v.jws.add(c, true)
	v.output.add(c)
	return c
}

func (v *verifying) run(c *cobra.Command, args []string, s *streams) error {
	v.secret.set = c.Flags().Changed("secret-file")
	script, err := v.scriptName(c, s)
	if err != nil {
		return err
	}
	m, err := v.read(c, args, s)
	if err != nil {
		return err
	}
	secret, err := v.secret.read(s)
	if err != nil {
		return err
	}
	answer := judge(m, script, sig.NewKey(string(secret)), v.order.orders())
	if v.output.json() {
		if err := writeJSON(s.out, answer); err != nil {
			return err
		}
	} else {
		answer.print(s)
	}
	if !answer.Right {
		return &exitError{code: exitFindings}
	}
	return nil
}

func (answer *verdict) print(s *streams) {
	if answer.Right {
		fmt.Fprintf(s.out, "right: pg_sig matches the fields %s\n", answer.how())
		return
	}
	fmt.Fprintf(s.out, "wrong: %s\n", answer.Text)
	if answer.Hint != "" {
		fmt.Fprintf(s.out, "hint: %s\n", answer.Hint)
	}
}

// reasons are the names that the vectors have for what Verify returns.
var reasons = []struct {
	err  error
	name string
}{
	{sig.ErrUnsigned, "unsigned"},
	{sig.ErrRepeated, "repeated"},
	{sig.ErrMalformed, "malformed"},
	{sig.ErrMismatch, "mismatch"},
}

// judge tries every view of m in every order.
func judge(m *received, script string, key sig.Key, orders []sig.Order) *verdict {
	answer := &verdict{Script: script, Fits: []fit{}}
	var why error // of the first attempt, which is the most likely one to have been meant
	for _, view := range m.views() {
		for _, order := range orders {
			err := sig.Scheme{Order: order}.Verify(script, view.message, key)
			if err == nil {
				answer.Fits = append(answer.Fits, fit{view.name, order.String()})
			} else if why == nil {
				why = err
			}
		}
	}
	if answer.Right = len(answer.Fits) > 0; answer.Right {
		return answer
	}
	answer.Text = strings.TrimPrefix(why.Error(), "sig: ")
	for _, reason := range reasons {
		if errors.Is(why, reason.err) {
			answer.Reason = reason.name
		}
	}
	switch answer.Reason {
	case "unsigned":
		answer.Hint = m.hint()
	case "malformed":
		answer.Hint = hintLowerCase(m, script, key, orders)
	case "mismatch":
		answer.Hint = hintDropEmpty(m, script, key, orders)
	}
	if answer.Hint == "" && answer.Reason == "mismatch" {
		var tried []string
		for _, order := range orders {
			tried = append(tried, order.String())
		}
		answer.Hint = fmt.Sprintf("tried script name %q, order %s; \"fpconform explain\" shows what is signed", script, strings.Join(tried, ", "))
	}
	if answer.Hint == "" && m.phpErr != nil {
		answer.Hint = fmt.Sprintf("the form was not tried as PHP reads it: %v", m.phpErr)
	}
	return answer
}

// hintDropEmpty tells of integrations that leave empty values out. SIG-16 has them signed, so
// that this is no reading under which the signature is right.
func hintDropEmpty(m *received, script string, key sig.Key, orders []sig.Order) string {
	for _, view := range m.views() {
		for _, order := range orders {
			if (sig.Scheme{Order: order, DropEmpty: true}).Verify(script, view.message, key) == nil {
				return "it would be right without the empty values, which must be signed too"
			}
		}
	}
	return ""
}

// hintLowerCase tells of a signature that is right but for its capitals.
func hintLowerCase(m *received, script string, key sig.Key, orders []sig.Order) string {
	for _, view := range m.views() {
		lower := slices.Clone(view.message)
		for i := range lower {
			if lower[i].Name == sig.FieldSig {
				lower[i].Value = strings.ToLower(strings.TrimSpace(lower[i].Value))
			}
		}
		for _, order := range orders {
			if (sig.Scheme{Order: order}).Verify(script, lower, key) == nil {
				return "it would be right in lower case and without white space"
			}
		}
	}
	return ""
}

// how says which fields in which order fit, of the first view that does.
func (answer *verdict) how() string {
	view, orders := answer.Fits[0].View, []string{}
	for _, f := range answer.Fits {
		if f.View == view {
			orders = append(orders, f.Order)
		}
	}
	as := "as received"
	if view == viewPHP {
		as = "as PHP reads the form"
	}
	switch len(orders) {
	case 1:
		return as + ", in the " + orders[0] + " order"
	case 2:
		return as + ", in the " + orders[0] + " and the " + orders[1] + " order"
	}
	return as + ", in any of the three orders"
}
