// Package directory runs workspaces as processes of this machine, each user's
// under a uid of their own, over the plain folders of package userdata.
//
// How much stands between a workspace and the machine depends on what the
// machine offers, and Probe says it in words: as root, a uid per user, bubblewrap
// namespaces, no capabilities, cgroup limits; without root, namespaces made by
// bubblewrap in a user namespace; without bubblewrap, a plain process. In every
// case the network is the machine's own, which is why this class is for trusted
// users only: a workspace can reach what listens on the loopback address.
//
// Workspaces outlive the process that started them. A record on disk, written
// before the editor may run, lets the next one find them again.
package directory
