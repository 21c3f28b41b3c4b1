// Package fleet makes one of the drivers of several isolation classes: every
// call about a sandbox goes to the driver that made it. It starts nothing itself.
package fleet
