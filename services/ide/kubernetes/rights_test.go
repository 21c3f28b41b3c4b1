package kubernetes

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	authorization "k8s.io/api/authorization/v1"
	core "k8s.io/api/core/v1"
	node "k8s.io/api/node/v1"
	rbac "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"atrium.internal/services/ide/internal/driver"
)

// apiVariable says that there is an API server, without nodes: deploy/test/k8s/api.sh.
const apiVariable = "ATRIUM_K8S_API"

// needAPI skips the test, loudly, where there is neither an API server nor a cluster.
func needAPI(t *testing.T) *rig {
	t.Helper()
	if os.Getenv(apiVariable) == "" {
		return needRig(t)
	}
	r := newRig(t)
	// The controllers' work, without which no pod is taken.
	_, err := r.admin.CoreV1().ServiceAccounts(r.namespace).Create(t.Context(), &core.ServiceAccount{ObjectMeta: meta.ObjectMeta{Name: "default"}}, meta.CreateOptions{})
	require.NoError(t, err)
	return r
}

// heard remembers what a client asks for, as "verb group/resource".
type heard struct {
	next http.RoundTripper
	mu   sync.Mutex
	all  map[string]bool
}

func (h *heard) RoundTrip(r *http.Request) (*http.Response, error) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	group := ""
	if parts[0] == "apis" {
		group, parts = parts[1], parts[1:]
	}
	parts = parts[4:] // api, v1, namespaces, <name>
	verb := map[string]string{"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete", "GET": "list"}[r.Method]
	if r.Method == http.MethodGet && len(parts) > 1 {
		verb = "get"
	}
	what := parts[0]
	if len(parts) > 2 {
		what += "/" + parts[2]
	}
	h.mu.Lock()
	h.all[verb+" "+group+"/"+what] = true
	h.mu.Unlock()
	return h.next.RoundTrip(r)
}

// rights spells rules out as heard does.
func rights(rules []rbac.PolicyRule) []string {
	var all []string
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, what := range rule.Resources {
				for _, verb := range rule.Verbs {
					all = append(all, verb+" "+group+"/"+what)
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// TestTheDriverUsesEachOfItsRightsAndNoOther takes the driver through everything
// that it asks of the API server, with the chart's role, and compares: what it was
// refused fails, and so does a right that it did not need.
func TestTheDriverUsesEachOfItsRightsAndNoOther(t *testing.T) {
	t.Parallel()
	r := needAPI(t)
	ctx := t.Context()
	asked := &heard{all: map[string]bool{}}
	r.config.Wrap(func(next http.RoundTripper) http.RoundTripper { asked.next = next; return asked })
	d := r.driver(t)

	for range 2 { // made, and made like it
		require.NoError(t, d.cluster.apply(ctx, d.policy()))
	}
	v := driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New(), Seed: fstest.MapFS{"a": {Data: []byte("a")}}}
	_, err := d.volumes.Ensure(ctx, v)
	require.NoError(t, err)
	require.NoError(t, d.volumes.note(ctx, v.Owner, map[string]int64{noteUsed: 1}))
	h, err := d.Prepare(ctx, driver.Spec{WorkspaceID: v.WorkspaceID, Owner: v.Owner, Hostname: "test", Folder: "project", Limits: small})
	require.NoError(t, err)
	own, err := d.volumes.makeOwn(ctx, d.volumes.filesPod(v.Owner), v.Owner)
	require.NoError(t, err)
	p, err := decode(h.State)
	require.NoError(t, err)
	require.NoError(t, d.cluster.annotatePod(ctx, p.Pod, p.PodUID, noteStarted, "true"))
	list, err := d.List(ctx)
	require.NoError(t, err)
	require.Len(t, list, 1)
	_, _, _, err = d.volumes.Total(ctx, v.Owner)
	require.NoError(t, err)
	_, _ = d.Logs(ctx, h, 1) // of a pod that may have no node there are none
	for _, made := range []record{p, own} {
		require.NoError(t, d.cluster.endPod(ctx, made.Pod, made.PodUID, 0))
	}
	require.NoError(t, d.volumes.DeleteUser(ctx, v.Owner))

	text, err := os.ReadFile(roleFile)
	require.NoError(t, err)
	var rules []rbac.PolicyRule
	require.NoError(t, yaml.UnmarshalStrict(text, &rules))
	var used []string
	for what := range asked.all {
		used = append(used, what)
	}
	slices.Sort(used)
	require.Equal(t, rights(rules), used)

	// What the server itself says: the role is all that the account may beyond what
	// any other account may, and that in this namespace alone.
	_, err = r.admin.CoreV1().ServiceAccounts(r.namespace).Create(ctx, &core.ServiceAccount{ObjectMeta: meta.ObjectMeta{Name: "nobody"}}, meta.CreateOptions{})
	require.NoError(t, err)
	anybody := r.may(t, "nobody", r.namespace)
	require.NotContains(t, anybody, "get /pods")
	want := append(rights(rules), anybody...)
	slices.Sort(want)
	require.Equal(t, want, r.may(t, "ide", r.namespace))
	for _, elsewhere := range []string{"default", "kube-system"} {
		require.Equal(t, anybody, r.may(t, "ide", elsewhere), elsewhere)
	}
}

// may gives the rights of a service account of the namespace in a namespace.
func (r *rig) may(t *testing.T, account, namespace string) []string {
	t.Helper()
	config := rest.AnonymousClientConfig(r.config)
	config.WrapTransport, config.BearerToken = nil, r.token(t, account)
	client, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	review, err := client.AuthorizationV1().SelfSubjectRulesReviews().Create(t.Context(), &authorization.SelfSubjectRulesReview{
		Spec: authorization.SelfSubjectRulesReviewSpec{Namespace: namespace},
	}, meta.CreateOptions{})
	require.NoError(t, err)
	require.False(t, review.Status.Incomplete)
	var all []string
	for _, rule := range review.Status.ResourceRules {
		all = append(all, rights([]rbac.PolicyRule{{APIGroups: rule.APIGroups, Resources: rule.Resources, Verbs: rule.Verbs}})...)
	}
	slices.Sort(all)
	return all
}

// TestTheAPIServerTakesEachKindOfPod: into a namespace for restricted pods only, and
// with a RuntimeClass if the cluster has it.
func TestTheAPIServerTakesEachKindOfPod(t *testing.T) {
	t.Parallel()
	r := needAPI(t)
	ctx := t.Context()
	name := "atrium-test-" + r.namespace
	sandboxed := r.driver(t, func(o *Options) { o.RuntimeClass = name })
	owner := uuid.New()
	spec := driver.Spec{WorkspaceID: uuid.New(), Owner: owner, Hostname: "test", Folder: "project", Limits: small}
	_, err := sandboxed.volumes.Ensure(ctx, driver.VolumeSpec{WorkspaceID: spec.WorkspaceID, Owner: owner})
	require.NoError(t, err)
	_, err = sandboxed.Prepare(ctx, spec)
	require.ErrorContains(t, err, name, "the cluster has no such class")

	_, err = r.admin.NodeV1().RuntimeClasses().Create(ctx, &node.RuntimeClass{
		ObjectMeta: meta.ObjectMeta{Name: name}, Handler: "kata",
		Overhead: &node.Overhead{PodFixed: core.ResourceList{core.ResourceMemory: resource.MustParse("160Mi")}},
	}, meta.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, r.admin.NodeV1().RuntimeClasses().Delete(context.WithoutCancel(ctx), name, meta.DeleteOptions{}))
	})
	h, err := sandboxed.Prepare(ctx, spec)
	require.NoError(t, err)
	made, err := decode(h.State)
	require.NoError(t, err)
	p, err := sandboxed.cluster.pod(ctx, made.Pod)
	require.NoError(t, err)
	require.Equal(t, name, *p.Spec.RuntimeClassName)
	require.Equal(t, "160Mi", p.Spec.Overhead.Memory().String())
	require.NoError(t, sandboxed.cluster.endPod(ctx, made.Pod, made.PodUID, 0))

	// What is not of the profile would be refused: the namespace really holds to it.
	p.ResourceVersion, p.UID, p.Name = "", "", "loose"
	p.Spec.Containers[0].SecurityContext.Capabilities = nil
	_, err = r.admin.CoreV1().Pods(r.namespace).Create(ctx, p, meta.CreateOptions{})
	require.ErrorContains(t, err, "violates PodSecurity")
}
