// Package demo is the provider of a deployment that has no other: it answers
// without a model, says so in every answer, and streams at the pace of a real
// one, so that everything around it can be tried. The same call gets the same
// answer and the same counts.
package demo
