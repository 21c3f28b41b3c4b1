package kubernetes

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"github.com/google/uuid"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/kubernetes"

	"atrium.internal/services/ide/internal/driver"
)

// Options configure a Driver. Client, Namespace, Deployment, Image, Key and
// Platform are required.
type Options struct {
	Client kubernetes.Interface
	// Namespace is the one of the workspaces.
	Namespace string
	// Deployment tells the pods of several deployments in a namespace apart.
	Deployment string
	// Image holds VS Code and the keeper.
	Image string
	// Key is 32 bytes that only this deployment knows.
	Key []byte
	// Class is the isolation class as the API calls it; empty is "kubernetes".
	Class string
	// RuntimeClass is the cluster's name of what runs the pods; empty is its default.
	RuntimeClass string

	// StorageClass is of the users' claims; empty is the cluster's default.
	StorageClass string
	// Storage is how large the claim of a user without a limit is.
	Storage resource.Quantity
	// Measured says that the storage class does not hold claims to their size.
	Measured bool

	// Platform is the platform's public URL, and Gateway where pods reach it
	// instead, as host:port; empty for nowhere else.
	Platform *url.URL
	Gateway  string
	// PlatformNamespace is where the pods of the ide service and the gateway are.
	PlatformNamespace string
	// Internet lets workspaces reach public addresses; Networks are others that
	// they may reach besides.
	Internet bool
	Networks []netip.Prefix

	// Grace is how long processes get to end by themselves; 0 is 5 s.
	Grace time.Duration
	// FilesFor is how long a pod stays that served files and that nobody uses any
	// more; 0 is two minutes.
	FilesFor time.Duration
	Log      *slog.Logger
}

// Driver runs pods.
type Driver struct {
	options Options
	cluster cluster
	volumes *Volumes
}

var (
	_ driver.Driver    = (*Driver)(nil)
	_ driver.Ports     = (*Driver)(nil)
	_ driver.Terminals = (*Driver)(nil)
	_ driver.Runner    = (*Driver)(nil)
	_ driver.Reacher   = (*Driver)(nil)
	_ driver.Addresser = (*Driver)(nil)
)

// New makes a driver. It does no I/O.
func New(o Options) (*Driver, error) {
	if o.Client == nil || o.Namespace == "" || o.Deployment == "" || o.Image == "" || len(o.Key) != 32 || o.Platform == nil {
		return nil, errors.New("the kubernetes driver needs a cluster, a namespace, a deployment's name and key, an image and the platform's address")
	}
	if wrong := validation.IsDNS1123Label(o.Deployment); len(wrong) > 0 {
		return nil, fmt.Errorf("the deployment's name %q: %s", o.Deployment, wrong[0])
	}
	if o.Class == "" {
		o.Class = "kubernetes"
	}
	if o.Storage.IsZero() {
		o.Storage = resource.MustParse("10Gi")
	}
	if o.Grace == 0 {
		o.Grace = 5 * time.Second
	}
	if o.FilesFor == 0 {
		o.FilesFor = 2 * time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Driver{options: o, cluster: cluster{client: o.Client, namespace: o.Namespace}}
	d.volumes = &Volumes{driver: d, seeds: map[uuid.UUID]fs.FS{}, reached: map[uuid.UUID]record{}}
	return d, nil
}

// Name is the isolation class.
func (d *Driver) Name() string { return d.options.Class }

// Volumes are the users' files.
func (d *Driver) Volumes() *Volumes { return d.volumes }

// name is that of an object for somebody, of this deployment alone.
func (d *Driver) name(kind, whose string) string {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(d.options.Deployment))
	return fmt.Sprintf("atrium-%08x-%s-%s", sum.Sum32(), kind, whose)
}

// uidOf gives a user the user id of its pods and files, always the same one.
// Two who met by chance would still have no file in common.
func uidOf(owner driver.Owner) int {
	sum := fnv.New32a()
	_, _ = sum.Write(owner[:])
	return 200_000 + int(sum.Sum32()%1_000_000_000)
}
