package vectors

// A JWS is a test of X-JWS-Signature: a token, the request it came with and the key.
type JWS struct {
	Case
	Profile  Profile      `json:"profile"`
	Request  Request      `json:"request"`
	Header   string       `json:"header,omitempty"` // the protected header's bytes; left out where the first part does not decode to text
	Body     string       `json:"body"`             // as received
	Secret   string       `json:"secret"`           // the key is its bytes
	Input    string       `json:"input,omitempty"`  // what is signed: the token's first part, a dot, the body in base64url
	JWS      string       `json:"jws"`              // the value of the HTTP header, as received
	Result   Result       `json:"result"`
	Error    string       `json:"error,omitempty"`    // invalid only; README.md lists the reasons
	Member   string       `json:"member,omitempty"`   // of the error "member": the one that is missing or disagrees
	Readings []JWSReading `json:"readings,omitempty"` // acceptable only
}

// A Profile is what one family of operations puts into the protected header.
type Profile struct {
	Alg      string `json:"alg"`      // HS256 or HS512
	Target   string `json:"target"`   // the member with the path: uri or path
	Identity string `json:"identity"` // the member with the caller: auth_id or merchant_id
	Number   bool   `json:"number"`   // the caller is written as a JSON number
}

// A Request is what the header must agree with.
type Request struct {
	Method   string `json:"method"`
	Path     string `json:"path"`
	Params   string `json:"params"`
	Identity string `json:"identity"`
}

// A JWSReading is a profile under which an acceptable token is refused, and why.
type JWSReading struct {
	Profile Profile `json:"profile"`
	Error   string  `json:"error"`
	Member  string  `json:"member,omitempty"`
}
