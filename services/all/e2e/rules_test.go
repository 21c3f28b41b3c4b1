package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"atrium.internal/proto/access"
)

// rule is who may use a route: the contract's level, and the scope an API token needs.
type rule struct{ level, scope string }

// handWritten are the rules of the routes that protobuf can't say.
var handWritten = map[string]rule{
	"POST /api/ai/chat":                      {"user", "ai"},
	"GET /api/auth/check":                    {"user", "account"},
	"GET /api/auth/oidc/{provider}":          {"anonymous", ""},
	"GET /api/auth/oidc/{provider}/callback": {"anonymous", ""},
	"GET /api/chat/attachments/{id}/content": {"user", "chat"},
	"POST /api/chat/attachments":             {"user", "chat"},

	"GET /api/chat/conversations/{id}/export": {"user", "chat"},

	"GET /api/openapi.json":    {"anonymous", ""},
	"GET /api/users/me/export": {"user", "account"},

	"GET /api/ide/workspaces/{workspace_id}/archive":          {"user", "ide"},
	"PUT /api/ide/workspaces/{workspace_id}/archive":          {"user", "ide"},
	"GET /api/ide/workspaces/{workspace_id}/files/content":    {"user", "ide"},
	"PUT /api/ide/workspaces/{workspace_id}/files/content":    {"user", "ide"},
	"DELETE /api/ide/workspaces/{workspace_id}/files/content": {"user", "ide"},

	"GET /api/users/me/usage": {"user", "account"},

	"GET /api/admin/overview":     {"admin", "admin"},
	"GET /api/admin/plans/effect": {"admin", "admin"},
}

// rule finds the route's; every route must have one.
func (r route) rule(t *testing.T) rule {
	t.Helper()
	name := r.method + " " + r.path
	if found, ok := handWritten[name]; ok {
		return found
	}
	found, ok := annotated(t)[name]
	require.True(t, ok, "%s: the contract does not say who may use it", name)
	return found
}

// annotated are the rules of the RPCs by the routes that serve them.
func annotated(t *testing.T) map[string]rule {
	t.Helper()
	all := map[string]rule{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				http, ok := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
				if !ok || http == nil {
					continue
				}
				level, scope, _, _, ok := access.Of("/" + string(service.FullName()) + "/" + string(method.Name()))
				require.True(t, ok, "%s", method.FullName())
				all[routeOf(http)] = rule{level, scope}
			}
		}
		return true
	})
	return all
}

func routeOf(rule *annotations.HttpRule) string {
	switch pattern := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet + " " + pattern.Get
	case *annotations.HttpRule_Put:
		return http.MethodPut + " " + pattern.Put
	case *annotations.HttpRule_Post:
		return http.MethodPost + " " + pattern.Post
	case *annotations.HttpRule_Delete:
		return http.MethodDelete + " " + pattern.Delete
	case *annotations.HttpRule_Patch:
		return http.MethodPatch + " " + pattern.Patch
	}
	return ""
}

func TestTheOpenAPIDocumentHasEveryRoute(t *testing.T) {
	described := map[string]bool{}
	for _, r := range everyRoute(t) {
		described[r.method+" "+r.path] = true
	}
	for name := range annotated(t) {
		require.True(t, described[name], "%s is served and not described", name)
	}
}
