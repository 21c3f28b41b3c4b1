package entry

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/ide/internal/workspace"
)

const (
	// TicketLifetime is how long the page has to post a ticket.
	TicketLifetime = 30 * time.Second
	// SessionLifetime is how long a workspace session lasts at most.
	SessionLifetime = 12 * time.Hour
	// enterPath is where the gateway takes tickets on a workspace's host.
	enterPath = "/_atrium/enter"
)

// What the package refuses. Neither says why: the holder of a ticket that is
// not good has no business knowing.
var (
	ErrTicket  = apperr.New(apperr.Unauthenticated, "TICKET_INVALID", "This way into the workspace is used up or expired. Open the workspace again.")
	ErrSession = apperr.New(apperr.Unauthenticated, "WORKSPACE_SESSION_INVALID", "Open the workspace again from its page.")
)

// Ticket is what a ticket stands for.
type Ticket struct {
	WorkspaceID uuid.UUID
	UserID      uuid.UUID
	// SessionID is the platform session that asked for it.
	SessionID uuid.UUID
	Host      string
	// Port of the workspace that the host stands for; 0 is its VS Code.
	Port      int
	ExpiresAt time.Time
}

// Session is one browser's access to one workspace.
type Session struct {
	ID          uuid.UUID
	WorkspaceID uuid.UUID
	UserID      uuid.UUID
	SessionID   uuid.UUID
	Host        string
	// Port is as in Ticket.
	Port int
	// Visitor says that it is another's than the owner's: it is good only while
	// the port is shared.
	Visitor   bool
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Hash is the SHA-256 of a token: all that is ever kept of one.
type Hash [sha256.Size]byte

// Tickets keeps tickets for a moment.
type Tickets interface {
	Put(ctx context.Context, h Hash, t Ticket, lifetime time.Duration) error
	// Take gives a ticket and removes it in one step, or answers ErrTicket.
	Take(ctx context.Context, h Hash) (Ticket, error)
}

// Sessions keeps workspace sessions.
type Sessions interface {
	// OpenSession keeps a session together with what its workspace's sandbox is,
	// and its entry in the audit log.
	OpenSession(ctx context.Context, h Hash, s Session) error
	// FindSession gives a session, expired ones too, or answers ErrSession.
	FindSession(ctx context.Context, h Hash) (Session, error)
}

// Workspaces is what is needed of package workspace.
type Workspaces interface {
	Enter(ctx context.Context, user, id uuid.UUID, port int) (workspace.Workspace, error)
	Admits(ctx context.Context, user, id uuid.UUID, port int) (w workspace.Workspace, visitor bool, err error)
}

// Door issues tickets and redeems them.
type Door struct {
	// Scheme and Domain make a workspace's address, <scheme>://<label>.<domain>,
	// and that of a port of it, <scheme>://<label>-<port>.<domain>.
	Scheme, Domain string
	Workspaces     Workspaces
	Tickets        Tickets
	Sessions       Sessions
	Now            func() time.Time
}

// Opening is where a page posts a ticket.
type Opening struct {
	URL, Ticket string
	ExpiresAt   time.Time
}

// Host is where a workspace's port is seen; port 0 is its VS Code.
func (d *Door) Host(label string, port int) string {
	if port != 0 {
		label += "-" + strconv.Itoa(port)
	}
	return strings.ToLower(label + "." + d.Domain)
}

// URL is the first page of such a host.
func (d *Door) URL(label string, port int) string {
	return (&url.URL{Scheme: d.Scheme, Host: d.Host(label, port), Path: "/"}).String()
}

// Open makes a ticket for a running workspace of the caller's, for one of its
// ports, or for one that somebody shares; port 0 is its VS Code.
func (d *Door) Open(ctx context.Context, caller principal.Principal, id uuid.UUID, port int) (Opening, error) {
	w, err := d.Workspaces.Enter(ctx, caller.UserID, id, port)
	if err != nil {
		return Opening{}, err
	}
	host := d.Host(w.Label, port)
	token, hash := newToken()
	t := Ticket{
		WorkspaceID: w.ID, UserID: caller.UserID, SessionID: caller.SessionID,
		Host: host, Port: port, ExpiresAt: d.Now().Add(TicketLifetime),
	}
	if err := d.Tickets.Put(ctx, hash, t, TicketLifetime); err != nil {
		return Opening{}, err
	}
	u := url.URL{Scheme: d.Scheme, Host: host, Path: enterPath}
	return Opening{URL: u.String(), Ticket: token, ExpiresAt: t.ExpiresAt}, nil
}

// Entrance is what redeeming a ticket gives.
type Entrance struct {
	Token     string
	ExpiresAt time.Time
	// Location is the first page on the workspace's host.
	Location string
}

// Redeem takes a ticket on the host where it arrived, and opens a session. A
// ticket that comes on another host is used up all the same.
func (d *Door) Redeem(ctx context.Context, ticket, host string) (Entrance, error) {
	t, err := d.Tickets.Take(ctx, hashOf(ticket))
	if err != nil {
		return Entrance{}, err
	}
	now := d.Now()
	if !now.Before(t.ExpiresAt) || strings.ToLower(host) != t.Host {
		return Entrance{}, ErrTicket
	}
	w, _, err := d.Workspaces.Admits(ctx, t.UserID, t.WorkspaceID, t.Port)
	if err != nil {
		return Entrance{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Entrance{}, fmt.Errorf("session id: %w", err)
	}
	token, hash := newToken()
	s := Session{
		ID: id, WorkspaceID: w.ID, UserID: t.UserID, SessionID: t.SessionID, Host: t.Host, Port: t.Port,
		CreatedAt: now, ExpiresAt: now.Add(SessionLifetime),
	}
	if err := d.Sessions.OpenSession(ctx, hash, s); err != nil {
		return Entrance{}, err
	}
	location := "/"
	if t.Port == 0 {
		location = "/?folder=" + url.QueryEscape(w.Path)
	}
	return Entrance{Token: token, ExpiresAt: s.ExpiresAt, Location: location}, nil
}

// Validate gives the session of a token's hash while it lasts.
func (d *Door) Validate(ctx context.Context, h Hash) (Session, error) {
	s, err := d.Sessions.FindSession(ctx, h)
	if err != nil {
		return Session{}, err
	}
	if !d.Now().Before(s.ExpiresAt) {
		return Session{}, ErrSession
	}
	_, s.Visitor, err = d.Workspaces.Admits(ctx, s.UserID, s.WorkspaceID, s.Port)
	if errors.Is(err, workspace.ErrNotFound) {
		return Session{}, ErrSession
	}
	return s, err
}

// newToken makes 256 random bits as text, and their hash.
func newToken() (string, Hash) {
	var bits [32]byte
	rand.Read(bits[:])
	token := base64.RawURLEncoding.EncodeToString(bits[:])
	return token, hashOf(token)
}

// hashOf hashes a token as the cookie carries it.
func hashOf(token string) Hash { return sha256.Sum256([]byte(token)) }
