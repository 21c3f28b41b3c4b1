package program

import (
	"fmt"
	"io"
)

// PrintFirstAdmin tells the operator, once, how to sign in first. It writes to
// the terminal and not to the log, which is kept. An empty password is one that
// the operator has set.
func PrintFirstAdmin(w io.Writer, email, password string) {
	if password == "" {
		_, _ = fmt.Fprintf(w, "\n  First administrator: %s, with the password from ATRIUM_ADMIN_PASSWORD.\n", email)
		return
	}
	_, _ = fmt.Fprintf(w, "\n  First administrator: %s\n  One-time password:   %s\n  Sign in and change it; it is not shown again.\n",
		email, password) // a closed terminal is the operator's choice
}
