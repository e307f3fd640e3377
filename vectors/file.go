package vectors

// A File is one file of vectors: what its flags mean, and the tests.
type File[T any] struct {
	Path   string          `json:"-"`      // within [FS]: "sig/repeated-names.json"
	Schema string          `json:"schema"` // format and its version: "fpconform/sig/1"
	Notes  map[string]Note `json:"notes"`  // by flag
	Tests  []T             `json:"tests"`
}

// A Note says what one flag means: the rule that its tests are about, and how sure it is.
type Note struct {
	Description string     `json:"description"` // the rule or the mistake, in our words
	Clause      string     `json:"clause"`      // "SIG-4"
	Confidence  Confidence `json:"confidence"`
	Sources     []string   `json:"sources"` // pages, repositories of official code, standards
}

// A Confidence says where a rule comes from.
type Confidence string

const (
	Documented Confidence = "documented" // a page says it in words
	Observed   Confidence = "observed"   // published code or live traffic does it
	Derived    Confidence = "derived"    // it follows from what is documented or observed
)

// A Result says what a verifier must make of a test.
type Result string

const (
	Valid      Result = "valid"      // must be accepted
	Invalid    Result = "invalid"    // must be refused, for the reason in the test's error
	Acceptable Result = "acceptable" // the sources differ: any of the recorded readings will do
)

// A Case is what every test has.
type Case struct {
	ID      string   `json:"id"`      // the file's name, a slash, what is particular: "repeated-names/two-leaves"
	Comment string   `json:"comment"` // why this test exists
	Flags   []string `json:"flags"`   // keys of the file's notes; one is the first part of the ID
}

func (c Case) head() Case { return c }

type test interface{ head() Case }

// Find returns the test with this id. It is for the few programs that want a certain one,
// such as a benchmark over "speed/init-17".
func Find[T test](files []File[T], id string) (T, bool) {
	for _, f := range files {
		for _, t := range f.Tests {
			if t.head().ID == id {
				return t, true
			}
		}
	}
	var none T
	return none, false
}

// A Withdrawn is a test that was wrong. Its id is never used again.
type Withdrawn struct {
	ID         string `json:"id"`
	Reason     string `json:"reason"`
	ReplacedBy string `json:"replaced_by,omitempty"` // the id of the corrected test, if there is one
}

type withdrawnFile struct {
	Schema    string      `json:"schema"`
	Withdrawn []Withdrawn `json:"withdrawn"`
}

// The formats, by the schema member of a file.
const (
	sigSchema       = "fpconform/sig/1"
	jwsSchema       = "fpconform/jws/1"
	scriptsSchema   = "fpconform/scripts/1"
	withdrawnSchema = "fpconform/withdrawn/1"
)
