// Package share owns what of a conversation anybody with its link may read: a
// picture of one branch, taken when it is shared. How pictures are sealed and
// kept is the store's.
package share
