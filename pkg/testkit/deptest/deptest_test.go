package deptest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/deptest"
)

func TestCheckNamesTheImportAndTheReason(t *testing.T) {
	t.Parallel()
	rule := deptest.Rule{
		Name:    "pure rules",
		Applies: func(path string) bool { return deptest.Within(path, "x/domain") },
		Forbids: func(_, imported string) bool { return deptest.WithinAny(imported, "net/http", "x/store") },
		Why:     "rules stay testable without a server.",
	}
	broken := deptest.Check([]deptest.Package{
		{ImportPath: "x/domain/session", Imports: []string{"fmt", "net/http", "x/storefront"}},
		{ImportPath: "x/domainless", Imports: []string{"net/http"}},
	}, []deptest.Rule{rule})
	require.Equal(t, []string{"x/domain/session imports net/http (pure rules): rules stay testable without a server."}, broken)
}

func TestUndocumented(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"b"}, deptest.Undocumented([]deptest.Package{
		{ImportPath: "a", Doc: "Package a is documented."}, {ImportPath: "b"},
	}))
}

func TestListReadsRealPackages(t *testing.T) {
	t.Parallel()
	packages, err := deptest.List(".", ".")
	require.NoError(t, err)
	require.Len(t, packages, 1)
	require.Contains(t, packages[0].Imports, "os/exec")
	require.NotEmpty(t, packages[0].Doc)
}
