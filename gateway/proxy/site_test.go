package proxy

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnASiteOfItsOwnTheCookieWorksInThePlatformsFrameAlone(t *testing.T) {
	h := newHouse(t, func(http.ResponseWriter, *http.Request) {})
	cookie := h.enter("ticket", public).Result().Cookies()[0]
	require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
	require.False(t, cookie.Partitioned)

	h = newHouse(t, func(http.ResponseWriter, *http.Request) {})
	h.entrance.config.SeparateSite = true
	require.Equal(t, http.StatusForbidden, h.enter("ticket", "http://evil.example").Code)
	w := h.enter("ticket", public)
	require.Equal(t, http.StatusSeeOther, w.Code)
	cookie = w.Result().Cookies()[0]
	require.Equal(t, CookieName, cookie.Name)
	require.Equal(t, http.SameSiteNoneMode, cookie.SameSite)
	require.True(t, cookie.Partitioned && cookie.Secure && cookie.HttpOnly && cookie.Domain == "" && cookie.Path == "/")

	frame := map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
	require.Equal(t, http.StatusOK, h.get(own, frame).Code, "the platform's frame")
	// A cookie for all sites calls for the same distrust of requests from them.
	for name, headers := range map[string]map[string]string{
		"the platform's fetch":     {"Origin": public, "Sec-Fetch-Site": "cross-site"},
		"another site's fetch":     {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
		"another site's WebSocket": {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": "http://evil.example"},
	} {
		require.Equal(t, http.StatusForbidden, h.get(own, headers).Code, name)
	}
}
