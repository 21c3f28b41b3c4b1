// Package anthropic is the provider that speaks Anthropic's Messages API,
// through its official SDK. It translates one call and its stream; it neither
// retries nor sets time limits, and reads nothing from the environment.
package anthropic
