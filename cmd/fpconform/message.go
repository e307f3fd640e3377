package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/sig/sigform"
	"github.com/fpconform/fpconform/sig/sigjson"
	"github.com/fpconform/fpconform/sig/sigxml"
	"github.com/fpconform/fpconform/vectors"
)

// maxInput is how much of a file or of standard input is read: 1 MiB, as in the codecs.
const maxInput = 1 << 20

// A format is how a message is written.
type format string

const (
	formatArgs      format = "arguments" // name=value, read as a form
	formatForm      format = "form"
	formatMultipart format = "multipart"
	formatXML       format = "xml"
	formatJSON      format = "json"
)

// form reports whether PHP fills $_POST from such a message.
func (f format) form() bool { return f == formatArgs || f == formatForm || f == formatMultipart }

// A source is the flags that say where a message comes from.
type source struct {
	file        string
	contentType string
	script      string
	url         string
}

func (src *source) addFile(c *cobra.Command, usage string) {
	c.Flags().StringVar(&src.file, "file", "", usage)
}

func (src *source) add(c *cobra.Command) {
	src.addFile(c, "read the message, or with --jws the body, from `FILE`; - is standard input")
	f := c.Flags()
	f.StringVar(&src.contentType, "content-type", "", "`TYPE` of the file: form, multipart, xml, json or as in HTTP (default is what it looks like)")
	f.StringVar(&src.script, "script", "", "script `NAME`: the last segment of the called path")
	f.StringVar(&src.url, "url", "", "the called `URL`, which the script name, or the path, is taken from")
	complete(c, "content-type", "form", "multipart", "xml", "json")
}

// scriptName returns the script name of --script or --url. One of them must be given.
func (src *source) scriptName(c *cobra.Command, s *streams) (string, error) {
	named, called := c.Flags().Changed("script"), c.Flags().Changed("url")
	switch {
	case named && called:
		return "", errors.New("--script and --url both say the script name; give one of them")
	case named:
		if strings.ContainsAny(src.script, "/?#") {
			return "", fmt.Errorf("--script %s is no script name, which is one segment of a path; for an address there is --url", quote(src.script))
		}
		return src.script, nil
	case called:
		name := sig.ScriptName(src.url)
		if name == "" {
			complain(s.err, "note: ", errors.New("the script name is empty: the path of --url ends in a slash or is missing"))
		}
		return name, nil
	}
	return "", errors.New("no script name: give --script NAME or --url URL")
}

// bytes returns what --file names, or what stands on standard input where "-" is the only
// argument. given is false if there is neither.
func (src *source) bytes(c *cobra.Command, args []string, s *streams) (b []byte, given bool, err error) {
	name := src.file
	given = c.Flags().Changed("file")
	if len(args) == 1 && args[0] == "-" {
		if given {
			return nil, false, errors.New("both --file and -; give one of them")
		}
		name, given, args = "-", true, nil
	}
	if !given {
		return nil, false, nil
	}
	if len(args) > 0 {
		return nil, false, errors.New("both a file and arguments; give one of them")
	}
	var r io.Reader = s.in
	what := "standard input"
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, false, err
		}
		defer f.Close()
		r, what = f, quote(name)
	}
	b, err = io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", what, err)
	}
	if len(b) > maxInput {
		return nil, false, fmt.Errorf("%s: more than 1 MiB, which no message has", what)
	}
	return b, true, nil
}

// A received is a message as it was given.
type received struct {
	format format
	root   string // of an XML document

	exact    sig.Message
	exactErr error

	// For forms: what a program in PHP sees of the same bytes.
	php    sig.Message
	phpErr error
}

var errNoMessage = errors.New("no message: give name=value arguments, --file FILE or -")

// read reads the message. It returns an error only if there is no view of it at all.
func (src *source) read(c *cobra.Command, args []string, s *streams) (*received, error) {
	body, given, err := src.bytes(c, args, s)
	if err != nil {
		return nil, err
	}
	if !given {
		if c.Flags().Changed("content-type") {
			return nil, errors.New("--content-type is for --file and -")
		}
		return readArguments(args)
	}
	kind, contentType, err := src.kind(body)
	if err != nil {
		return nil, err
	}
	m := &received{format: kind}
	switch kind {
	case formatXML:
		var d *sigxml.Document
		if d, m.exactErr = sigxml.Parse(body); d != nil {
			m.exact, m.root = d.Fields, d.Root
			if len(d.Before) > 0 {
				complain(s.err, "note: ", fmt.Errorf("%q stands before the XML document, which strict readers refuse", cutBytes(d.Before)))
			}
		}
	case formatJSON:
		m.exact, m.exactErr = sigjson.Parse(body)
	default:
		if kind == formatForm {
			if cut := withoutLineBreak(body); len(cut) < len(body) {
				complain(s.err, "note: ", errors.New("the form ends in a line break, which is left out"))
				body = cut
			}
		}
		m.exact, m.exactErr = sigform.Parse(contentType, body)
		m.php, m.phpErr = sigform.ParsePHP(contentType, body)
	}
	if m.exactErr != nil && (!kind.form() || m.phpErr != nil) {
		return nil, m.exactErr
	}
	if m.exactErr != nil {
		complain(s.err, "note: ", fmt.Errorf("only PHP would read this form: %w", m.exactErr))
	}
	return m, nil
}

// readArguments reads name=value arguments as the pairs of a form.
func readArguments(args []string) (*received, error) {
	if len(args) == 0 {
		return nil, errNoMessage
	}
	var query strings.Builder
	for i, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		// The argument is not repeated: it may be a secret in the wrong place.
		if !ok {
			return nil, fmt.Errorf("argument %d has no =; a message is given as name=value", i+1)
		}
		if name == "" {
			return nil, fmt.Errorf("argument %d has no name before its =", i+1)
		}
		if i > 0 {
			query.WriteByte('&')
		}
		query.WriteString(url.QueryEscape(name) + "=" + url.QueryEscape(value))
	}
	if query.Len() > 3*maxInput { // three bytes for each that is escaped
		return nil, errors.New("arguments: more than 1 MiB, which no message has")
	}
	m := &received{format: formatArgs}
	m.exact, m.exactErr = sigform.ParseQuery(query.String())
	if m.exactErr != nil {
		return nil, m.exactErr
	}
	m.php, m.phpErr = sigform.ParsePHPQuery(query.String())
	return m, nil
}

// kind returns the format of body and, for forms, its content type with the boundary.
func (src *source) kind(body []byte) (format, string, error) {
	if src.contentType == "" {
		return detect(body)
	}
	media, _, _ := strings.Cut(src.contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	switch {
	case media == "form" || media == sigform.URLEncoded:
		return formatForm, sigform.URLEncoded, nil
	case media == "xml" || strings.HasSuffix(media, "/xml") || strings.HasSuffix(media, "+xml"):
		return formatXML, "", nil
	case media == "json" || strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json"):
		return formatJSON, "", nil
	case media == "multipart" || media == "multipart/form-data":
		if strings.Contains(src.contentType, ";") {
			return formatMultipart, "multipart/form-data" + src.contentType[strings.Index(src.contentType, ";"):], nil
		}
		boundary, ok := firstBoundary(body)
		if !ok {
			return "", "", errors.New("multipart: the first line is no boundary, which begins with --; give --content-type \"multipart/form-data; boundary=…\"")
		}
		return formatMultipart, multipartType(boundary), nil
	}
	return "", "", fmt.Errorf("--content-type %s is none of form, multipart, xml, json", quote(src.contentType))
}

// detect returns what body looks like.
func detect(body []byte) (format, string, error) {
	start := bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n")
	if len(start) == 0 {
		return "", "", errors.New("the message is empty; --content-type form says that it is meant to be")
	}
	switch start[0] {
	case '<':
		return formatXML, "", nil
	case '{', '[':
		return formatJSON, "", nil
	}
	if boundary, ok := firstBoundary(body); ok && bytes.Contains(bytes.ToLower(body), []byte("content-disposition:")) {
		return formatMultipart, multipartType(boundary), nil
	}
	line := withoutLineBreak(body)
	switch {
	case bytes.ContainsAny(line, "\r\n"):
		return "", "", errors.New("the message has several lines and is neither multipart, XML nor JSON; the pairs of a form are joined by &")
	case !utf8.Valid(line) || bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "", "", errors.New("the message is binary: neither form, multipart, XML nor JSON")
	case !bytes.Contains(line, []byte("=")):
		return "", "", errors.New("the message has no =, and is neither form, multipart, XML nor JSON")
	}
	return formatForm, sigform.URLEncoded, nil
}

// firstBoundary returns the boundary that the first line of a multipart body has after its
// two hyphens.
func firstBoundary(body []byte) (string, bool) {
	line, _, found := bytes.Cut(body, []byte("\n"))
	boundary, ok := bytes.CutPrefix(bytes.TrimRight(line, "\r \t"), []byte("--"))
	return string(boundary), found && ok && len(boundary) > 0
}

func multipartType(boundary string) string {
	return `multipart/form-data; boundary="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(boundary) + `"`
}

// A view is a message as one kind of receiver sees it.
type view struct {
	name    string
	message sig.Message
}

// The names of views.
const (
	viewReceived = "received"
	viewPHP      = "php"
)

// views returns the fields as received and, where they differ, as PHP sees them.
func (m *received) views() []view {
	var all []view
	if m.exactErr == nil {
		all = append(all, view{viewReceived, m.exact})
	}
	if m.phpDiffers() {
		all = append(all, view{viewPHP, m.php})
	}
	return all
}

// phpDiffers reports whether PHP sees other fields in a form than were sent.
func (m *received) phpDiffers() bool {
	return m.format.form() && m.phpErr == nil && (m.exactErr != nil || !same(m.exact, m.php))
}

func same(a, b sig.Message) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

// hint returns what to say where a message has no signature, or "".
func (m *received) hint() string {
	if m.format.form() && len(m.exact) == 1 && m.exact[0].Name == "pg_xml" {
		return "the message is the XML in its field pg_xml; give that"
	}
	return ""
}

// nodes returns m as the vectors write it: [name, value] or [name, [nodes]].
func nodes(m []sig.Field) []vectors.Node {
	out := make([]vectors.Node, len(m))
	for i, f := range m {
		out[i] = vectors.Node{Name: f.Name, Value: f.Value}
		if f.Children != nil {
			out[i].Children = nodes(f.Children)
		}
	}
	return out
}

// errNotUTF8 is why an answer has no JSON.
var errNotUTF8 = errors.New("--output json: a name or a value is not UTF-8, and JSON cannot hold it; without the flag it is shown escaped")

// isText reports whether JSON can hold m.
func isText(m []sig.Field) bool {
	for _, f := range m {
		if !utf8.ValidString(f.Name) || !utf8.ValidString(f.Value) || !isText(f.Children) {
			return false
		}
	}
	return true
}

// cutBytes returns the first 64 bytes of b.
func cutBytes(b []byte) string { return string(b[:min(len(b), 64)]) }

// An orderFlag is the flag --order.
type orderFlag struct {
	order sig.Order
	set   bool
}

func (o *orderFlag) add(c *cobra.Command, usage string) {
	c.Flags().Var(o, "order", usage)
	complete(c, "order", sig.Reference.String(), sig.Documented.String(), sig.Alphabetical.String())
}

func (o *orderFlag) String() string { return "" }
func (o *orderFlag) Type() string   { return "ORDER" }
func (o *orderFlag) Set(name string) error {
	order, err := sig.ParseOrder(name)
	if err != nil {
		return errors.New("none of reference, documented, alphabetical")
	}
	o.order, o.set = order, true
	return nil
}

// orders returns the orders to try, the default first.
func (o *orderFlag) orders() []sig.Order {
	if o.set {
		return []sig.Order{o.order}
	}
	return []sig.Order{sig.Reference, sig.Documented, sig.Alphabetical}
}
