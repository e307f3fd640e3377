// Package catalogue holds what the documentation of the Freedom Pay (formerly PayBox.money)
// gateway says, as data: operations with their fields and limits, clauses (one normative
// sentence each, with an ID that never changes), error codes, shared enumerations and hosts.
//
//	c, err := catalogue.Load()
//	op, ok := c.Operation("merchant.purchase.create")
//	for _, f := range op.Request.Fields {
//		fmt.Println(f.Name, f.Type, f.Required)
//	}
//
// The data lies in data/, one operation a file, and is decoded strictly. It holds facts and
// never an expression: no conditions, no templates, only {name} in a path and one link, from
// (this field takes its value from that field of that operation's accepted answer). A rule
// that needs an if is a check, and stands elsewhere.
//
// Where pages contradict each other, both readings are kept and the clause has a topic; the
// package never decides in silence. What the pages leave open is [Unknown], which is not No.
//
// Sources are the gateway's public documentation, named by page (docs.freedompay.kz/api-…),
// and "public integration" for what other people's code and logs show.
package catalogue
