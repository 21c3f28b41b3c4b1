package docker

import (
	"testing"

	"atrium.internal/pkg/testkit/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }
