package openaicompat_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/provider/openaicompat"
	"atrium.internal/services/ai/internal/provider/transport"
)

func TestARefusalIsUnderstoodInEveryShape(t *testing.T) {
	for body, c := range map[string]struct {
		status  int
		want    error
		message string
	}{
		`{"error":{"message":"no such parameter","type":"invalid_request_error","code":null}}`:  {400, generate.ErrRejected, "no such parameter"},
		`{"error":{"message":"too many tokens","type":"x","code":"context_length_exceeded"}}`:   {400, generate.ErrPromptTooLong, ""},
		`{"error":{"message":"too many tokens","type":"context_length_exceeded","code":400}}`:   {400, generate.ErrPromptTooLong, ""},
		`{"object":"error","message":"odd ` + "\xff" + `","type":"BadRequestError","code":400}`: {400, generate.ErrRejected, "odd \uFFFD"},
		`{"error":"does not support tools"}`:                                                    {400, generate.ErrRejected, "does not support tools"},
		`{"error":{"message":"you are out of money","code":"insufficient_quota"}}`:              {429, generate.ErrMisconfigured, ""},
		`<html>a proxy's page</html>`:                                                           {502, generate.ErrFailed, ""},
		``:                                                                                      {401, generate.ErrMisconfigured, ""},
	} {
		t.Run(body, func(t *testing.T) {
			far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(body)) // the test sees what arrives
			}))
			defer far.Close()
			client := transport.NewClient(time.Second)
			defer client.CloseIdleConnections()
			p := openaicompat.New(openaicompat.Config{BaseURL: far.URL + "/v1/", HTTP: client})
			report, err := p.Stream(t.Context(), generate.Call{
				Model: "m", MaxTokens: 10, Messages: []generate.Message{{Role: generate.User, Parts: generate.Plain("x")}},
			}, func(generate.Piece) error { return nil })
			require.ErrorIs(t, err, c.want)
			require.False(t, report.Accepted)
			require.Equal(t, c.message, apperr.From(err).Metadata["provider"])
		})
	}
}
