package access_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"atrium.internal/proto/access"
	_ "atrium.internal/proto/gen/atrium/ai/v1"   // their RPCs are found
	_ "atrium.internal/proto/gen/atrium/auth/v1" // by reflection
	_ "atrium.internal/proto/gen/atrium/chat/v1"
	_ "atrium.internal/proto/gen/atrium/ide/v1"
)

// rpcs gives the full names of the contracts' methods by the service that serves them.
func rpcs() map[string][]string {
	all := map[string][]string{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		inside, ok := strings.CutPrefix(string(file.Package()), "atrium.")
		if !ok {
			return true
		}
		service, _, _ := strings.Cut(inside, ".")
		for i := range file.Services().Len() {
			s := file.Services().Get(i)
			for j := range s.Methods().Len() {
				all[service] = append(all[service], fmt.Sprintf("/%s/%s", s.FullName(), s.Methods().Get(j).Name()))
			}
		}
		return true
	})
	return all
}

func TestEveryRPCSaysWhoMayCallIt(t *testing.T) {
	services := rpcs()
	known := []string{access.Gateway}
	for service := range services {
		known = append(known, service)
	}
	require.ElementsMatch(t, []string{"gateway", "auth", "chat", "ide", "ai"}, known)
	for service, methods := range services {
		for _, method := range methods {
			level, scope, _, callers, ok := access.Of(method)
			require.True(t, ok, "%s: nobody may call it", method)
			require.Contains(t, []string{"anonymous", "signed_in", "user", "admin", "service"}, level, method)
			require.Equal(t, level == "signed_in" || level == "user" || level == "admin", scope != "", "%s: users' RPCs, and only they, name a scope", method)
			require.NotEmpty(t, callers, method)
			require.Subset(t, known, callers, "%s: a caller that is no service", method)
			require.NotContains(t, callers, service, "%s: a service does not call itself", method)
		}
	}
}

func TestOnlyAnswersAreMadeForOtherServices(t *testing.T) {
	for _, methods := range rpcs() {
		for _, method := range methods {
			_, _, _, callers, _ := access.Of(method)
			switch method {
			case "/atrium.ai.v1.AIService/Generate", "/atrium.ai.v1.AIService/CountTokens":
				require.ElementsMatch(t, []string{"gateway", "chat", "ide"}, callers)
				continue
			case "/atrium.ai.v1.AIService/ListModels":
				require.ElementsMatch(t, []string{"gateway", "chat"}, callers)
				continue
			case "/atrium.auth.v1.AuthService/IssueWorkspaceToken", "/atrium.auth.v1.AuthService/EndWorkspaceToken",
				"/atrium.auth.v1.AuthService/SendDormancyNotice":
				require.Equal(t, []string{"ide"}, callers)
				continue
			case "/atrium.auth.v1.AuthService/SendBudgetAlert":
				require.Equal(t, []string{"ai"}, callers)
				continue
			}
			require.Equal(t, []string{access.Gateway}, callers, "%s: whoever opens it to another service says so here too", method)
		}
	}
}

func TestAnUnknownMethodHasNoRule(t *testing.T) {
	for _, name := range []string{"", "/", "/atrium.chat.v1.ChatService/Nothing", "/atrium.chat.v1.ChatService", "/grpc.health.v1.Health/Check"} {
		_, _, _, callers, ok := access.Of(name)
		require.False(t, ok, name)
		require.Empty(t, callers, name)
	}
}
