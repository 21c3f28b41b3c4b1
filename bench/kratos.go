package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
)

// kratos starts Ory Kratos on a database of its own and signs somebody in
// there; nil when it is not built.
func (r *rig) kratos(ctx context.Context) (*contestant, error) {
	path := filepath.Join(r.peers, "kratos")
	if _, err := os.Stat(path); err != nil {
		return nil, nil //nolint:nilnil,nilerr // nobody to compare with is no fault
	}
	database, err := r.newDatabase(ctx, "kratos")
	if err != nil {
		return nil, err
	}
	public, admin := freePort(), freePort()
	schema := filepath.Join(r.dir, "identity.schema.json")
	settings := filepath.Join(r.dir, "kratos.yml")
	if err := errors.Join(
		os.WriteFile(schema, []byte(kratosSchema), 0o600),
		os.WriteFile(settings, fmt.Appendf(nil, kratosSettings, public, public, admin, schema), 0o600),
	); err != nil {
		return nil, err
	}
	migrate := exec.CommandContext(ctx, path, "migrate", "sql", "-e", "--yes", "-c", settings)
	migrate.Env = append(migrate.Environ(), "DSN="+database)
	if said, err := migrate.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("kratos migrate: %w: %s", err, said)
	}
	server := &program{base: fmt.Sprintf("http://127.0.0.1:%d", public)}
	if err := r.launch(ctx, server, path, []string{"serve", "-c", settings}, "/health/ready", "DSN="+database); err != nil {
		return nil, err
	}
	token, err := server.kratosSession(ctx)
	if err != nil {
		return nil, err
	}
	return &contestant{name: "Ory Kratos whoami", server: server, method: http.MethodGet, path: "/sessions/whoami", headers: []string{"X-Session-Token: " + token}}, nil
}

// kratosSession registers somebody, which signs them in.
func (p *program) kratosSession(ctx context.Context) (string, error) {
	_, answer, _, err := p.call(ctx, http.MethodGet, "/self-service/registration/api", "", nil)
	if err != nil {
		return "", err
	}
	var flow struct{ ID string }
	if err := json.Unmarshal(answer, &flow); err != nil {
		return "", err
	}
	_, answer, _, err = p.call(ctx, http.MethodPost, "/self-service/registration?flow="+flow.ID, "", map[string]any{
		"method": "password", "password": password, "traits": map[string]string{"email": "ada@example.com"},
	})
	if err != nil {
		return "", err
	}
	var made struct {
		Token string `json:"session_token"`
	}
	if err := json.Unmarshal(answer, &made); err != nil || made.Token == "" {
		return "", fmt.Errorf("kratos gave no session: %s", answer)
	}
	return made.Token, nil
}

const kratosSchema = `{
  "$id": "https://example.com/person.schema.json", "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
  "properties": {"traits": {"type": "object", "properties": {"email": {
    "type": "string", "format": "email", "ory.sh/kratos": {"credentials": {"password": {"identifier": true}}}
  }}, "required": ["email"]}}
}`

// The parameters of the hash are Atrium's, and nothing else is slower than it
// would be in production.
const kratosSettings = `
serve:
  public: {base_url: "http://127.0.0.1:%d/", host: 127.0.0.1, port: %d}
  admin: {host: 127.0.0.1, port: %d}
identity:
  default_schema_id: default
  schemas: [{id: default, url: "file://%s"}]
selfservice:
  default_browser_return_url: http://127.0.0.1/
  methods: {password: {enabled: true, config: {haveibeenpwned_enabled: false}}}
  flows: {registration: {after: {password: {hooks: [{hook: session}]}}}}
secrets: {cookie: [bench-only-bench-only-bench-only-], cipher: [bench-only-bench-only-bench-only]}
hashers: {algorithm: argon2, argon2: {memory: 19MB, iterations: 2, parallelism: 1}}
log: {level: error}
`
