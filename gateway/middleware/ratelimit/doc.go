// Package ratelimit bounds how often one caller may ask: a signed-in user by
// account, anybody else by address. The counts are shared by all gateways in
// Redis; while Redis is away each gateway counts for itself.
package ratelimit
