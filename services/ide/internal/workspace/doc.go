// Package workspace owns what a workspace is and its life: the rules for
// creating, naming, starting, stopping and deleting one, the plan's limits, the
// events that tell of it, and the reconciler that makes the real sandboxes
// follow what the rows say, also after this program was killed at any point.
//
// A call only writes down what is wanted. One worker per workspace then takes
// the next step from what is wanted and what really is, until both agree; the
// reconciler looks at all of them at the start and every few seconds. It knows
// neither SQL nor any driver's inside, nor how a browser gets in (package entry).
package workspace
