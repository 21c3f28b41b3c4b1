module atrium.internal/services/all

go 1.26.0

require (
	atrium.internal/pkg v0.0.0
	atrium.internal/proto v0.0.0
	atrium.internal/gateway v0.0.0
	atrium.internal/services/auth v0.0.0
	atrium.internal/services/chat v0.0.0
	atrium.internal/services/ide v0.0.0
	atrium.internal/services/ai v0.0.0
)

replace (
	atrium.internal/pkg => ../../pkg
	atrium.internal/proto => ../../proto
	atrium.internal/gateway => ../../gateway
	atrium.internal/services/auth => ../auth
	atrium.internal/services/chat => ../chat
	atrium.internal/services/ide => ../ide
	atrium.internal/services/ai => ../ai
)
