// Package warm keeps sandboxes ready before anybody asks for one: as many as were
// wanted lately, within a bound, made one at a time in the background, and each
// given away once. What a slot is made of, and how it becomes a user's, is its
// driver's.
package warm
