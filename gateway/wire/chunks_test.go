package wire

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// net/http refuses most of these too; where a body ends must not rest on that.
func TestWhereAChunkedBodyEnds(t *testing.T) {
	for body, want := range map[string]int{
		"0\r\n\r\n":                                5,
		"5\r\nhello\r\n0\r\n\r\nGET":               15,
		"5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\nGET": 27,
		"5\r\nhello":                               0,
		"5\r\nhello0\r\n\r\n":                      -1,
		"5\r\nhelloXX0\r\n\r\n":                    -1,
		"5\nhello\r\n0\r\n\r\n":                    -1,
		"-5\r\nhello\r\n0\r\n\r\n":                 -1,
		" 5\r\nhello\r\n0\r\n\r\n":                 -1,
		"\r\nhello\r\n0\r\n\r\n":                   -1,
	} {
		require.Equal(t, want, bodyEnd(body), "%q", body)
	}
}

// bodyEnd gives the length of the body, 0 if it isn't all there, -1 if it is bad.
func bodyEnd(body string) int {
	follower, at := &chunks{}, 0
	for {
		n, ended, err := follower.next([]byte(body[at:]))
		at += n
		switch {
		case err != nil:
			return -1
		case ended:
			return at
		case n == 0:
			return 0
		}
	}
}
