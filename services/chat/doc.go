// Package chat is the service that owns conversations, their messages and the
// turns that answer them. A turn runs on when the person who asked goes away,
// and anybody of theirs can follow it from any event on. Models, quotas and
// costs are the AI service's.
package chat
