package oidc

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNextStaysOnThisSite(t *testing.T) {
	for _, evil := range []string{
		"//evil.example", `\\evil.example`, `/\evil.example`, "/\t/evil.example", "\t//evil.example", "/ /evil.example", "/\x00/evil.example",
		"https://evil.example", "https:evil.example", "javascript:alert(1)", "evil.example", "///evil.example", "/a\r\nSet-Cookie: x=y", "/%zz", "/ünï", "",
	} {
		require.Equal(t, "/", Next(evil), "%q", evil)
	}
	for _, good := range []string{"/", "/chat", "/a//b", "/ide/workspace/1?tab=a%20b&next=//x#top"} {
		require.Equal(t, good, Next(good))
	}
}

func FuzzWhatAProviderSays(f *testing.F) {
	f.Add("ada", "ada@example.org", "Ada L.")
	f.Add("-.-", "a@b", strings.Repeat("ü", 300))
	f.Add("admin@evil.example", "\"<script>\"@example.org", "\x00\u202e")
	contract := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{2,49}$`) // of auth.proto
	f.Fuzz(func(t *testing.T, name, email, full string) {
		c := Claims{Subject: "s", Username: name, Email: email, Name: full, EmailVerified: true}.cleaned()
		require.Regexp(t, contract, username(c))
		require.Regexp(t, contract, another(username(c)))
		require.LessOrEqual(t, len(c.Email), longestEmail)
		require.Equal(t, c.Email != "", c.EmailVerified)
		for _, text := range []string{c.Name, c.Username} {
			require.LessOrEqual(t, len([]rune(text)), longestName)
			require.NotContains(t, text, "\x00")
		}
		require.NotEmpty(t, c.shown())
	})
}
