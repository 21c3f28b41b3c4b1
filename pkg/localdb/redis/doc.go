// Package redis runs a private Redis for a program that was given none: the
// machine's redis-server, or, where there is none, a small in-memory stand-in
// in a process of its own. Both listen on a Unix socket only, outlive the
// program, and are found again by the next one.
//
// Nothing that must not be lost belongs in it: the stand-in forgets everything
// when it ends.
package redis
