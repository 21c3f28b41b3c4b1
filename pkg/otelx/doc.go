// Package otelx sets a program's telemetry up: metrics on a port of their own
// for Prometheus, traces to an OpenTelemetry collector where one is configured,
// and the trace of a call across the processes that it passes. It sets
// OpenTelemetry's providers for the whole process, where libraries and our own
// packages find them; what is measured under which name is semconv's.
package otelx
