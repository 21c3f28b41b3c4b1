package gateway

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/drain"

	"atrium.internal/gateway/wire"
)

func TestAStopDoesNotWaitForWhatHasNoEnd(t *testing.T) {
	g := &Gateway{deps: Deps{Log: slog.New(slog.DiscardHandler), Drain: &drain.Drain{}}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	open := make(chan struct{})
	handler := g.endless(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		close(open)
		<-r.Context().Done()
	}))
	limits := wire.Limits{HeaderTimeout: time.Minute, HeaderBytes: 1 << 16, URLBytes: 1 << 12}
	part := g.part(listener, nil, limits, handler, func(err error) { t.Error(err) })
	require.NoError(t, part.Start(t.Context()))
	response, err := http.Get("http://" + listener.Addr().String())
	require.NoError(t, err)
	defer response.Body.Close()
	<-open
	const patience = 20 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	begin := time.Now()
	require.NoError(t, part.Stop(ctx))
	require.Less(t, time.Since(begin), patience/2)
}
