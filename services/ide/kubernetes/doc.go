// Package kubernetes runs each workspace in a pod of its own, in one namespace
// that holds nothing else: the restricted security context, a user id that nobody
// else has, the plan's limits, and a claim per user for the files, as large as
// the plan's storage.
//
// The image holds VS Code and the program workspace-keeper, which is the pod's
// first process. The driver speaks with it over the pods' network, with keys that
// only the two have (package pod), so what it needs of the cluster's API is to
// make and end pods. A pod is found by its labels, and its name follows from its
// workspace: the cluster itself refuses a second one.
//
// Nothing here is imported by the rest of Atrium: the module is the only one that
// depends on the cluster's client, and ided-kubernetes the only program with it.
package kubernetes
