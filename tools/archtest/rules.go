package archtest

import (
	"slices"
	"strings"

	"atrium.internal/pkg/testkit/deptest"
)

const root = "atrium.internal"

var services = []string{"auth", "chat", "ide", "ai"}

// adapters are the packages below a service's internal folder that speak to
// something outside: a database, a wire, a provider, the operating system. A
// folder stands for all below it. Every other package there is a domain, and
// so are the contracts that a family of adapters implements (driver).
var adapters = []string{
	"grpcapi", "aiclient",
	"pgstore", "redisstore", "revocation", "throttle", "mail", "issuer", "eventlog", "stopbell", "livebus", "authclient", "webhook",
	"provider/anthropic", "provider/openaicompat", "provider/demo",
	"driver/directory", "driver/docker", "editor",
}

// shared is technology that several adapters of one kind stand on.
var shared = []string{
	"provider/transport",
	"driver/userdata", "driver/vscode", "driver/unixsock", "driver/cgroup", "driver/listening", "driver/keeper", "driver/egress", "driver/pod", "driver/latemount",
}

// rehearsals are the names of packages that exist for tests: fakes, fixtures
// and conformance suites.
var rehearsals = []string{"conformance", "dbtest", "testdb", "fakedriver", "pdftest", "testkit", "e2e"}

// technology is what rules about the business must be able to do without.
var technology = []string{
	root + "/proto", root + "/pkg/grpcx", root + "/pkg/pgdb", root + "/pkg/redisdb", root + "/pkg/seal", root + "/pkg/httpx", root + "/pkg/testkit",
	"google.golang.org/grpc", "google.golang.org/protobuf", "github.com/grpc-ecosystem",
	"github.com/jackc/pgx", "database/sql", "github.com/redis/go-redis",
	"net/http", "github.com/coder/websocket",
	"github.com/anthropics/anthropic-sdk-go", "github.com/openai/openai-go",
	"github.com/coreos/go-oidc", "golang.org/x/oauth2",
	"github.com/docker/docker", "github.com/moby/moby", "k8s.io",
}

// Rules are the arrows of ARCHITECTURE.md.
var Rules = []deptest.Rule{
	{
		Name:    "domains are pure",
		Applies: isDomain,
		Forbids: func(_, imported string) bool { return deptest.WithinAny(imported, technology...) },
		Why:     "a domain holds rules and small interfaces, so that it can be read and tested without a wire, a database or an SDK; put this into an adapter and pass it in.",
	},
	{
		Name:    "domains know no adapter",
		Applies: isDomain,
		Forbids: func(_, imported string) bool { return isAdapter(imported) || isShared(imported) },
		Why:     "the arrow goes from adapter to domain; declare the interface that you need and let the service root pass the adapter in.",
	},
	{
		Name:    "adapters stand apart",
		Applies: isAdapter,
		Forbids: func(path, imported string) bool { return isAdapter(imported) && adapterOf(path) != adapterOf(imported) },
		Why:     "adapters meet only in the service root; otherwise one technology can't be replaced without the other.",
	},
	{
		Name:    "internals do not know their root",
		Applies: func(path string) bool { return strings.Contains(path, "/internal/") && serviceOf(path) != "" },
		Forbids: func(path, imported string) bool { return imported == root+"/services/"+serviceOf(path) },
		Why:     "the service root wires its parts together; a part that knows the root can't be tested alone.",
	},
	{
		Name:    "services stand apart",
		Applies: func(path string) bool { return serviceOf(path) != "" },
		Forbids: func(path, imported string) bool {
			return deptest.Within(imported, root+"/services") && serviceOf(imported) != serviceOf(path) ||
				deptest.Within(imported, root+"/gateway")
		},
		Why: "services talk through the clients in proto/gen only, so that each can run as a process of its own.",
	},
	{
		Name:    "the gateway knows contracts only",
		Applies: func(path string) bool { return deptest.Within(path, root+"/gateway") },
		Forbids: func(_, imported string) bool {
			return ours(imported) && !deptest.WithinAny(imported, root+"/gateway", root+"/proto", root+"/pkg")
		},
		Why: "the gateway reaches services through proto clients, whether they are in its process or not.",
	},
	{
		Name:    "pkg is a leaf",
		Applies: func(path string) bool { return deptest.Within(path, root+"/pkg") },
		Forbids: func(_, imported string) bool { return ours(imported) && !deptest.Within(imported, root+"/pkg") },
		Why:     "libraries know no product words; whoever needs both passes one to the other.",
	},
	{
		Name:    "contracts are contracts",
		Applies: func(path string) bool { return deptest.Within(path, root+"/proto") },
		Forbids: func(_, imported string) bool { return ours(imported) && !deptest.Within(imported, root+"/proto") },
		Why:     "anyone may import the contracts, so they may import nobody.",
	},
	{
		Name:    "one module knows the cluster",
		Applies: func(path string) bool { return ours(path) && !deptest.Within(path, root+"/services/ide/kubernetes") },
		Forbids: func(_, imported string) bool {
			return deptest.WithinAny(imported, "k8s.io", root+"/services/ide/kubernetes")
		},
		Why: "the client of Kubernetes is large, and whoever runs workspaces elsewhere must not build it; ided-kubernetes passes the driver in.",
	},
	{
		Name:    "tests' helpers stay in tests",
		Applies: func(path string) bool { return ours(path) && !isRehearsal(path) },
		Forbids: func(_, imported string) bool {
			return ours(imported) && isRehearsal(imported) || deptest.WithinAny(imported, "github.com/stretchr/testify", "testing")
		},
		Why: "what serves users must not carry test code.",
	},
}

func ours(path string) bool { return deptest.Within(path, root) }

// serviceOf names the service that a package belongs to, or nothing.
func serviceOf(path string) string {
	rest, ok := strings.CutPrefix(path, root+"/services/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	if !slices.Contains(services, name) {
		return ""
	}
	return name
}

// inside gives the path below a service's internal folder, or nothing.
func inside(path string) string {
	if serviceOf(path) == "" {
		return ""
	}
	_, rest, _ := strings.Cut(path, "/internal/")
	return rest
}

// adapterOf names the adapter that a package belongs to, or nothing.
func adapterOf(path string) string {
	rest := inside(path)
	for _, name := range adapters {
		if deptest.Within(rest, name) {
			return serviceOf(path) + "/" + name
		}
	}
	return ""
}

func isAdapter(path string) bool { return adapterOf(path) != "" }

func isShared(path string) bool { return deptest.WithinAny(inside(path), shared...) }

func isDomain(path string) bool {
	return inside(path) != "" && !isAdapter(path) && !isShared(path) && !isRehearsal(path)
}

// isRehearsal reports whether the package exists for tests. The rules' own
// module counts: it is one test.
func isRehearsal(path string) bool {
	return deptest.Within(path, root+"/tools") ||
		slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool { return slices.Contains(rehearsals, part) })
}
