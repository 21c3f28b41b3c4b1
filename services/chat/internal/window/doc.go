// Package window owns how much of a conversation a model is given: how many
// tokens a branch takes, when its older part is summarised, and what is left
// out when that fails. How summaries are kept and asked for are the adapters'.
package window
