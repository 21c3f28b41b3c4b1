package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

func TestAttack59ADumpOpensNothing(t *testing.T) {
	p := attacked(t)
	ada := personOf(t, p, "ada59")
	ada.must("GET", "/api/users/me", nil) // so that the cache holds the session
	token := strings.TrimPrefix(ada.cookie, "__Host-atrium_session=")

	dump := rows(t, p, `SELECT token FROM auth.sessions UNION SELECT id::text FROM auth.sessions UNION SELECT token FROM auth.api_tokens
		UNION SELECT session_token FROM ide.ide_sessions UNION SELECT password_hash FROM auth.users`)
	whole := strings.Join(dump, "\n") + strings.Join(rows(t, p, `SELECT s::text FROM auth.sessions s`), "\n")
	cache := p.redis(t)
	names, err := cache.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	for _, name := range names {
		content, err := cache.Dump(t.Context(), name).Result()
		if err == nil { // else it has expired
			whole += name + content
		}
		dump = append(dump, name)
		dump = append(dump, regexp.MustCompile(`[0-9a-f-]{32,}`).FindAllString(name, -1)...)
	}
	sum := sha256.Sum256([]byte(token))
	require.Contains(t, dump, hex.EncodeToString(sum[:]), "the dump does have what the session is known by")
	require.NotContains(t, whole, token)
	for _, stolen := range dump {
		tries := []string{stolen}
		if raw, err := hex.DecodeString(stolen); err == nil {
			tries = append(tries, base64.RawURLEncoding.EncodeToString(raw))
		}
		for _, try := range tries {
			thief := p.browser(t)
			thief.cookie = "__Host-atrium_session=" + try
			require.Equal(t, http.StatusUnauthorized, thief.call("GET", "/api/users/me", nil).StatusCode)
		}
		if !strings.ContainsAny(stolen, "\r\n") {
			require.Equal(t, http.StatusUnauthorized, p.browser(t).call("GET", "/api/users/me", nil, "Authorization", "Bearer "+stolen).StatusCode)
		}
	}
}

func TestAttack62TheAuditLogOnlyGrows(t *testing.T) {
	p := attacked(t)
	db := p.database(t)
	var before int
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM audit.audit_log`).Scan(&before))
	require.NotZero(t, before)
	for _, role := range []string{"atrium_auth", "atrium_chat", "atrium_ide", "atrium_ai"} {
		_, err := db.Exec(t.Context(), "SET ROLE "+role)
		require.NoError(t, err)
		for _, statement := range []string{
			`UPDATE audit.audit_log SET action = 'nothing'`, `DELETE FROM audit.audit_log`, `TRUNCATE audit.audit_log`,
			`DROP TABLE audit.audit_log`, `ALTER TABLE audit.audit_log RENAME TO gone`, `DROP SCHEMA audit CASCADE`,
			`ALTER TABLE audit.audit_log DROP COLUMN user_id`,
			`CREATE RULE hush AS ON INSERT TO audit.audit_log DO INSTEAD NOTHING`,
		} {
			_, err := db.Exec(t.Context(), statement)
			var refused *pgconn.PgError
			require.ErrorAs(t, err, &refused, "%s: %s", role, statement)
			require.Equal(t, "42501", refused.Code, "%s: %s: insufficient privilege", role, statement)
		}
		_, err = db.Exec(t.Context(), "RESET ROLE")
		require.NoError(t, err)
	}
	var after int
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM audit.audit_log`).Scan(&after))
	require.GreaterOrEqual(t, after, before)
}
