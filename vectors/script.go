package vectors

// A Script is a test of the script name: the last segment of the called address (SIG-1).
type Script struct {
	Case
	URL    string `json:"url"`
	Script string `json:"script"` // may be empty
}
