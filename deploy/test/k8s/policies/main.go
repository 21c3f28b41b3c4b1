// Enforces network policies on the node of the tests' Kubernetes: what a policy does
// not allow is refused by the node's packet filter, which asks this program about
// each new connection. It runs until it is killed.
package main

import (
	"context"
	"fmt"
	"os"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "policies:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: policies KUBECONFIG NODE")
	}
	config, err := clientcmd.BuildConfigFromFlags("", args[0])
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	all := informers.NewSharedInformerFactory(client, 0)
	controller, err := networkpolicy.NewController(client, all.Networking().V1().NetworkPolicies(), all.Core().V1().Namespaces(), all.Core().V1().Pods(),
		nil, nil, nil, nil, networkpolicy.Config{QueueID: 100, NodeName: args[1]})
	if err != nil {
		return err
	}
	all.Start(ctx.Done())
	return controller.Run(ctx)
}
