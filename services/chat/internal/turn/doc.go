// Package turn owns how an answer comes about: a question and its empty answer
// are stored together, a turn writes the answer detached from whoever asked,
// every event is numbered and kept before it is shown, the text is saved to
// the store at short intervals, and the last write settles it. It also owns
// what happens when a turn is stopped, fails, or dies with its process.
//
// Redis, Postgres and the AI service are adapters behind the interfaces here.
package turn
