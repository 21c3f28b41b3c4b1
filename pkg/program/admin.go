package program

import (
	"fmt"
	"io"
)

// PrintFirstAdmin tells the operator, once, how to sign in first. It writes to
// the terminal and not to the log, which is kept.
func PrintFirstAdmin(w io.Writer, email, password string) {
	_, _ = fmt.Fprintf(w, "\n  First administrator: %s\n  One-time password:   %s\n  Sign in and change it; it is not shown again.\n",
		email, password) // a closed terminal is the operator's choice
}
