// Package chart looks at what the Helm chart renders, without a cluster: that it
// is of the shapes that Kubernetes takes, and opens the network along the arrows
// of the architecture and nowhere else.
package chart
