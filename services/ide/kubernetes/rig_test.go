package kubernetes

import (
	"cmp"
	"context"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	authentication "k8s.io/api/authentication/v1"
	core "k8s.io/api/core/v1"
	rbac "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"atrium.internal/services/ide/internal/driver/conformance"
)

// Where the tests find their cluster, and the image that lies in it.
const (
	rigVariable   = "ATRIUM_K8S_RIG"
	imageVariable = "ATRIUM_K8S_IMAGE"
)

// roleFile holds the only rights that the driver has, here as in the chart.
const roleFile = "../../../deploy/helm/atrium/files/workspace-role.yaml"

// rig is a namespace of the tests' cluster, and who may do in it what the chart
// lets the ide service do.
type rig struct {
	admin     kubernetes.Interface
	namespace string
	config    *rest.Config
}

// needRig skips the test, loudly, where deploy/test/k8s/test.sh has not brought a
// cluster.
func needRig(t *testing.T) *rig {
	t.Helper()
	if os.Getenv(rigVariable) == "" || os.Getenv(imageVariable) == "" {
		conformance.Required(t, "kubernetes", "there is no cluster; make test-k8s brings one")
	}
	return newRig(t)
}

func newRig(t *testing.T) *rig {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	require.NoError(t, err)
	config.QPS, config.Burst = 100, 200
	r := &rig{}
	r.admin, err = kubernetes.NewForConfig(config)
	require.NoError(t, err)
	r.make(t, config)
	return r
}

// make makes the namespace as the chart does: restricted pods only.
func (r *rig) make(t *testing.T, admin *rest.Config) {
	t.Helper()
	ctx := t.Context()
	made, err := r.admin.CoreV1().Namespaces().Create(ctx, &core.Namespace{ObjectMeta: meta.ObjectMeta{
		GenerateName: "workspaces-", Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"},
	}}, meta.CreateOptions{})
	require.NoError(t, err)
	r.namespace = made.Name
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		require.NoError(t, r.admin.CoreV1().Namespaces().Delete(ctx, r.namespace, meta.DeleteOptions{}))
	})
	text, err := os.ReadFile(roleFile)
	require.NoError(t, err)
	role := &rbac.Role{ObjectMeta: meta.ObjectMeta{Name: "ide"}}
	require.NoError(t, yaml.UnmarshalStrict(text, &role.Rules))
	_, err = r.admin.RbacV1().Roles(r.namespace).Create(ctx, role, meta.CreateOptions{})
	require.NoError(t, err)
	_, err = r.admin.CoreV1().ServiceAccounts(r.namespace).Create(ctx, &core.ServiceAccount{ObjectMeta: meta.ObjectMeta{Name: "ide"}}, meta.CreateOptions{})
	require.NoError(t, err)
	_, err = r.admin.RbacV1().RoleBindings(r.namespace).Create(ctx, &rbac.RoleBinding{
		ObjectMeta: meta.ObjectMeta{Name: "ide"}, RoleRef: rbac.RoleRef{APIGroup: rbac.GroupName, Kind: "Role", Name: "ide"},
		Subjects: []rbac.Subject{{Kind: rbac.ServiceAccountKind, Name: "ide", Namespace: r.namespace}},
	}, meta.CreateOptions{})
	require.NoError(t, err)
	r.config = rest.AnonymousClientConfig(admin)
	r.config.BearerToken = r.token(t, "ide")
	r.config.QPS, r.config.Burst = mostPerSecond, mostAtOnce
}

func (r *rig) token(t *testing.T, account string) string {
	t.Helper()
	hour := int64(3600)
	made, err := r.admin.CoreV1().ServiceAccounts(r.namespace).CreateToken(t.Context(), account, &authentication.TokenRequest{
		Spec: authentication.TokenRequestSpec{ExpirationSeconds: &hour},
	}, meta.CreateOptions{})
	require.NoError(t, err)
	return made.Status.Token
}

// driver makes one with the rights of the chart's service account.
func (r *rig) driver(t *testing.T, change ...func(*Options)) *Driver {
	t.Helper()
	client, err := kubernetes.NewForConfig(r.config)
	require.NoError(t, err)
	o := Options{
		Client: client, Namespace: r.namespace, Deployment: "test", Image: cmp.Or(os.Getenv(imageVariable), "workspace:1"), Key: make([]byte, 32),
		Platform: &url.URL{Scheme: "http", Host: "atrium.localhost:9"}, PlatformNamespace: "atrium", Internet: true,
		Storage: resource.MustParse("512Mi"), Grace: time.Second,
	}
	for _, set := range change {
		set(&o)
	}
	d, err := New(o)
	require.NoError(t, err)
	return d
}
