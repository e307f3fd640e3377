// Package vectors holds the golden vectors: messages, tokens and addresses with every stage
// of their signature, as JSON files that any language can read. README.md beside this file
// says how to use them without Go.
//
//	files, err := vectors.LoadSig()
//	if err != nil {
//		return err
//	}
//	for _, f := range files {
//		for _, t := range f.Tests {
//			// compute your own canonical string from t.Script, t.Message and t.Secret,
//			// compare it with t.Canonical, and its MD5 with t.Sig
//		}
//	}
//
// [FS] has the files as they are, [Copy] writes them out, [Lint] looks for what is wrong in
// them and [Format] brings one into its canonical form.
//
// All secrets in the files are public test secrets. An id never changes its content: a vector
// that turns out wrong gets a new id, and the old one moves to withdrawn.json with the reason.
//
// The package signs and verifies nothing and imports nothing of this module, so that the files
// stay a witness of their own: they were computed by another program in another language. What
// they say comes from the documentation pages and published programs that each note names.
package vectors
