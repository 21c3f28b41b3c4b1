package notice

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Dormancy is a workspace that nobody uses and that is going to be deleted.
type Dormancy struct {
	User              uuid.UUID
	Workspace         string
	UsedAt, DeletedAt time.Time
}

// Dormancy tells the workspace's owner.
func (n Notices) Dormancy(ctx context.Context, d Dormancy) error {
	return n.tell(ctx, d.User, fmt.Sprintf("Your workspace %q is going to be deleted", d.Workspace), d.text)
}

func (d Dormancy) text(name, url string) string {
	const day = "2 January 2006"
	return fmt.Sprintf(`Hello %s,

nobody has used your workspace %q since %s. It is going to be deleted with its files on %s (UTC).
To keep it, start it once before. To keep the files alone, download them.

Your workspaces: %s/ide
`, name, d.Workspace, d.UsedAt.UTC().Format(day), d.DeletedAt.UTC().Format(day), url)
}
