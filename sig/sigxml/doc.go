// Package sigxml reads and writes XML documents that carry a message: the gateway's answers,
// a merchant's answers to callbacks, the field pg_xml of a request.
//
//	d, err := sigxml.Parse(body)
//	if err != nil {
//		return err // a *SyntaxError says in which element and at which byte
//	}
//	err = sig.Verify("init_payment.php", d.Fields, key)
//
// An element without child elements is a leaf: its value is all its text, with white space
// kept, CDATA and entities decoded, and line breaks as LF, which XML itself demands. <a/> and
// <a></a> are the empty value. An element with child elements is a branch; text beside them is
// no value. Repeated tags are repeated fields, in document order. The root's name, attributes,
// comments, processing instructions and text beside the root's children are not part of the
// message, and nobody signs them.
//
// A name with a namespace prefix keeps it: <p:pg_sig> is the field "p:pg_sig" and not pg_sig,
// since PHP's SimpleXML does not show such an element as pg_sig either. Namespace declarations
// are attributes and have no effect.
//
// White space or a byte order mark before the document is reported in [Document].Before: real
// merchants send it, and before a declaration no XML parser but a lenient one takes it.
//
// Parse refuses what is not well-formed, also where encoding/xml is lenient (text or a second
// root behind the root, a declaration that is not at the start, repeated attributes, half
// surrogates); every encoding but UTF-8; a document type, and with it all entities but the five
// that XML knows; more than [MaxDepth] levels; more than [MaxSize] bytes.
//
// Sources: the protocol's documentation for the shape of messages, XML 1.0 for the rest; the
// tests compare with PHP's SimpleXML.
package sigxml
