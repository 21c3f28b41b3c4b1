// Package eventlog keeps the numbered events of answers: in this process for
// those who follow here, and in a Redis stream per answer for those who follow
// elsewhere or later, sealed with the owner's data key. However many follow an
// answer, they share one copy of its events and one connection to Redis; a slow
// follower holds only a number.
package eventlog
