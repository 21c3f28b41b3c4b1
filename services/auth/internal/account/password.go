package account

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"atrium.internal/pkg/apperr"
)

// Lengths of a password, in characters. There are no other rules of shape:
// they make passwords worse.
const (
	MinPassword = 10
	MaxPassword = 256
)

// CheckPassword refuses a password that is too short, too long, known from
// breaches, or the person's own name or address. The refusal names the field.
func CheckPassword(field, password, email, username string) error {
	if err := checkLength(field, password); err != nil {
		return err
	}
	lower := strings.ToLower(password)
	local, _, _ := strings.Cut(email, "@")
	if isBreached(password) || lower == email || lower == local || lower == strings.ToLower(username) {
		return ErrPasswordTooCommon.WithField(field, "is too common")
	}
	return nil
}

// CheckOperatorPassword refuses only what is too short or too long: a list that
// grows with an update must not keep a deployment from starting. known says
// that CheckPassword would have refused it.
func CheckOperatorPassword(field, password string) (known bool, err error) {
	return isBreached(password), checkLength(field, password)
}

func checkLength(field, password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return apperr.Invalid(field, fmt.Sprintf("must have at least %d characters", MinPassword))
	case n > MaxPassword:
		return apperr.Invalid(field, fmt.Sprintf("must have at most %d characters", MaxPassword))
	}
	return nil
}
