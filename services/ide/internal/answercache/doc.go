// Package answercache gives answers that were given before: the very same
// question of the same user, asked again within the time that the store keeps
// answers, costs nothing, and asked several times at once is asked of the model
// once. It owns what the same question is and who shares a running one; keeping
// answers is the store's, and which questions may be repeated codeassist's.
package answercache
