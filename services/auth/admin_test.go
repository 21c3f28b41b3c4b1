package auth_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/pkg/testkit/redistest"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth"
)

func TestTheFirstAdministratorIsMadeOnce(t *testing.T) {
	database, redis := pgtest.New(t), redistest.New(t)
	var mu sync.Mutex
	var passwords []string
	var houses []*house
	var done sync.WaitGroup
	for i := range 3 { // replicas that start together, even if they disagree
		done.Go(func() {
			h := openOn(t, auth.Config{AdminEmail: fmt.Sprintf("admin%d@example.org", i)}, database, redis)
			_, password, created := h.service.FirstAdmin()
			mu.Lock()
			defer mu.Unlock()
			houses = append(houses, h)
			if created {
				passwords = append(passwords, password)
			}
		})
	}
	done.Wait()
	require.Len(t, passwords, 1)
	require.Equal(t, []int64{1}, query[int64](houses[0], `SELECT count(*) FROM auth.users`))
	h := houses[0]
	resp, err := h.auth.Login(h.anonymous(), &authv1.LoginRequest{Login: "admin", Password: passwords[0]})
	require.NoError(t, err)
	require.Equal(t, []string{"user", "admin", "owner"}, resp.GetUser().GetRoles())

	again := openOn(t, auth.Config{AdminPassword: config.Secret(goodPassword)}, database, redis)
	_, _, created := again.service.FirstAdmin()
	require.False(t, created)
	_, err = again.auth.Login(again.anonymous(), &authv1.LoginRequest{Login: "admin", Password: goodPassword})
	require.Error(t, err)
}

func TestTheAdministratorsPasswordCanBeGiven(t *testing.T) {
	h := open(t, auth.Config{AdminEmail: "Root@Example.org", AdminPassword: config.Secret(goodPassword)})
	email, password, created := h.service.FirstAdmin()
	require.True(t, created)
	require.Empty(t, password)
	require.Equal(t, "root@example.org", email)
	require.Contains(t, h.login("root@example.org").user.GetRoles(), "admin")
}

func TestNobodyRegistersTheirWayToTheRole(t *testing.T) {
	database, redis := pgtest.New(t), redistest.New(t)
	h := openOn(t, auth.Config{AdminEmail: "first@example.org"}, database, redis)
	h.register("boss")
	h.exec(`UPDATE auth.users SET roles = '{user}' WHERE email = 'first@example.org'`)
	next := openOn(t, auth.Config{AdminEmail: "boss@example.org"}, database, redis)
	_, _, created := next.service.FirstAdmin()
	require.False(t, created)
	require.Equal(t, []string{"user"}, next.login("boss").user.GetRoles())
}

func TestConfigReportsEveryFault(t *testing.T) {
	err := auth.Config{Registration: "maybe", AdminEmail: "nobody", AdminPassword: "short", HashSlots: -1}.Validate()
	for _, name := range []string{"ATRIUM_REGISTRATION", "ATRIUM_ADMIN_EMAIL", "ATRIUM_ADMIN_PASSWORD", "ATRIUM_PASSWORD_HASH_SLOTS"} {
		require.ErrorContains(t, err, name)
	}
	require.NotContains(t, err.Error(), "short:")
}
