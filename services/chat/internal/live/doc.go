// Package live keeps everybody who watches a user's conversations up to date:
// all tabs and devices, on whatever replica. News are ids alone; what they are
// about is read where somebody watches. News can get lost: who comes back after
// a break reads everything anew.
package live
