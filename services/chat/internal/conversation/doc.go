// Package conversation owns what a conversation and a message are, and the
// rules of keeping them: titles, pages, branches. How an answer comes about is
// package turn's.
package conversation
