package secondfactor

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"atrium.internal/services/auth/internal/session"
)

const (
	// issuer is the name under which authenticators show the account.
	issuer = "Atrium"
	// period is how long a code is shown: what authenticators expect.
	period = 30 * time.Second
	// skew is how many steps a client's clock may be off, either way.
	skew = 1
	// RecoveryCodes is how many of them an account is given.
	RecoveryCodes = 10
	// recoveryLength is a recovery code's, in base32 characters: 80 bits.
	recoveryLength = 16
	digits         = otp.DigitsSix
)

// newSecret makes a secret and the address that carries it to an authenticator.
func newSecret(email string) (secret, uri string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: issuer, AccountName: email, Period: uint(period / time.Second), SecretSize: 20, Digits: digits,
	})
	if err != nil {
		return "", "", err
	}
	return key.Secret(), key.URL(), nil
}

// stepOf finds the time step after last that a code belongs to; a code of a
// step that was used, or of one before it, is no more.
func stepOf(secret, code string, last int64, now time.Time) (step int64, ok bool) {
	current := now.Unix() / int64(period/time.Second)
	for candidate := current - skew; candidate <= current+skew; candidate++ {
		if candidate <= last {
			continue
		}
		want, err := hotp.GenerateCodeCustom(secret, uint64(candidate), hotp.ValidateOpts{Digits: digits})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return candidate, true
		}
	}
	return 0, false
}

// newRecoveryCodes makes the codes, and what is stored of them.
func newRecoveryCodes(user uuid.UUID) (codes []string, hashes []session.Hash) {
	for range RecoveryCodes {
		text := strings.ToLower(rand.Text()[:recoveryLength])
		codes = append(codes, strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:]}, "-"))
		hashes = append(hashes, recoveryHash(user, text))
	}
	return codes, hashes
}

// recoveryHash is quick to compute, which 80 random bits can afford.
func recoveryHash(user uuid.UUID, code string) session.Hash {
	return sha256.Sum256(append(user[:], code...))
}

// plain is a code as people mean it, however they group or spell it.
func plain(code string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(code))
}

// isTOTP tells an authenticator's code from a recovery code.
func isTOTP(code string) bool {
	return len(code) == digits.Length() && strings.Trim(code, "0123456789") == ""
}
