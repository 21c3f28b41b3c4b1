package grpcapi

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/filechunk"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	commonv1 "atrium.internal/proto/gen/atrium/common/v1"
	"atrium.internal/services/auth/internal/apitoken"
	"atrium.internal/services/auth/internal/auditlog"
	"atrium.internal/services/auth/internal/oidc"
	"atrium.internal/services/auth/internal/session"
)

// Held is what the service holds of a user beside the account itself.
type Held struct {
	Sessions *session.Manager
	Tokens   *apitoken.Tokens
	Logins   *oidc.Logins
	Log      *auditlog.Log
}

// ExportAccount gives what this service holds of the caller: everything but
// what passwords, tokens and codes are known by.
func (u *Users) ExportAccount(_ *authv1.ExportAccountRequest, stream grpc.ServerStreamingServer[commonv1.FileChunk]) error {
	ctx := stream.Context()
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return err
	}
	out := filechunk.NewWriter(stream.Send)
	for _, write := range []func(context.Context, principal.Principal, *filechunk.Writer) error{
		u.exportAccount, u.held.devices, u.held.apiTokens, u.held.identities, u.held.audit,
	} {
		if err := write(ctx, caller, out); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (u *Users) exportAccount(ctx context.Context, caller principal.Principal, out *filechunk.Writer) error {
	user, err := u.accounts.Export(ctx, caller.UserID)
	if err != nil {
		return err
	}
	shown, err := userMessage(user)
	if err != nil {
		return err
	}
	account, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(shown)
	if err != nil {
		return err
	}
	plan, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(planMessage(caller.Plan))
	if err != nil {
		return err
	}
	return out.JSON("account.json", struct {
		User json.RawMessage `json:"user"`
		Plan json.RawMessage `json:"plan"`
	}{account, plan})
}

func (h Held) devices(ctx context.Context, caller principal.Principal, out *filechunk.Writer) error {
	if err := out.List("devices.json"); err != nil {
		return err
	}
	for next := new(session.Cursor); next != nil; {
		var devices []session.Session
		var err error
		if devices, next, err = h.Sessions.List(ctx, caller.UserID, *next, page.MaxSize); err != nil {
			return err
		}
		for _, s := range devices {
			if err := out.Item(sessionMessage(s, caller.SessionID)); err != nil {
				return err
			}
		}
	}
	return out.EndList()
}

func (h Held) apiTokens(ctx context.Context, caller principal.Principal, out *filechunk.Writer) error {
	if err := out.List("api-tokens.json"); err != nil {
		return err
	}
	for next := new(uuid.UUID); next != nil; {
		var tokens []apitoken.Token
		var err error
		if tokens, next, err = h.Tokens.List(ctx, caller.UserID, *next, page.MaxSize); err != nil {
			return err
		}
		for _, t := range tokens {
			if err := out.Item(tokenMessage(t)); err != nil {
				return err
			}
		}
	}
	return out.EndList()
}

func (h Held) identities(ctx context.Context, caller principal.Principal, out *filechunk.Writer) error {
	identities, err := h.Logins.Identities(ctx, caller.UserID)
	if err != nil {
		return err
	}
	if err := out.List("identities.json"); err != nil {
		return err
	}
	for _, i := range identities {
		if err := out.Item(exportedIdentity{
			ID: i.ID, Provider: i.Provider, Issuer: i.Issuer, Subject: i.Subject, Name: i.Name, CreatedAt: i.CreatedAt, LastLogin: i.LastLogin,
		}); err != nil {
			return err
		}
	}
	return out.EndList()
}

// exportedIdentity also has what the provider knows the user by.
type exportedIdentity struct {
	ID        uuid.UUID  `json:"id"`
	Provider  string     `json:"provider"`
	Issuer    string     `json:"issuer"`
	Subject   string     `json:"subject"`
	Name      string     `json:"name"`
	CreatedAt time.Time  `json:"createdAt"`
	LastLogin *time.Time `json:"lastLogin"`
}

// audit gives the caller's own rows, up to those of before the export.
func (h Held) audit(ctx context.Context, caller principal.Principal, out *filechunk.Writer) error {
	if err := out.List("audit.json"); err != nil {
		return err
	}
	for next := new(auditlog.Cursor); next != nil; {
		var entries []auditlog.Entry
		var err error
		if entries, next, err = h.Log.List(ctx, auditlog.Filter{User: caller.UserID}, *next, page.MaxSize); err != nil {
			return err
		}
		for _, e := range entries {
			entry, err := entryMessage(e)
			if err != nil {
				return err
			}
			if err := out.Item(entry); err != nil {
				return err
			}
		}
	}
	return out.EndList()
}
