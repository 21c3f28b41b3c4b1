package auth_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/proto/cachekey"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth"
)

// withRoles is the device's calls as the gateway signs them for these roles.
func (h *house) withRoles(d device, roles ...string) context.Context {
	return h.as(principal.Principal{
		Kind: principal.User, UserID: uuid.MustParse(d.user.GetId()), SessionID: d.id, Roles: roles,
		Client: principal.Client{RequestID: "r-1"},
	})
}

// company is an owner, an administrator and an ordinary user.
type company struct {
	*house
	owner, admin, user device
	asOwner, asAdmin   context.Context
}

func found(t *testing.T) company {
	t.Helper()
	c := company{house: open(t, auth.Config{AdminEmail: "olga@example.org", AdminPassword: config.Secret(goodPassword)})}
	c.owner, c.admin, c.user = c.login("olga@example.org"), c.register("ada"), c.register("uma")
	c.asOwner, c.asAdmin = c.withRoles(c.owner, "user", "admin", "owner"), c.withRoles(c.admin, "user", "admin")
	got, err := c.update(c.asOwner, c.admin, "admin")
	require.NoError(t, err)
	require.Equal(t, []string{"user", "admin"}, got.GetRoles(), "user is always among them")
	return c
}

func (c company) update(ctx context.Context, d device, roles ...string) (*authv1.User, error) {
	return c.house.admin.UpdateUser(ctx, &authv1.UpdateUserRequest{Id: d.user.GetId(), Roles: roles})
}

func TestWhoAdministratesWhom(t *testing.T) {
	c := found(t)
	off, plan := false, "pro"
	suspend := func(ctx context.Context, d device) error {
		_, err := c.house.admin.UpdateUser(ctx, &authv1.UpdateUserRequest{Id: d.user.GetId(), IsActive: &off})
		return err
	}
	roles := func(ctx context.Context, d device, roles ...string) error {
		_, err := c.update(ctx, d, roles...)
		return err
	}
	remove := func(ctx context.Context, d device) error {
		_, err := c.house.admin.DeleteUser(ctx, &authv1.DeleteUserRequest{Id: d.user.GetId()})
		return err
	}
	signOut := func(ctx context.Context, d device) error {
		_, err := c.house.admin.RevokeUserSessions(ctx, &authv1.RevokeUserSessionsRequest{Id: d.user.GetId()})
		return err
	}
	for _, refused := range []struct {
		reason, what string
		err          error
	}{
		{"OWNER_REQUIRED", "an admin demotes an owner", roles(c.asAdmin, c.owner, "user")},
		{"OWNER_REQUIRED", "an admin suspends an owner", suspend(c.asAdmin, c.owner)},
		{"OWNER_REQUIRED", "an admin deletes an owner", remove(c.asAdmin, c.owner)},
		{"OWNER_REQUIRED", "an admin signs an owner out", signOut(c.asAdmin, c.owner)},
		{"OWNER_REQUIRED", "an admin makes an owner", roles(c.asAdmin, c.user, "owner")},
		{"OWN_ROLES", "an admin raises itself", roles(c.asAdmin, c.admin, "admin", "owner")},
		{"OWN_ROLES", "an admin resigns", roles(c.asAdmin, c.admin, "user")},
		{"OWN_SUSPENSION", "an admin suspends itself", suspend(c.asAdmin, c.admin)},
		{"OWN_DELETION", "an admin deletes itself", remove(c.asAdmin, c.admin)},
		{"LAST_OWNER", "the last owner resigns", roles(c.asOwner, c.owner, "admin")},
		{"LAST_OWNER", "the last owner suspends itself", suspend(c.asOwner, c.owner)},
		{"OWN_DELETION", "the last owner deletes itself", remove(c.asOwner, c.owner)},
		{"PERMISSION_DENIED", "one who was demoted meanwhile", roles(c.withRoles(c.user, "user", "admin"), c.admin, "user")},
		{"PERMISSION_DENIED", "one who was never an admin", roles(c.user.ctx, c.admin, "user")},
	} {
		require.Equal(t, refused.reason, reason(t, refused.err), refused.what)
	}
	require.Len(t, query[string](c.house, `SELECT error FROM audit.audit_log WHERE event_type LIKE 'admin.user.%' AND status = 'failure'
		AND user_id IS NOT NULL AND resource_id IS NOT NULL`), 13, "every refusal by the rules is in the audit log")
	require.Contains(t, query[string](c.house, `SELECT metadata::text FROM audit.audit_log WHERE error = 'OWNER_REQUIRED'`), `{"wanted": {"roles": ["owner"]}}`)

	_, err := c.house.admin.UpdateUser(c.asAdmin, &authv1.UpdateUserRequest{Id: c.admin.user.GetId(), Roles: []string{"admin"}, Plan: &plan})
	require.NoError(t, err, "one's own plan, the roles left as they are")
	require.NoError(t, roles(c.asOwner, c.user, "owner"))
	require.NoError(t, roles(c.asOwner, c.user, "user"))
	require.Equal(t, []string{`{"changes": {"roles": {"to": ["user", "admin", "owner"], "from": ["user"]}}}`}, query[string](c.house,
		`SELECT metadata::text FROM audit.audit_log WHERE event_type = 'admin.user.update' AND status = 'success'
		AND user_id = $1 AND resource_id = $2 ORDER BY id LIMIT 1`, c.owner.user.GetId(), c.user.user.GetId()), "who, on whom, what")

	none := "none"
	_, err = c.house.admin.UpdateUser(c.asAdmin, &authv1.UpdateUserRequest{Id: c.user.user.GetId(), Plan: &none})
	require.Equal(t, "PLAN_UNKNOWN", reason(t, err))
	_, err = c.house.admin.GetUser(c.asAdmin, &authv1.GetUserRequest{Id: uuid.NewString()})
	require.Equal(t, "USER_NOT_FOUND", reason(t, err))
}

func TestOwnersCanNotRemoveEachOtherAtOnce(t *testing.T) {
	c := found(t)
	_, err := c.update(c.asOwner, c.user, "owner")
	require.NoError(t, err)
	asSecond := c.withRoles(c.user, "user", "admin", "owner")
	for range 5 {
		var both sync.WaitGroup
		both.Go(func() { _, _ = c.update(c.asOwner, c.user, "user") })
		both.Go(func() { _, _ = c.update(asSecond, c.owner, "user") })
		both.Wait()
		require.Equal(t, []int64{1}, query[int64](c.house, `SELECT count(*) FROM auth.users WHERE 'owner' = ANY (roles)`))
		c.exec(`UPDATE auth.users SET roles = '{user,admin,owner}' WHERE id IN ($1, $2)`, c.owner.user.GetId(), c.user.user.GetId())
	}
}

func TestSuspensionAndDeletionEndWhatIsSignedIn(t *testing.T) {
	c := found(t)
	made, err := c.auth.CreateAPIToken(c.user.ctx, &authv1.CreateAPITokenRequest{Name: "t", Scopes: []string{"ai"}})
	require.NoError(t, err)
	off, on := false, true
	active := func() bool {
		standing, err := c.auth.GetStanding(c.gateway(), &authv1.GetStandingRequest{UserId: c.user.user.GetId()})
		require.NoError(t, err)
		return standing.GetActive()
	}
	require.True(t, active())
	_, err = c.auth.GetStanding(c.user.ctx, &authv1.GetStandingRequest{UserId: c.user.user.GetId()})
	require.Error(t, err, "gateways ask that")
	_, err = c.house.admin.UpdateUser(c.asAdmin, &authv1.UpdateUserRequest{Id: c.user.user.GetId(), IsActive: &off})
	require.NoError(t, err)
	require.False(t, active())
	_, err = c.validate(c.user.token)
	require.Equal(t, "SESSION_INVALID", reason(t, err))
	require.Equal(t, cachekey.Revoked, c.redis.Get(t.Context(), cachekey.SessionByID(c.user.id.String())).Val())
	require.Equal(t, "ACCOUNT_SUSPENDED", reason(t, c.validateToken(made.GetToken())))
	require.Equal(t, cachekey.Stale, c.redis.Get(t.Context(), cachekey.SessionByID(made.GetApiToken().GetId())).Val())

	_, err = c.house.admin.UpdateUser(c.asAdmin, &authv1.UpdateUserRequest{Id: c.user.user.GetId(), IsActive: &on})
	require.NoError(t, err)
	require.True(t, active())
	require.NoError(t, c.validateToken(made.GetToken()), "tokens are good again")
	_, err = c.validate(c.user.token)
	require.Equal(t, "SESSION_INVALID", reason(t, err), "sessions are not")

	again := c.login("uma")
	_, err = c.house.admin.DeleteUser(c.asAdmin, &authv1.DeleteUserRequest{Id: c.user.user.GetId()})
	require.NoError(t, err)
	_, err = c.validate(again.token)
	require.Equal(t, "SESSION_INVALID", reason(t, err))
	require.Equal(t, "TOKEN_INVALID", reason(t, c.validateToken(made.GetToken())))
	require.Equal(t, cachekey.Revoked, c.redis.Get(t.Context(), cachekey.SessionByID(made.GetApiToken().GetId())).Val())
	_, err = c.house.admin.DeleteUser(c.asAdmin, &authv1.DeleteUserRequest{Id: c.user.user.GetId()})
	require.Equal(t, "USER_NOT_FOUND", reason(t, err))
	require.False(t, active())
}

func TestAccountsArePagedAndSearched(t *testing.T) {
	c := found(t)
	for i := range 7 {
		c.register(fmt.Sprintf("Person_%d", i))
	}
	var names []string
	request := &authv1.ListUsersRequest{PageSize: 3, Q: "PERSON_"}
	for {
		resp, err := c.house.admin.ListUsers(c.asAdmin, request)
		require.NoError(t, err)
		for _, u := range resp.GetUsers() {
			names = append(names, u.GetUsername())
		}
		if request.PageToken = resp.GetNextPageToken(); request.PageToken == "" {
			break
		}
	}
	require.Equal(t, []string{"Person_6", "Person_5", "Person_4", "Person_3", "Person_2", "Person_1", "Person_0"}, names)
	list := func(r *authv1.ListUsersRequest) int {
		resp, err := c.house.admin.ListUsers(c.asAdmin, r)
		require.NoError(t, err)
		return len(resp.GetUsers())
	}
	off := false
	require.Zero(t, list(&authv1.ListUsersRequest{Q: "%"}), "no wildcards")
	require.Equal(t, 2, list(&authv1.ListUsersRequest{Role: "admin"}))
	require.Equal(t, 1, list(&authv1.ListUsersRequest{Role: "owner"}))
	require.Zero(t, list(&authv1.ListUsersRequest{Plan: "pro"}))
	require.Zero(t, list(&authv1.ListUsersRequest{Active: &off}))
}

func TestPlansAreReplacedByName(t *testing.T) {
	c := found(t)
	half, below, huge := 0.5, -0.5, 1e10
	put := func(plans ...*authv1.Plan) (*authv1.PutPlansResponse, error) {
		return c.house.admin.PutPlans(c.asAdmin, &authv1.PutPlansRequest{Plans: plans})
	}
	resp, err := put(&authv1.Plan{Name: "free", AiTokensMonthly: 7, Workspaces: 1, MonthlyBudgetUsd: &half}, &authv1.Plan{Name: "team", AiTokensMonthly: -1, Isolation: "docker"})
	require.NoError(t, err)
	names := map[string]int64{}
	for _, p := range resp.GetPlans() {
		names[p.GetPlan().GetName()] = p.GetUsers()
	}
	require.Equal(t, map[string]int64{"free": 3, "pro": 0, "enterprise": 0, "team": 0}, names)
	holder, err := c.validate(c.user.token)
	require.NoError(t, err)
	require.Equal(t, int64(7), holder.GetPlan().GetAiTokensMonthly())
	require.Equal(t, cachekey.Stale, c.redis.Get(t.Context(), cachekey.SessionByID(c.user.id.String())).Val(), "whoever is on it is asked for again")
	require.Equal(t, []string{"admin.plan.create", "admin.plan.update"},
		query[string](c.house, `SELECT event_type FROM audit.audit_log WHERE resource_type = 'plan' ORDER BY 1`))
	require.InDelta(t, half, holder.GetPlan().GetMonthlyBudgetUsd(), 0)
	require.Equal(t, []int64{-1, 500_000, -1, -1}, query[int64](c.house, `SELECT ai_budget_monthly_micro_usd FROM auth.plans ORDER BY name`), "in millionths; without one there is no bound")
	_, err = put(&authv1.Plan{Name: "free", AiTokensMonthly: 7, Workspaces: 1, MonthlyBudgetUsd: &half})
	require.NoError(t, err)
	require.Len(t, query[string](c.house, `SELECT event_type FROM audit.audit_log WHERE resource_type = 'plan'`), 2, "what changes nothing is no change")

	for _, bad := range []*authv1.Plan{
		{Name: ""},
		{Name: "No Spaces"},
		{Name: "x", Workspaces: -2},
		{Name: "x", StorageBytes: 1 << 60},
		{Name: "x", Isolation: "none"},
		{Name: "x", MonthlyBudgetUsd: &below},
		{Name: "x", MonthlyBudgetUsd: &huge},
	} {
		_, err = put(bad)
		require.Equal(t, "INVALID_ARGUMENT", reason(t, err), bad)
	}
	_, err = put(&authv1.Plan{Name: "x"}, &authv1.Plan{Name: "x"})
	require.Equal(t, "INVALID_ARGUMENT", reason(t, err))
	_, err = c.house.admin.PutPlans(c.withRoles(c.user, "admin"), &authv1.PutPlansRequest{Plans: []*authv1.Plan{{Name: "x"}}})
	require.Equal(t, "PERMISSION_DENIED", reason(t, err), "demoted meanwhile")
}

func TestTheAuditLogIsPagedAndFiltered(t *testing.T) {
	c := found(t)
	all := func(r *authv1.ListAuditRequest) (entries []*authv1.AuditEntry) {
		for {
			resp, err := c.house.admin.ListAudit(c.asAdmin, r)
			require.NoError(t, err)
			entries = append(entries, resp.GetEntries()...)
			if r.PageToken = resp.GetNextPageToken(); r.PageToken == "" {
				return entries
			}
		}
	}
	entries := all(&authv1.ListAuditRequest{PageSize: 2})
	require.Len(t, entries, int(query[int64](c.house, `SELECT count(*) FROM audit.audit_log WHERE event_type <> 'admin.audit.read'`)[0]))
	require.Len(t, all(&authv1.ListAuditRequest{EventType: "admin.audit.read"}), 1, "reading is itself in the log, once for all pages")
	seen := map[string]bool{}
	for i, e := range entries {
		require.False(t, seen[e.GetId()])
		seen[e.GetId()] = true
		if i > 0 {
			require.False(t, e.GetTimestamp().AsTime().After(entries[i-1].GetTimestamp().AsTime()))
		}
	}
	require.Equal(t, "admin.user.update", entries[0].GetEventType())
	require.Equal(t, "admin", entries[0].GetUsername())
	require.NotContains(t, entries[0].GetMetadata().GetFields(), "requestId")

	require.Len(t, all(&authv1.ListAuditRequest{UserId: c.user.user.GetId(), EventType: "auth."}), 2)
	require.Len(t, all(&authv1.ListAuditRequest{UserId: c.user.user.GetId(), EventType: "auth.login"}), 1)
	require.Empty(t, all(&authv1.ListAuditRequest{EventType: "auth"}))
	moment := entries[2].GetTimestamp()
	read := all(&authv1.ListAuditRequest{EventType: "admin.audit.read"})
	require.Equal(t, map[string]any{"eventType": "auth"}, read[0].GetMetadata().AsMap(), "with what was looked for")
	newer, older := all(&authv1.ListAuditRequest{From: moment, To: read[len(read)-1].GetTimestamp()}), all(&authv1.ListAuditRequest{To: moment})
	require.Len(t, entries, len(newer)+len(older))
	require.Empty(t, all(&authv1.ListAuditRequest{From: timestamppb.New(entries[0].GetTimestamp().AsTime().AddDate(1, 0, 0))}))

	other, err := c.house.admin.ListAudit(c.asAdmin, &authv1.ListAuditRequest{PageSize: 1})
	require.NoError(t, err)
	_, err = c.house.admin.ListAudit(c.asOwner, &authv1.ListAuditRequest{PageToken: other.GetNextPageToken()})
	require.Equal(t, "PAGE_TOKEN_INVALID", reason(t, err))
}

func TestAnExistingDeploymentsOldestAdministratorBecomesOwner(t *testing.T) {
	database := pgtest.New(t)
	log := quiet()
	require.NoError(t, pgdb.Migrate(t.Context(), database, "auth", migrationsBefore(t, 7), log))
	h := &house{t: t, database: database}
	for i, name := range []string{"plain", "first", "second"} {
		roles := "{user,admin}"
		if name == "plain" {
			roles = "{user}"
		}
		h.exec(`INSERT INTO auth.users (id, email, username, password_hash, roles, created_at) VALUES ($1, $2 || '@example.org', $2, '', $3, now() + $4 * interval '1 hour')`,
			uuid.New(), name, roles, i)
	}
	require.NoError(t, auth.Migrate(t.Context(), database, log))
	require.Equal(t, []string{"first {user,admin,owner}", "plain {user}", "second {user,admin}"},
		query[string](h, `SELECT username || ' ' || roles::text FROM auth.users ORDER BY 1`))
}

func TestEveryGatewayHearsOfAChange(t *testing.T) {
	c := found(t)
	heard := c.redis.Subscribe(t.Context(), cachekey.RevokedChannel)
	defer func() { _ = heard.Close() }()
	_, err := heard.Receive(t.Context())
	require.NoError(t, err)
	hears := func() string {
		message, err := heard.ReceiveMessage(t.Context())
		require.NoError(t, err)
		return message.Payload
	}
	_, err = c.update(c.asOwner, c.user, "admin")
	require.NoError(t, err)
	require.Equal(t, `[]`, hears(), "what was read is forgotten, what is open stays")
	_, err = c.update(c.asOwner, c.user, "user")
	require.NoError(t, err)
	require.Equal(t, `["`+c.user.id.String()+`"]`, hears(), "what is open was opened with rights that are gone")
}

func TestALostSecondFactorIsReset(t *testing.T) {
	c := found(t)
	phone, own, owners := c.house.enrolled(c.user), c.house.enrolled(c.admin), c.house.enrolled(c.owner)
	reset := func(ctx context.Context, d device) (*authv1.User, error) {
		off := false
		return c.house.admin.UpdateUser(ctx, &authv1.UpdateUserRequest{Id: d.user.GetId(), TotpEnabled: &off})
	}
	_, err := reset(c.asAdmin, c.owner)
	require.Equal(t, "OWNER_REQUIRED", reason(t, err))
	_, err = reset(c.asAdmin, c.admin)
	require.Equal(t, "OWN_TOTP", reason(t, err), "a stolen session is not enough")
	_, err = reset(c.user.ctx, c.admin)
	require.Equal(t, "PERMISSION_DENIED", reason(t, err))
	for who, still := range map[string]*authenticator{"ada@example.org": own, "olga@example.org": owners} {
		still.later()
		_, err = c.house.second(c.house.challenge(who), still.code(0))
		require.NoError(t, err)
	}

	waiting := c.house.challenge("uma@example.org")
	got, err := reset(c.asAdmin, c.user)
	require.NoError(t, err)
	require.False(t, got.GetTotpEnabled())
	require.Zero(t, got.GetRecoveryCodesLeft())
	phone.later()
	_, err = c.house.second(waiting, phone.code(0))
	require.Error(t, err, "what waited for a code has ended")
	c.login("uma@example.org") // with the password alone
	require.Equal(t, []string{`{"changes": {"totpEnabled": {"to": false, "from": true}}}`}, query[string](c.house,
		`SELECT metadata::text FROM audit.audit_log WHERE event_type = 'admin.user.update' AND status = 'success' AND resource_id = $1`, c.user.user.GetId()))
	require.Empty(t, query[string](c.house, `SELECT hash FROM auth.recovery_codes WHERE user_id = $1`, c.user.user.GetId()))
	require.NotNil(t, c.house.enrolled(c.user), "and set up anew")
}
