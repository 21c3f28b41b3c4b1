// Package docker runs each workspace in a container of its own, through the
// Docker Engine's API: no network, no capabilities, a read-only root, the user's
// uid, and the plan's limits. With the runtime runsc the same is the isolation
// class gvisor, where programs meet a kernel of their own.
//
// The image is only a base system with tools. VS Code and Node.js come read-only
// from this machine, as in the directory driver, and so do the users' folders of
// package userdata. The first process is package keeper's, from whose socket the
// driver reaches the sandbox's ports; package egress serves the one way out.
//
// The driver builds every container's specification itself, from typed values:
// nothing that a user says reaches the engine but through the checks here. The
// engine is asked by label for what runs, so containers of another deployment on
// the same engine are never touched, and an engine that does not answer means
// that nobody knows.
package docker
