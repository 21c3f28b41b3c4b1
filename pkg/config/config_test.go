package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
)

type settings struct {
	Port   int           `name:"port" env:"TEST_PORT" default:"1" help:"A port."`
	Secret config.Secret `name:"secret" env:"TEST_SECRET" help:"A secret."`
}

func file(t *testing.T, content string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "atrium.yaml")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	t.Setenv("ATRIUM_CONFIG", path)
}

func TestFlagsBeatEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	var s settings
	_, err := config.Parse(&s, "test", "", nil)
	require.NoError(t, err)
	require.Equal(t, 1, s.Port)

	file(t, "port: 2\n")
	_, err = config.Parse(&s, "test", "", nil)
	require.NoError(t, err)
	require.Equal(t, 2, s.Port)

	t.Setenv("TEST_PORT", "3")
	_, err = config.Parse(&s, "test", "", nil)
	require.NoError(t, err)
	require.Equal(t, 3, s.Port)

	_, err = config.Parse(&s, "test", "", []string{"--port", "4"})
	require.NoError(t, err)
	require.Equal(t, 4, s.Port)
}

func TestUnknownKeyIsNamed(t *testing.T) {
	file(t, "prot: 2\n")
	_, err := config.Parse(&settings{}, "test", "", nil)
	require.ErrorContains(t, err, `"prot"`)
}

func TestSecretIsNeverShown(t *testing.T) {
	const value = "hunter2"
	s := settings{Secret: value}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s.Secret, "all", s)
	encoded, err := json.Marshal(s)
	require.NoError(t, err)
	for _, shown := range []string{
		fmt.Sprint(s.Secret), fmt.Sprintf("%v %+v %#v %q %s", s, s, s, s.Secret, s.Secret), string(encoded), log.String(),
	} {
		require.NotContains(t, shown, value)
	}
	require.Equal(t, value, s.Secret.Reveal())
}
