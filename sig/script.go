package sig

import "strings"

// ScriptName returns what a signature starts with: the last segment of the path of target,
// as sent. Scheme, host, query and fragment are cut first; it is empty for a path that is
// missing or ends in "/" (SIG-1).
//
// Letters keep their case and percent signs stay encoded. target is a URL, a path, or a
// bare name. Every text has a script name; whether it is a URL at all is not asked.
//
// A request is signed with the gateway's script name, and so is the gateway's answer to it.
// A callback is signed with that of the merchant's own URL, and so is the merchant's answer.
func ScriptName(target string) string {
	if i := strings.IndexByte(target, '#'); i >= 0 {
		target = target[:i]
	}
	if i := strings.IndexByte(target, '?'); i >= 0 {
		target = target[:i]
	}
	if i := strings.Index(target, "//"); i == 0 || i > 0 && isScheme(target[:i]) {
		// An authority runs to the next slash. Without one there is no path.
		host := target[i+2:]
		slash := strings.IndexByte(host, '/')
		if slash < 0 {
			return ""
		}
		target = host[slash:]
	}
	return target[strings.LastIndexByte(target, '/')+1:] // SIG-1: from the last slash to the end
}

// isScheme reports whether s is a URL's scheme with its colon.
func isScheme(s string) bool {
	name, ok := strings.CutSuffix(s, ":")
	if !ok || name == "" {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i] | 0x20
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", rune(name[i]))) {
			return false
		}
	}
	return true
}
