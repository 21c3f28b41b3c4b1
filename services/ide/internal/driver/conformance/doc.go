// Package conformance is what every driver must pass, run against the real
// thing. A driver's own test is a few lines that make the driver and call Run;
// what only one driver promises is tested beside that driver.
package conformance
