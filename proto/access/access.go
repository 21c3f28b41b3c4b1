// Package access reads, from the contracts themselves, who may call an RPC.
package access

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	commonv1 "atrium.internal/proto/gen/atrium/common/v1"
)

// Gateway is the caller of every RPC that names no others.
const Gateway = "gateway"

// Of gives the rule of a full method name such as
// "/atrium.chat.v1.ChatService/SendMessage": the level ("anonymous",
// "signed_in", "user", "admin" or "service"), the scope an API token needs,
// whether a workspace's own token may come with that scope limited to the
// workspace, and the services that may make the call. ok is false when the contract has no rule, which callers
// must treat as a refusal.
func Of(fullMethod string) (level, scope string, workspace bool, callers []string, ok bool) {
	rule := ruleOf(fullMethod)
	if rule.GetLevel() == commonv1.Level_LEVEL_UNSPECIFIED {
		return "", "", false, nil, false
	}
	callers = rule.GetCallers()
	if len(callers) == 0 {
		callers = []string{Gateway}
	}
	return strings.ToLower(strings.TrimPrefix(rule.GetLevel().String(), "LEVEL_")), rule.GetScope(), rule.GetWorkspace(), callers, true
}

// Movable says of a full method name whether its calls can go on at another
// replica of the service, from where they were.
func Movable(fullMethod string) bool { return ruleOf(fullMethod).GetMovable() }

// ruleOf is nil when the contract has no rule.
func ruleOf(fullMethod string) *commonv1.Access {
	name := protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(fullMethod, "/"), "/", "."))
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		return nil
	}
	method, ok := descriptor.(protoreflect.MethodDescriptor)
	if !ok || !proto.HasExtension(method.Options(), commonv1.E_Access) {
		return nil
	}
	rule, _ := proto.GetExtension(method.Options(), commonv1.E_Access).(*commonv1.Access)
	return rule
}
