package archtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/deptest"
	"atrium.internal/tools/archtest"
)

// everything is each module of go.work.
var everything = []string{
	"atrium.internal/gateway/...", "atrium.internal/pkg/...", "atrium.internal/proto/...",
	"atrium.internal/services/...", "atrium.internal/tools/archtest/...",
}

func list(t *testing.T) []deptest.Package {
	t.Helper()
	packages, err := deptest.List("../..", everything...)
	require.NoError(t, err)
	require.Greater(t, len(packages), 40, "go list must have seen all modules")
	return packages
}

func TestImportsFollowTheArrows(t *testing.T) {
	t.Parallel()
	for _, broken := range deptest.Check(list(t), archtest.Rules) {
		t.Error(broken)
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for _, path := range deptest.Undocumented(list(t)) {
		if !deptest.Within(path, "atrium.internal/proto/gen") {
			t.Errorf("%s has no package comment: say in doc.go what it owns and what it does not", path)
		}
	}
}

// TestRulesCatchWhatTheyForbid breaks each rule once.
func TestRulesCatchWhatTheyForbid(t *testing.T) {
	t.Parallel()
	for rule, broken := range map[string]struct{ path, imported string }{
		"domains are pure":                 {"services/chat/internal/turn", "net/http"},
		"domains know no adapter":          {"services/chat/internal/turn", "atrium.internal/services/chat/internal/pgstore"},
		"adapters stand apart":             {"services/chat/internal/grpcapi", "atrium.internal/services/chat/internal/pgstore"},
		"internals do not know their root": {"services/chat/internal/grpcapi", "atrium.internal/services/chat"},
		"services stand apart":             {"services/chat", "atrium.internal/services/ai"},
		"the gateway knows contracts only": {"gateway/rest", "atrium.internal/services/ai"},
		"pkg is a leaf":                    {"pkg/page", "atrium.internal/proto/access"},
		"contracts are contracts":          {"proto/access", "atrium.internal/pkg/apperr"},
		"one module knows the cluster":     {"services/ide/internal/grpcapi", "k8s.io/client-go/kubernetes"},
		"tests' helpers stay in tests":     {"services/chat", "atrium.internal/pkg/testkit/pgtest"},
	} {
		found := deptest.Check([]deptest.Package{{ImportPath: "atrium.internal/" + broken.path, Imports: []string{broken.imported}}}, archtest.Rules)
		require.NotEmpty(t, found, rule)
		require.Contains(t, found[0], "("+rule+")")
	}
	require.Len(t, archtest.Rules, 10, "a new rule needs a case above")
}
