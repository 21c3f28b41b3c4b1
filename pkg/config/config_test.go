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

func TestASecretMayBeInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte("hunter2\n"), 0o600))
	parse := func(args ...string) (settings, error) {
		var s settings
		_, err := config.Parse(&s, "test", "", args)
		return s, err
	}

	file(t, "secret: of the settings' file\n")
	t.Setenv("TEST_SECRET_FILE", path)
	t.Setenv("TEST_SECRET", "") // as a compose file that passes everything on has it
	s, err := parse()
	require.NoError(t, err)
	require.Equal(t, "hunter2", s.Secret.Reveal(), "without the line's end")
	s, err = parse("--secret=args")
	require.NoError(t, err)
	require.Equal(t, "args", s.Secret.Reveal())

	t.Setenv("TEST_PORT_FILE", path) // no secret: no such thing
	_, err = parse()
	require.NoError(t, err)

	t.Setenv("TEST_SECRET", "another")
	_, err = parse()
	require.ErrorContains(t, err, "TEST_SECRET and TEST_SECRET_FILE are both set")
	require.NotContains(t, err.Error(), "another")
	t.Setenv("TEST_SECRET", "")
	t.Setenv("TEST_SECRET_FILE", path+".gone")
	_, err = parse()
	require.ErrorContains(t, err, "TEST_SECRET_FILE: open "+path+".gone")
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
