// Package mounts clears away what a program that a test has killed left mounted.
package mounts
