package workspace

import (
	"context"

	"github.com/google/uuid"
)

// Tokens makes and ends what a workspace's programs ask models with, for its
// owner.
type Tokens interface {
	// Issue makes a workspace's token, and ends the one before.
	Issue(ctx context.Context, w Workspace) (string, error)
	// End ends a workspace's token, if it has one.
	End(ctx context.Context, id uuid.UUID) error
}

// endToken ends a workspace's token with its sandbox. While the auth service is
// away nothing waits for it: the reconciler tries again.
func (m *Manager) endToken(ctx context.Context, id uuid.UUID) {
	if m.Tokens == nil {
		return
	}
	err := m.Tokens.End(ctx, id)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.unended, id)
	if err != nil {
		m.unended[id] = true
		m.Log.WarnContext(ctx, "a workspace's token can't be ended yet", "workspace_id", id, "error", err)
	}
}

// endTokens tries again what failed, except where a new start has replaced the
// token.
func (m *Manager) endTokens(ctx context.Context) {
	m.mu.Lock()
	var again []uuid.UUID
	for id := range m.unended {
		if _, runs := m.sandboxes[id]; runs {
			delete(m.unended, id)
		} else if m.workers[id] == nil {
			again = append(again, id)
		}
	}
	m.mu.Unlock()
	for _, id := range again {
		m.endToken(ctx, id)
	}
}

// told is what a workspace's programs find in their environment, so that the
// platform's extension of VS Code, the providers' SDKs and the tools made with
// them ask models through the platform.
// Without a token a workspace starts all the same.
func (m *Manager) told(ctx context.Context, w Workspace) []string {
	if m.Tokens == nil {
		return nil
	}
	token, err := m.Tokens.Issue(ctx, w)
	if err != nil {
		m.Log.WarnContext(ctx, "a workspace starts without a token for AI", "workspace_id", w.ID, "error", err)
		m.endToken(ctx, w.ID) // of a sandbox before
		return nil
	}
	platform := m.Driver.Address(w.Isolation, m.settings.PublicURL)
	return []string{
		"ATRIUM_URL=" + platform,
		"ATRIUM_TOKEN=" + token,
		"ANTHROPIC_BASE_URL=" + platform + "/api/ai/anthropic",
		"ANTHROPIC_API_KEY=" + token,
		"ANTHROPIC_AUTH_TOKEN=" + token,
		"OPENAI_BASE_URL=" + platform + "/api/ai/openai/v1",
		"OPENAI_API_KEY=" + token,
	}
}
