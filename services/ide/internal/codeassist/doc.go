// Package codeassist is the editor's AI: it turns a completion, an explanation,
// an error or a wish into a prompt, and a model's answer into what the editor
// inserts or shows. Which model answers, what it costs and whether the plan
// covers it is the ai service's; when to ask is the editor's.
package codeassist
