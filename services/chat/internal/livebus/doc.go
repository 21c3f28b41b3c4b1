// Package livebus carries news of conversations between replicas through Redis,
// a channel for each user; within this process also while Redis is away.
package livebus
