// Package apitoken owns the rules of API tokens: how one is made and known
// again, that none is wider or lives longer than what it was made with, and
// that ending one reaches every gateway. What each scope opens is written in
// the contracts.
package apitoken
