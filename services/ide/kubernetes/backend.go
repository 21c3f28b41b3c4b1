package kubernetes

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"atrium.internal/services/ide"
	"atrium.internal/services/ide/internal/driver"
)

// Config is what an operator can set of workspaces in a cluster.
type Config struct {
	Kubeconfig        string `name:"kubeconfig" env:"ATRIUM_KUBECONFIG" help:"File that says where the cluster is; empty in a pod, whose service account is used."`
	Namespace         string `name:"kubernetes-namespace" env:"ATRIUM_KUBERNETES_NAMESPACE" default:"atrium-workspaces" help:"Namespace of the workspaces, and of nothing else."`
	Deployment        string `name:"kubernetes-deployment" env:"ATRIUM_KUBERNETES_DEPLOYMENT" default:"atrium" help:"Name that the deployment's pods and claims carry."`
	StorageClass      string `name:"kubernetes-storage-class" env:"ATRIUM_KUBERNETES_STORAGE_CLASS" help:"Storage class of the users' claims; empty is the cluster's default."`
	Storage           string `name:"kubernetes-storage" env:"ATRIUM_KUBERNETES_STORAGE" default:"10Gi" help:"How large the claim of a user is whose plan has no limit."`
	RuntimeClass      string `name:"kubernetes-runtime-class" env:"ATRIUM_KUBERNETES_RUNTIME_CLASS" help:"RuntimeClass of the isolation class kubernetes, such as kata; empty is the cluster's default."`
	GVisorClass       string `name:"kubernetes-gvisor-class" env:"ATRIUM_KUBERNETES_GVISOR_CLASS" default:"gvisor" help:"RuntimeClass of the isolation class gvisor."`
	PlatformNamespace string `name:"kubernetes-platform-namespace" env:"ATRIUM_KUBERNETES_PLATFORM_NAMESPACE" default:"atrium" help:"Namespace of the platform: its pods of component ide reach workspaces, and workspaces those of component gateway."`
	Gateway           string `name:"kubernetes-gateway" env:"ATRIUM_KUBERNETES_GATEWAY" help:"Where programs in workspaces reach the platform, as host:port of plain HTTP within the cluster; empty for its public URL."`
}

// mostPerSecond and mostAtOnce bound calls of the cluster's API.
const mostPerSecond, mostAtOnce = 50, 100

// NewBackend connects to a cluster, without a call yet. Key is 32 bytes that only
// this deployment knows.
func NewBackend(c Config, settings ide.Config, key []byte, log *slog.Logger) (*Backend, error) {
	connection, err := connect(c.Kubeconfig)
	if err != nil {
		return nil, err
	}
	connection.QPS, connection.Burst = mostPerSecond, mostAtOnce
	client, err := kubernetes.NewForConfig(connection)
	if err != nil {
		return nil, fmt.Errorf("kubernetes: %w", err)
	}
	o, err := c.options(settings)
	if err != nil {
		return nil, err
	}
	o.Client, o.Key, o.Log = client, key, log
	return &Backend{options: o, gvisor: c.GVisorClass}, nil
}

func connect(kubeconfig string) (*rest.Config, error) {
	if kubeconfig == "" {
		c, err := rest.InClusterConfig()
		if err != nil {
			return nil, fmt.Errorf("kubeconfig: is empty, and this is no pod: %w", err)
		}
		return c, nil
	}
	c, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	return c, nil
}

func (c Config) options(settings ide.Config) (Options, error) {
	o := Options{
		Namespace: c.Namespace, Deployment: c.Deployment, Image: settings.Image, StorageClass: c.StorageClass, RuntimeClass: c.RuntimeClass,
		PlatformNamespace: c.PlatformNamespace, Gateway: c.Gateway, Internet: settings.Internet, Measured: settings.Volumes == "off",
	}
	var errs [3]error
	o.Storage, errs[0] = resource.ParseQuantity(c.Storage)
	o.Platform, errs[1] = url.Parse(settings.PublicURL)
	if c.Gateway != "" {
		_, _, errs[2] = net.SplitHostPort(c.Gateway)
	}
	for i, setting := range []string{"kubernetes-storage", "public-url", "kubernetes-gateway"} {
		if errs[i] != nil {
			errs[i] = fmt.Errorf("%s: %w", setting, errs[i])
		}
	}
	err := errors.Join(errs[:]...)
	for _, text := range settings.Networks {
		network, wrong := netip.ParsePrefix(text)
		if wrong != nil {
			err = errors.Join(err, fmt.Errorf("workspace-networks: %q is not a network such as 10.20.0.0/16", text))
			continue
		}
		o.Networks = append(o.Networks, network.Masked())
	}
	return o, err
}

// Backend is what the ide service is given to run its workspaces in a cluster.
type Backend struct {
	options Options
	gvisor  string
	volumes *Volumes
}

var _ ide.Backend = (*Backend)(nil)

// Driver gives the driver of the class kubernetes or gvisor. All have the same
// volumes.
func (b *Backend) Driver(class string) (driver.Driver, error) {
	o := b.options
	switch o.Class = class; class {
	case "kubernetes":
	case "gvisor":
		o.RuntimeClass = b.gvisor
	default:
		return nil, fmt.Errorf("isolation: %q is not a class of ided-kubernetes; it has kubernetes and gvisor", class)
	}
	d, err := New(o)
	if err != nil {
		return nil, err
	}
	if b.volumes == nil {
		b.volumes = d.volumes
	}
	d.volumes = b.volumes
	return d, nil
}

// Volumes are the users' files.
func (b *Backend) Volumes() driver.Volumes { return b.volumes }

// Close has nothing to end: workspaces run on.
func (b *Backend) Close() error { return nil }
