package auth_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/seal"
	"atrium.internal/services/auth"
)

// verify is what the operator's command says.
func (h *house) verify(head string) (string, error) {
	h.t.Helper()
	var out bytes.Buffer
	err := auth.VerifyAudit(h.t.Context(), h.database, make([]byte, 32), seal.NewKeyring(make([]byte, 32)), head, &out)
	return out.String(), err
}

// chained waits until every row is in the chain, and gives the head.
func (h *house) chained() string {
	h.t.Helper()
	require.Eventually(h.t, func() bool {
		return query[int64](h, `SELECT count(*) FROM audit.audit_log l WHERE NOT EXISTS (SELECT FROM audit.chain c WHERE c.entry_id = l.id)`)[0] == 0
	}, time.Minute, 50*time.Millisecond)
	said, err := h.verify("")
	require.NoError(h.t, err)
	rows := query[int64](h, `SELECT count(*) FROM audit.audit_log`)[0]
	require.Regexp(h.t, fmt.Sprintf(`^OK: %d rows, head %d:[0-9a-f]{64}\n$`, rows, rows), said)
	return regexp.MustCompile(`\d+:[0-9a-f]{64}`).FindString(said)
}

// stopped is a house whose keeper has ended, so that nobody chains what a test
// puts in.
func stopped(t *testing.T) *house {
	t.Helper()
	h := open(t, auth.Config{})
	h.register("ada")
	for range 4 {
		h.login("ada")
	}
	require.NoError(t, h.service.Stop(context.Background()))
	h.chained() // at the stop
	return h
}

func TestAttack62TamperingIsNoticed(t *testing.T) {
	const forged = `decode(repeat('ab', 32), 'hex')`
	for what, attack := range map[string]struct{ sql, says string }{
		"a row is deleted":        {`DELETE FROM audit.audit_log WHERE id = (SELECT entry_id FROM audit.chain WHERE seq = 3)`, `link 3, chained .*\) was removed`},
		"a row is edited":         {`UPDATE audit.audit_log SET status = 'failure' WHERE id = (SELECT entry_id FROM audit.chain WHERE seq = 3)`, `link 3, chained .*\) was changed`},
		"its details are edited":  {`UPDATE audit.audit_log SET metadata = '{"a": 1}' WHERE id = (SELECT entry_id FROM audit.chain WHERE seq = 3)`, `link 3, chained .*\) was changed`},
		"its time is edited":      {`UPDATE audit.audit_log SET timestamp = timestamp + interval '1 microsecond' WHERE id = (SELECT entry_id FROM audit.chain WHERE seq = 3)`, `link 3, chained .*\) was changed`},
		"nobody becomes somebody": {`UPDATE audit.audit_log SET error = NULL WHERE id = (SELECT entry_id FROM audit.chain WHERE seq = 3)`, `link 3, chained .*\) was changed`},
		"two rows are swapped": {`WITH pair AS (SELECT (SELECT entry_id FROM audit.chain WHERE seq = 3) a, (SELECT entry_id FROM audit.chain WHERE seq = 5) b),
			moved AS (SELECT l.* FROM audit.audit_log l, pair WHERE l.id IN (a, b))
			UPDATE audit.audit_log l SET (timestamp, event_type, action, status, user_id, resource_type, resource_id) =
				(SELECT m.timestamp, m.event_type, m.action, m.status, m.user_id, m.resource_type, m.resource_id FROM moved m WHERE m.id <> l.id)
			WHERE l.id IN (SELECT a FROM pair UNION SELECT b FROM pair)`, `link 3, chained .*\) was changed`},
		"two links are swapped":         {`UPDATE audit.chain SET seq = CASE seq WHEN 3 THEN 1000 ELSE 3 END WHERE seq IN (3, 5); UPDATE audit.chain SET seq = 5 WHERE seq = 1000`, `link 3 .*reordered`},
		"a row and its link go":         {`DELETE FROM audit.audit_log WHERE id = (SELECT entry_id FROM audit.chain WHERE seq = 3); DELETE FROM audit.chain WHERE seq = 3`, `link 3 was removed`},
		"and the others move up":        {`DELETE FROM audit.audit_log WHERE id = (SELECT entry_id FROM audit.chain WHERE seq = 3); DELETE FROM audit.chain WHERE seq = 3; UPDATE audit.chain SET seq = -seq + 1000 WHERE seq > 3; UPDATE audit.chain SET seq = 999 - seq WHERE seq > 500`, `link 3 .*rewritten`},
		"the first rows go":             {`DELETE FROM audit.audit_log WHERE id IN (SELECT entry_id FROM audit.chain WHERE seq <= 2); DELETE FROM audit.chain WHERE seq <= 2`, `link 1 was removed`},
		"the last rows go":              {`DELETE FROM audit.audit_log WHERE id IN (SELECT entry_id FROM audit.chain WHERE seq > 4)`, `link 5, chained .*\) was removed`},
		"a link is forged":              {`INSERT INTO audit.audit_log (id, event_type, action, status) VALUES ('00000000-0000-7000-8000-000000000001', 'x', 'x', 'success'); INSERT INTO audit.chain SELECT max(seq) + 1, '00000000-0000-7000-8000-000000000001', ` + forged + `, ` + forged + `, now() FROM audit.chain`, `inserted`},
		"a row is inserted in the past": {`INSERT INTO audit.audit_log (id, timestamp, event_type, action, status) VALUES ('00000000-0000-7000-8000-000000000001', now() - interval '1 day', 'x', 'x', 'success')`, `00000000-0000-7000-8000-000000000001 .*was inserted`},
		"the chain goes":                {`TRUNCATE audit.chain`, ``},
	} {
		t.Run(what, func(t *testing.T) {
			h := stopped(t)
			head := h.chained()
			for statement := range statements(attack.sql) {
				h.exec(statement)
			}
			said, err := h.verify(head)
			require.Error(t, err, said)
			require.Regexp(t, attack.says, err.Error())
		})
	}
}

func TestAttack62ACutTailIsNoticedByAHeadThatWasKept(t *testing.T) {
	h := stopped(t)
	head := h.chained()
	h.exec(`DELETE FROM audit.audit_log WHERE id IN (SELECT entry_id FROM audit.chain WHERE seq > 4)`)
	h.exec(`DELETE FROM audit.chain WHERE seq > 4`)
	said, err := h.verify("")
	require.NoError(t, err, "by itself nothing shows: that is what the head is kept for")
	require.Contains(t, said, "OK: 4 rows")
	_, err = h.verify(head)
	require.ErrorContains(t, err, "its tail was cut off")

	again := openOn(t, auth.Config{}, h.database, "redis://127.0.0.1:1") // which makes the chain anew from there
	for range 8 {
		again.login("ada")
	}
	again.chained()
	_, err = again.verify(head)
	require.ErrorContains(t, err, "made anew")
	_, err = again.verify("12:nonsense")
	require.ErrorContains(t, err, "a head is")
	var out bytes.Buffer
	other := bytes.Repeat([]byte{1}, 32)
	require.ErrorContains(t, auth.VerifyAudit(t.Context(), h.database, other, seal.NewKeyring(other), "", &out), "ATRIUM_KEY_FILE")
}

func TestRowsThatCommitLateAreChained(t *testing.T) {
	h := open(t, auth.Config{})
	conn, err := pgx.Connect(t.Context(), h.database.Reveal())
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	early := uuid.Must(uuid.NewV7())
	_, err = tx.Exec(t.Context(), `INSERT INTO audit.audit_log (id, event_type, action, status) VALUES ($1, 'x', 'x', 'success')`, early)
	require.NoError(t, err)
	for i := range 3 {
		h.register(fmt.Sprintf("person%d", i))
	}
	h.chained()
	require.NoError(t, tx.Commit(t.Context()))
	h.chained()
	require.Equal(t, query[int64](h, `SELECT max(seq) FROM audit.chain`), query[int64](h, `SELECT seq FROM audit.chain WHERE entry_id = $1`, early))
	require.NoError(t, h.service.Stop(context.Background()))

	// So long a transaction that the look at recent rows misses it.
	old := uuid.Must(uuid.NewV7())
	h.exec(`INSERT INTO audit.audit_log (id, timestamp, event_type, action, status) VALUES ($1, now() - interval '1 hour', 'x', 'x', 'success')`, old)
	said, err := h.verify("")
	require.NoError(t, err)
	require.Contains(t, said, "1 newer rows are not in the chain yet")
	openOn(t, auth.Config{}, h.database, "redis://127.0.0.1:1").chained()
}

func TestServicesMayNotTouchTheChain(t *testing.T) {
	h := stopped(t)
	for _, role := range []string{"atrium_auth", "atrium_chat", "atrium_ide", "atrium_ai"} {
		conn, err := pgx.Connect(t.Context(), h.database.Reveal())
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(), "SET ROLE "+role)
		require.NoError(t, err)
		for _, sql := range []string{"UPDATE audit.chain SET seq = 9", "DELETE FROM audit.chain", "TRUNCATE audit.chain"} {
			_, err = conn.Exec(t.Context(), sql)
			require.ErrorContains(t, err, "permission denied", "%s: %s", role, sql)
		}
		_, err = conn.Exec(t.Context(), "SELECT FROM audit.chain")
		require.Equal(t, role == "atrium_auth", err == nil)
		require.NoError(t, conn.Close(context.Background()))
	}
}

func TestReplicasKeepOneChain(t *testing.T) {
	h := open(t, auth.Config{})
	second := openOn(t, auth.Config{}, h.database, "redis://127.0.0.1:1")
	for i := range 6 {
		h.register(fmt.Sprintf("person%d", i))
		second.login(fmt.Sprintf("person%d", i))
	}
	h.chained()
}
