package gateway_test

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"atrium.internal/gateway"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/redistest"
	"atrium.internal/proto/cachekey"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
)

// nobodyAsks signs nothing: the measured way makes no call.
type nobodyAsks struct{ identity.PrivateKeys }

// discard is a response that nobody reads.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkSessionCheck is the way of a request through the whole chain, with
// its session in the cache; the difference to nobody's is what a session costs.
func BenchmarkSessionCheck(b *testing.B) {
	client, err := redisdb.Open(redistest.New(b))
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	nowhere, err := grpc.NewClient("passthrough:///nowhere", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	defer nowhere.Close()
	var config gateway.Config
	if _, err := kong.Must(&config).Parse([]string{"--rate-limit-api=1000000000"}); err != nil {
		b.Fatal(err)
	}
	door, err := gateway.New(config, gateway.Deps{
		Log: slog.New(slog.DiscardHandler), Redis: client, Identity: nobodyAsks{},
		Auth: nowhere, Chat: nowhere, IDE: nowhere, AI: nowhere,
	})
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256([]byte("a-token"))
	holder, err := proto.Marshal(&authv1.Holder{
		UserId: uuid.NewString(), SessionId: uuid.NewString(), Username: "ada", Roles: []string{"user"}, Plan: &authv1.Plan{Name: "free"},
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := client.Set(b.Context(), cachekey.Session(hex.EncodeToString(sum[:])), holder, time.Hour).Err(); err != nil {
		b.Fatal(err)
	}
	for name, cookie := range map[string]string{"session": "__Host-atrium_session=a-token", "nobody": ""} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodHead, "http://atrium.localhost:8080/api/openapi.json", nil)
			if cookie != "" {
				r.Header.Set("Cookie", cookie)
			}
			b.ReportAllocs()
			for b.Loop() {
				door.Handler().ServeHTTP(discard{http.Header{}}, r)
			}
		})
	}
}
