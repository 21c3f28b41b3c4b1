// Package mail sends the platform's mail by SMTP, or shows it to the operator
// where no server is set. What is written to whom is decided elsewhere.
package mail
