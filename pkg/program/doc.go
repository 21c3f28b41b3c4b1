// Package program is the frame that the mains share: settings, a logger, ending
// on a signal, and serving one service over the network.
package program
