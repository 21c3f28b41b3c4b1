// Package notice writes mail that other services have a reason for: it knows
// whom it concerns and what to say. Sending is the mailer's, and trying again
// is whoever's who asked.
package notice
