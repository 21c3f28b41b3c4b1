// Package install walks through an installed chart as a person does, and looks
// for what is lost while it is upgraded and rolled back under writers.
// deploy/test/chart/install.sh runs it.
package install
