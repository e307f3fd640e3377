// Package wire carries one exchange: a draft becomes a signed request, is sent to a peer, and
// what came of it is recorded as an [Exchange] that nobody changes afterwards.
//
//	client := &wire.Client{Target: target}
//	x := client.Do(ctx, &wire.Draft{ID: "merchant.purchase.create/valid", Operation: op, Fields: fields})
//	if x.Err != nil { … }             // nothing arrived that can be judged
//	status, _ := x.Response.Fields.Get("pg_status")
//
// The package knows how each way of authorising works in both directions ([Schemes]): the client
// applies it, a mock judges by it. It does not know what a right answer looks like; that is the
// business of package check, which never sends.
//
// Sources: the transport rules of the gateway's introduction pages (multipart, urlencoded, query,
// pg_xml), the operation pages, and observed traffic where those are silent. What is disputed has
// a topic and readings in the catalogue; [SendTopics] names those that change what we send.
package wire
