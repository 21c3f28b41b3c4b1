package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"

	"atrium.internal/pkg/version"
)

// Parse fills cli, a struct with kong tags, from defaults, then the YAML file
// that ATRIUM_CONFIG names, then the environment, then args. A secret NAME may
// also be in a file that NAME_FILE names. It ends the program for --help and
// --version; a fault is returned as one readable error.
func Parse(cli any, name, description string, args []string, extra ...kong.Option) (*kong.Context, error) {
	file, err := readFile(os.Getenv("ATRIUM_CONFIG"))
	if err != nil {
		return nil, err
	}
	options := append([]kong.Option{
		kong.Name(name), kong.Description(description), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Resolvers(file, kong.ResolverFunc(secretFiles)), // the last one wins
		kong.Embed(&struct {
			Version kong.VersionFlag `help:"Show the version and end."`
		}{}),
		kong.Vars{"version": version.Version},
	}, extra...)
	parser, err := kong.New(cli, options...)
	if err != nil {
		return nil, err
	}
	return parser.Parse(args)
}

// fileSettings are the settings of the file, by flag name.
type fileSettings map[string]any

func readFile(path string) (fileSettings, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("ATRIUM_CONFIG: %w", err)
	}
	var settings fileSettings
	if err := yaml.Unmarshal(text, &settings); err != nil {
		return nil, fmt.Errorf("ATRIUM_CONFIG: %s: %w", path, err)
	}
	return settings, nil
}

// Validate refuses keys that no setting has.
func (f fileSettings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	err := kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			known[flag.Name] = true
		}
		return next(nil)
	})
	if err != nil {
		return err
	}
	var faults []error
	for key := range f {
		if !known[key] {
			faults = append(faults, fmt.Errorf("ATRIUM_CONFIG: there is no setting %q", key))
		}
	}
	return errors.Join(faults...)
}

// Resolve gives a flag's value from the file, unless the environment sets it.
func (f fileSettings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	switch value := f[flag.Name].(type) {
	case nil:
		return nil, nil
	case []any:
		parts := make([]string, len(value))
		for i, v := range value {
			parts[i] = fmt.Sprint(v)
		}
		return strings.Join(parts, ","), nil
	default:
		return fmt.Sprint(value), nil
	}
}
