package oidc

import (
	"crypto/rand"
	"net/mail"
	"strings"
	"unicode"
)

const (
	shortestUsername = 3
	longestUsername  = 50
	// longestName bounds names for showing, in characters.
	longestName = 255
	// longestEmail is in bytes.
	longestEmail = 255
	// suffix is how many characters tell apart those who wish for the same username.
	suffix = 6
)

// username makes one that keeps the contract's rule from what the provider says.
func username(c Claims) string {
	for _, wish := range []string{c.Username, c.Email, c.Name} {
		wish, _, _ = strings.Cut(wish, "@")
		var b strings.Builder
		for _, r := range wish {
			if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || b.Len() > 0 && strings.ContainsRune("._-", r)) {
				b.WriteRune(r)
			}
		}
		if made := cut(b.String(), longestUsername); len(made) >= shortestUsername {
			return made
		}
	}
	return another("user")
}

// another makes a username that is like one that is taken.
func another(taken string) string {
	return cut(taken, longestUsername-suffix-1) + "-" + strings.ToLower(rand.Text()[:suffix])
}

// cleaned drops what can't be stored or shown.
func (c Claims) cleaned() Claims {
	c.Name = cut(strings.TrimSpace(printable(c.Name)), longestName)
	c.Username = cut(strings.TrimSpace(printable(c.Username)), longestName)
	if a, err := mail.ParseAddress(c.Email); err != nil || a.Address != c.Email || len(c.Email) > longestEmail {
		c.Email, c.EmailVerified = "", false
	}
	return c
}

// shown is what a person knows the login by.
func (c Claims) shown() string {
	for _, name := range []string{c.Email, c.Username, c.Name} {
		if name != "" {
			return name
		}
	}
	return c.Subject
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

// cut shortens a text to at most n characters.
func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n])
	}
	return text
}
