package account

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPasswordsFromBreachesAreRefused(t *testing.T) {
	require.GreaterOrEqual(t, len(breached)/fingerprintSize, 10_000)
	require.Zero(t, len(breached)%fingerprintSize)
	for _, password := range []string{
		"1234567890", "qwertyuiop", "q1w2e3r4t5", "1qaz2wsx3edc", "password123", "Basketball", "MANCHESTER", "0102030405",
		"sunshine2024", "Sunshine24!", "princess!!!!", "dragon1999", "iloveyou2me"[:8] + "1234", "passwordpassword", "letmein2020", "football#1",
	} {
		require.ErrorIs(t, CheckPassword("password", password, "ada@example.org", "ada"), ErrPasswordTooCommon, password)
	}
	for _, password := range []string{
		"violet kettle 1937", "a long enough passphrase", "correct horse battery canary", "Xk7vwq2mzp", "sunshine over Kiel",
		"dragon-fruit-1999", "tr0ub4dor&3x9", "grüße aus köln", "2718281828459-e", "sunshine731946!!",
	} {
		require.NoError(t, CheckPassword("password", password, "ada@example.org", "ada"), password)
	}
	require.ErrorIs(t, CheckPassword("password", "newcomer-1", "x@example.org", "Newcomer-1"), ErrPasswordTooCommon, "one's own name")
}
