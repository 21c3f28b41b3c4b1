package account

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// MaxSettings is how large an account's settings may be as JSON, in bytes.
const MaxSettings = 16 << 10

// Change is what a person changes about themselves; nil leaves a thing as it is.
type Change struct {
	FullName  *string
	AvatarURL *string
	// Settings replaces the keys it names; a nil value removes a key.
	Settings map[string]any
}

// Update applies a change to the caller's own account. Roles, plan and state
// are not part of a Change and can't be reached this way.
func (a *Accounts) Update(ctx context.Context, id uuid.UUID, c Change) (User, error) {
	return a.store.Update(ctx, id, func(u *User) error {
		if c.FullName != nil {
			u.FullName = strings.TrimSpace(*c.FullName)
		}
		if c.AvatarURL != nil {
			if err := checkAvatar(*c.AvatarURL); err != nil {
				return err
			}
			u.AvatarURL = *c.AvatarURL
		}
		merged, err := merge(u.Settings, c.Settings)
		if err != nil {
			return err
		}
		u.Settings = merged
		return nil
	})
}

func merge(settings, change map[string]any) (map[string]any, error) {
	merged := maps.Clone(settings)
	if merged == nil {
		merged = map[string]any{}
	}
	for key, value := range change {
		if value == nil {
			delete(merged, key)
			continue
		}
		merged[key] = value
	}
	text, err := json.Marshal(merged)
	if err != nil {
		return nil, fmt.Errorf("encode settings: %w", err)
	}
	if len(text) > MaxSettings {
		return nil, ErrSettingsTooLarge
	}
	return merged, nil
}

// checkAvatar lets only web addresses through, which a page can show safely.
func checkAvatar(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return apperr.Invalid("avatarUrl", "must be an http or https address")
	}
	return nil
}
