module atrium.internal/tools/archtest

go 1.26.0

require atrium.internal/pkg v0.0.0

require (
	github.com/stretchr/testify v1.12.1
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace atrium.internal/pkg => ../../pkg
