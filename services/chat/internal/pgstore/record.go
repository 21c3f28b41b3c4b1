package pgstore

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"atrium.internal/pkg/audit"
)

// record writes the audit row of a change in the change's own transaction.
// what is "<resource>.<action>", such as "conversation.create", and about holds
// names and ids, never what a person wrote. A repeated call changes nothing and
// records nothing. The zero user is the caller.
func record(ctx context.Context, tx audit.Execer, user uuid.UUID, what string, id uuid.UUID, about map[string]any) error {
	return audit.Insert(ctx, tx, entry(user, what, id, about))
}

func entry(user uuid.UUID, what string, id uuid.UUID, about map[string]any) audit.Entry {
	resource, action, _ := strings.Cut(what, ".")
	return audit.Entry{
		UserID: user, EventType: "chat." + what, ResourceType: resource, ResourceID: id.String(),
		Action: action, Status: audit.Success, Metadata: about,
	}
}
