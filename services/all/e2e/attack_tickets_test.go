package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// redeem posts a ticket as the platform's page would, and gives the status.
func (d *door) redeem(host, ticket string, headers ...string) int {
	d.t.Helper()
	r := d.request("POST", "/_atrium/enter", strings.NewReader(url.Values{"ticket": {ticket}}.Encode()),
		append([]string{"Content-Type", "application/x-www-form-urlencoded", "Origin", "http://" + d.p.host(), "Cookie", ""}, headers...)...)
	r.Host = host
	response, err := client.Do(r)
	if err != nil {
		d.t.Error(err)
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func (who tenant) ticket() string {
	who.t.Helper()
	return who.must("POST", "/api/ide/workspaces/"+who.workspace+"/open", object{})["ticket"].(string)
}

func TestAttack31ATicketIsGoodOnceAndHere(t *testing.T) {
	ada, eve := tenants(t)
	ticket := ada.ticket()
	require.Equal(t, http.StatusForbidden, ada.redeem(ada.host, ticket, "Origin", eve.origin()), "handed over by a workspace")
	require.Equal(t, http.StatusForbidden, ada.redeem(ada.host, ticket, "Origin", ""), "by nobody")
	require.Equal(t, http.StatusSeeOther, ada.redeem(ada.host, ticket))
	require.Equal(t, http.StatusUnauthorized, ada.redeem(ada.host, ticket), "replayed")
	require.Equal(t, http.StatusUnauthorized, ada.redeem(eve.host, ada.ticket()), "on another workspace's host")
	require.Equal(t, http.StatusUnauthorized, ada.redeem(ada.host, uuid.NewString()), "made up")
	require.NotEqual(t, http.StatusOK, eve.call("POST", "/api/ide/workspaces/"+ada.workspace+"/open", object{}).StatusCode)

	ticket = ada.ticket()
	statuses := make([]int, 20)
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() { statuses[i] = ada.redeem(ada.host, ticket) })
	}
	all.Wait()
	let := 0
	for _, status := range statuses {
		if status == http.StatusSeeOther {
			let++
		} else {
			require.Equal(t, http.StatusUnauthorized, status)
		}
	}
	require.Equal(t, 1, let, "of 20 at once")
}

func TestAttack31ATicketIsNotGoodLate(t *testing.T) {
	ada, _ := tenants(t)
	cache := ada.p.redis(t)
	ticket := ada.ticket()
	names, err := cache.Keys(t.Context(), "ide:ticket:*").Result()
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		require.NotContains(t, name, ticket)
		life, err := cache.PTTL(t.Context(), name).Result()
		require.NoError(t, err)
		require.Positive(t, life, "it expires by itself")
		require.LessOrEqual(t, life.Seconds(), 30.0)
		require.NoError(t, cache.PExpire(t.Context(), name, 0).Err()) // as if it had
	}
	require.Equal(t, http.StatusUnauthorized, ada.redeem(ada.host, ticket))
}

func TestAttack31ATicketEndsWithItsSession(t *testing.T) {
	ada, _ := tenants(t)
	second := ada.p.browser(t)
	second.must("POST", "/api/auth/login", object{"login": "adaide", "password": "a long enough passphrase"})
	opened := second.must("POST", "/api/ide/workspaces/"+ada.workspace+"/open", object{})["ticket"].(string)
	late := second.must("POST", "/api/ide/workspaces/"+ada.workspace+"/open", object{})["ticket"].(string)
	r := second.request("POST", "/_atrium/enter", strings.NewReader(url.Values{"ticket": {opened}}.Encode()),
		"Content-Type", "application/x-www-form-urlencoded", "Origin", "http://"+ada.p.host())
	r.Host = ada.host
	entered := second.do(r)
	require.Equal(t, http.StatusSeeOther, entered.StatusCode)
	cookie := entered.Cookies()[0].Name + "=" + entered.Cookies()[0].Value
	require.Less(t, ada.status("/", "Cookie", cookie), 400)

	second.must("POST", "/api/auth/logout", object{})
	require.Equal(t, http.StatusUnauthorized, ada.status("/", "Cookie", cookie), "the cookie ends with the session that opened it")
	r = second.request("POST", "/_atrium/enter", strings.NewReader(url.Values{"ticket": {late}}.Encode()),
		"Content-Type", "application/x-www-form-urlencoded", "Origin", "http://"+ada.p.host())
	r.Host = ada.host
	for _, c := range second.do(r).Cookies() {
		require.Equal(t, http.StatusUnauthorized, ada.status("/", "Cookie", c.Name+"="+c.Value), "and so does what a ticket of it gives")
	}
	require.Less(t, ada.status("/"), 400, "other sessions stay")
}
