module atrium.internal/services/ide

go 1.26.0

require (
	atrium.internal/pkg v0.0.0
	atrium.internal/proto v0.0.0
)

replace (
	atrium.internal/pkg => ../../pkg
	atrium.internal/proto => ../../proto
)
