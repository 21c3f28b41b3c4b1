// Package latemount puts a user's folders into a sandbox that was made before it
// was known whose it is. They are shown there as another uid's, and stay the
// user's on disk.
package latemount
