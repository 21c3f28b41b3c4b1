// Package aiclient asks the AI service for answers on behalf of the caller.
package aiclient
