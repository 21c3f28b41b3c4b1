// Package entry owns the way from the platform's page into a workspace's own
// host: single-use tickets and the workspace sessions they are redeemed for. A
// ticket is good once, for 30 seconds, on one host; a workspace session is good
// on that host only, for at most 12 hours, and names the platform session it
// hangs on, whose end the gateway watches. Only hashes of either are kept.
package entry
