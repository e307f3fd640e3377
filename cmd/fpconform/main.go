package main

import (
	"io"
	"os"
)

func main() {
	os.Exit(execute(os.Args[1:], &streams{
		in:       os.Stdin,
		out:      os.Stdout,
		err:      os.Stderr,
		getenv:   os.Getenv,
		lookup:   os.LookupEnv,
		terminal: isTerminal,
	}))
}

// isTerminal reports whether w is a terminal. A device such as /dev/null passes for one, where
// it makes no difference.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
