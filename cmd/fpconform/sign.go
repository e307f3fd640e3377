package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/sig/sigform"
	"github.com/fpconform/fpconform/sig/sigjson"
	"github.com/fpconform/fpconform/sig/sigxml"
	"github.com/fpconform/fpconform/vectors"
)

// A signature is the answer of sign.
type signature struct {
	Script string         `json:"script"`
	Order  string         `json:"order"`
	Salt   string         `json:"pg_salt,omitempty"` // if it was added
	Sig    string         `json:"pg_sig"`
	Fields []vectors.Node `json:"fields"` // the whole signed message
}

type signing struct {
	source
	jws    jwsFlags
	secret keySource
	order  orderFlag
	output outputFlag
	noSalt bool
	as     string
}

func newSign(s *streams) *cobra.Command {
	sn := signing{secret: keySource{flag: "secret-file", env: "FPCONFORM_SECRET"}}
	c := &cobra.Command{
		Use:   "sign [flags] NAME=VALUE...|-",
		Short: "Sign a message with pg_sig, or a body with X-JWS-Signature",
		Long: `Print the pg_sig of a message, or with --jws the token of a body.

A message is given as NAME=VALUE arguments, in which a[0][b]=c nests and names may
repeat, or as a form, multipart, XML or JSON with --file FILE or - (standard
input). If it has no pg_salt, two lines are printed: the pg_salt to add and the
pg_sig. A message that has a pg_sig already is refused.

The key comes from --secret-file or else from the environment variable
FPCONFORM_SECRET; with --jws from --jws-key-file or else from FPCONFORM_JWS_KEY.
A line break at the end of a key file does not belong to the key.

With --jws the body is what --file or - holds, byte for byte. Without more flags
the header is that of the partner API: method POST, members uri and auth_id, alg
HS256. Merchant invoices have --member-path path --member-id merchant_id
--alg HS512, and merchant_id as a number.`,
		Example: `  fpconform sign --script init_payment.php --secret-file secret.txt \
      pg_merchant_id=500001 pg_amount=25
  fpconform sign --url https://shop.example/result --file answer.xml --as xml
  fpconform sign --jws --path /v5/partner/invoices/info --id 123456 \
      --jws-key-file key.txt --file body.json`,
		DisableFlagsInUseLine: true,
		RunE: func(c *cobra.Command, args []string) error {
			if err := sn.jws.fit(c); err != nil {
				return err
			}
			if sn.jws.on {
				return sn.runJWS(c, args, s)
			}
			return sn.run(c, args, s)
		},
	}
	sn.source.add(c)
	sn.secret.add(c, "read the secret from `FILE` (default is $FPCONFORM_SECRET)")
	sn.order.add(c, "sign in this `ORDER`: reference (default), documented or alphabetical")
	c.Flags().BoolVar(&sn.noSalt, "no-salt", false, "sign the message as it is, without adding a pg_salt")
	c.Flags().StringVar(&sn.as, "as", "", "print the whole signed message as `FORMAT`: form, multipart, xml or json")
	complete(c, "as", "form", "multipart", "xml", "json")
	sn.jws.add(c, false)
	sn.output.add(c)
	return c
}

func (sn *signing) run(c *cobra.Command, args []string, s *streams) error {
	sn.secret.set = c.Flags().Changed("secret-file")
	if sn.as != "" && sn.output.json() {
		return errors.New("--as and --output json both say what to print; give one of them")
	}
	switch format(sn.as) {
	case "", formatForm, formatMultipart, formatXML, formatJSON:
	default:
		return fmt.Errorf("--as %s: none of form, multipart, xml, json", quote(sn.as))
	}
	script, err := sn.scriptName(c, s)
	if err != nil {
		return err
	}
	m, err := sn.read(c, args, s)
	if err != nil {
		return err
	}
	if m.exactErr != nil {
		return m.exactErr
	}
	secret, err := sn.secret.read(s)
	if err != nil {
		return err
	}
	key := sig.NewKey(string(secret))
	scheme := sig.Scheme{Order: sn.order.order}

	signed, err := sn.sign(scheme, script, m.exact, key)
	if errors.Is(err, sig.ErrRepeated) {
		return errors.New("the message has a pg_sig already; take it out to sign it anew")
	}
	if err != nil {
		return err
	}
	if m.format.form() && sn.as != string(formatXML) && sn.as != string(formatJSON) {
		php := sigform.AsPHP(signed.Without(sig.FieldSig))
		if scheme.Sum(script, php, key) != scheme.Sum(script, signed, key) {
			complain(s.err, "note: ", errors.New("a gateway in PHP sees other fields in this form, and another signature would be right for it; explain shows them"))
		}
	}
	return sn.print(s, m, script, signed)
}

// sign returns m with its pg_sig and, unless it has one or --no-salt is given, a pg_salt.
func (sn *signing) sign(scheme sig.Scheme, script string, m sig.Message, key sig.Key) (sig.Message, error) {
	signed, err := scheme.Sign(script, m, key)
	if err != nil || !sn.noSalt {
		return signed, err
	}
	return append(m[:len(m):len(m)], sig.Leaf(sig.FieldSig, scheme.Sum(script, m, key).String())), nil
}

func (sn *signing) print(s *streams, m *received, script string, signed sig.Message) error {
	value, _ := signed.Get(sig.FieldSig)
	salt, added := "", len(signed) == len(m.exact)+2
	if added {
		salt, _ = signed.Get(sig.FieldSalt)
	}
	switch {
	case sn.output.json():
		if !isText(signed) {
			return errNotUTF8
		}
		return writeJSON(s.out, signature{script, sn.order.order.String(), salt, value, nodes(signed)})
	case sn.as != "":
		b, contentType, err := encode(format(sn.as), m.root, signed)
		if err != nil {
			return err
		}
		if contentType != "" {
			complain(s.err, "note: ", fmt.Errorf("Content-Type: %s", contentType))
		}
		if s.terminal(s.out) { // elsewhere these are the exact bytes to send
			b = append(b, '\n')
		}
		_, err = s.out.Write(b)
		return err
	case added:
		fmt.Fprintf(s.out, "%s=%s\n%s=%s\n", sig.FieldSalt, salt, sig.FieldSig, value)
	default:
		fmt.Fprintln(s.out, value)
	}
	return nil
}

// encode writes a message. For multipart it returns the content type, which has the boundary.
func encode(to format, root string, m sig.Message) (b []byte, contentType string, err error) {
	switch to {
	case formatXML:
		if root == "" {
			root = "request" // what the documentation calls it; the name is not signed
		}
		b, err = (&sigxml.Document{Root: root, Fields: m}).Append(nil)
		return b, "", err
	case formatJSON:
		b, err = sigjson.Append(nil, m)
		return b, "", err
	case formatForm:
		b, err = sigform.AppendQuery(nil, m)
		return b, "", err
	}
	// A value may contain the boundary, by chance or because it was signed here before.
	for n := range 16 {
		contentType = "multipart/form-data; boundary=fpconform"
		if n > 0 {
			contentType += fmt.Sprintf("-%d", n)
		}
		if b, err = sigform.Append(nil, m, contentType); err == nil {
			return b, contentType, nil
		}
	}
	return nil, "", err
}
