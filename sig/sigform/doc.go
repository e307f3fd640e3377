// Package sigform reads and writes the forms that carry a message: the query of a URL,
// application/x-www-form-urlencoded and multipart/form-data.
//
//	m, err := sigform.Parse(r.Header.Get("Content-Type"), body)
//	if err != nil {
//		return err // a *SyntaxError says at which byte
//	}
//	err = sig.Verify(sig.ScriptName(r.URL.Path), m, key)
//
// There are two views of the same bytes.
//
// The exact view, [Parse] and [ParseQuery], keeps what was sent: the order, repeated names,
// every character of a name. Only PHP's bracket notation is read, since the protocol nests
// its forms with it: a[0][name]=x is a branch a with a branch 0 with a leaf name. Bracketed
// names with the same beginning make one branch where the first of them stood; a[] takes the
// number after the greatest one so far, beginning with 0. Nothing else is renamed or merged:
// a=1&a=2 is two leaves, a=1&a[b]=2 is a leaf and a branch. A name whose brackets do not go
// on to its end (e[f, a[b]c), or that begins with one, is a plain name.
//
// The PHP view, [ParsePHP] and [ParsePHPQuery], is what a program in PHP gets in $_POST and
// $_GET, and so what real gateways sign. There a.b, "c d" and e[f are a_b, c_d and e_f, the
// last of equal names wins at the place of the first, and a field may replace a branch of
// the same name or the other way round, whichever came last. [AsPHP] answers the same for a
// message that was never bytes; for received bytes ask ParsePHP, because the exact view does
// not say whether a leaf or a branch of the same name came last.
//
// Values are bytes: any charset parameter is ignored and invalid UTF-8 is kept, as the MD5
// of a signature is taken over bytes.
//
// The exact view refuses what one of two readers would read in another way: a percent sign
// that begins no escape, a file among the fields, a transfer encoding, a nested multipart,
// anything but a line break after a boundary, more than [MaxDepth] levels or [MaxFields]
// fields.
//
// Sources: the protocol's documentation for the transports and the bracket notation; RFC
// 2046 and RFC 7578 for multipart; PHP 8.2 itself for the PHP view, with which the tests
// compare it.
package sigform
