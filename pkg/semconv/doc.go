// Package semconv holds the names by which the platform's metrics, spans and
// their attributes go, so that a dashboard and the code that feeds it agree.
// docs/operators.md lists them for operators.
//
// Attributes of metrics take few values by construction: routes and methods are
// those of the contracts, reasons those of the code. Who a user is, what a
// request's id is and what anybody wrote never are attributes of a metric, and
// prompts, answers, tokens and secrets are attributes of nothing.
package semconv
