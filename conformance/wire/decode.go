package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/sig/sigform"
	"github.com/fpconform/fpconform/sig/sigjson"
	"github.com/fpconform/fpconform/sig/sigxml"
)

// MaxBody is the size in bytes beyond which a body is not read: no documented message comes near it.
const MaxBody = 1 << 20

// What keeps an answer from being read.
var (
	ErrEmptyBody = errors.New("wire: the body is empty")
	ErrTooLong   = fmt.Errorf("wire: the body is longer than %d bytes", MaxBody)
)

// decodeResponse reads the fields of an answer: XML or JSON, whichever the body is. What the
// page promised is for a check to compare.
func decodeResponse(r *Response) {
	if r.TooLong {
		r.Bad = ErrTooLong
		return
	}
	trimmed := bytes.TrimLeft(bytes.TrimPrefix(r.Body, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(trimmed) == 0:
		r.Bad = ErrEmptyBody
	case trimmed[0] == '{':
		r.Fields, r.Bad = sigjson.Parse(r.Body)
	default:
		doc, err := sigxml.Parse(r.Body)
		if err != nil {
			r.Bad = err
			return
		}
		r.Before, r.Root, r.Fields = doc.Before, doc.Root, doc.Fields
	}
}

// Receive reads what a server was sent: the fields from the query, the form, the pg_xml field or
// the JSON body. A body that cannot be read leaves the reason in Bad; the error is for a body that
// did not arrive whole.
func Receive(r *http.Request) (*Request, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return nil, err
	}
	u := *r.URL
	out := &Request{Method: r.Method, URL: &u, Header: r.Header, Body: body, Script: sig.ScriptName(u.EscapedPath())}
	if len(body) > MaxBody {
		out.Body, out.Bad = body[:MaxBody], ErrTooLong
		return out, nil
	}
	typ := r.Header.Get("Content-Type")
	kind, _, _ := mime.ParseMediaType(typ)
	switch {
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		out.Transport = Query
		out.Fields, out.Bad = sigform.ParseQuery(u.RawQuery)
	case kind == "application/json":
		out.Transport = JSON
		out.Fields, out.Bad = sigjson.Parse(body)
	case kind == "multipart/form-data":
		out.Transport = Multipart
		out.Fields, out.Bad = sigform.Parse(typ, body)
	case kind == "application/x-www-form-urlencoded":
		out.Transport = URLEncoded
		out.Fields, out.Bad = sigform.Parse(typ, body)
	default:
		out.Bad = fmt.Errorf("wire: no form and no JSON: content type %q", typ)
	}
	if out.Bad == nil && out.Transport != JSON {
		out.unwrapXML()
	}
	return out, nil
}

// unwrapXML replaces the fields by those of the document, if pg_xml is the only one.
func (r *Request) unwrapXML() {
	if len(r.Fields) != 1 || r.Fields[0].Name != FieldXML || r.Fields[0].Children != nil {
		return
	}
	r.Transport = PGXML
	doc, err := sigxml.Parse([]byte(strings.TrimSpace(r.Fields[0].Value)))
	if err != nil {
		r.Bad = fmt.Errorf("wire: %s: %w", FieldXML, err)
		return
	}
	r.Fields = doc.Fields
}
