package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/principal"
)

// table keeps the rows that are inserted, unless it is away.
type table struct {
	mu   sync.Mutex
	away bool
	rows [][]any
}

func (t *table) Exec(_ context.Context, _ string, args ...any) (pgconn.CommandTag, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.away {
		return pgconn.CommandTag{}, errors.New("the database is away")
	}
	t.rows = append(t.rows, args)
	return pgconn.CommandTag{}, nil
}

// taken gives the action, address, metadata and reason of each row since.
func (t *table) taken() (rows []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.rows {
		rows = append(rows, fmt.Sprintf("%v %v %s %v", r[5], r[7], r[9], r[10]))
	}
	t.rows = nil
	return rows
}

func (t *table) setAway(away bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.away = away
}

func (t *table) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.rows)
}

func from(address string) context.Context {
	return principal.With(context.Background(), principal.Principal{
		Kind: principal.User, UserID: uuid.MustParse("0198c0de-0000-7000-8000-000000000001"),
		Client: principal.Client{Address: address, RequestID: "r1"},
	})
}

var denied = apperr.New(apperr.PermissionDenied, "PERMISSION_DENIED", "You may not do this.")

// running gives a keeper over a table, in time that a test moves.
func running(t *testing.T, test func(r *audit.Refusals, rows *table, stop func())) {
	synctest.Test(t, func(t *testing.T) {
		rows := &table{}
		r := audit.NewRefusals(slog.New(slog.DiscardHandler), rows)
		ctx, cancel := context.WithCancel(context.Background())
		var done sync.WaitGroup
		done.Go(func() { r.Run(ctx) })
		stop := func() { cancel(); done.Wait() }
		defer stop()
		test(r, rows, stop)
	})
}

func TestWhatIsAlikeIsOneRowAndACount(t *testing.T) {
	running(t, func(r *audit.Refusals, rows *table, _ func()) {
		r.Refused(from("192.0.2.1"), "/a.Service/Do", "", denied)
		time.Sleep(1500 * time.Millisecond)
		require.Equal(t, []string{`Do 192.0.2.1 {"method":"/a.Service/Do","requestId":"r1"} PERMISSION_DENIED`}, rows.taken())
		for range 1000 {
			r.Refused(from("192.0.2.1"), "/a.Service/Do", "", denied)
		}
		time.Sleep(2 * time.Second)
		require.Empty(t, rows.taken(), "told already")
		time.Sleep(time.Minute)
		require.Equal(t, []string{`Do 192.0.2.1 {"method":"/a.Service/Do","requestId":"r1","times":1000} PERMISSION_DENIED`}, rows.taken())
	})
}

func TestAStopWritesWhatIsLeft(t *testing.T) {
	running(t, func(r *audit.Refusals, rows *table, stop func()) {
		r.Refused(from("192.0.2.1"), "/a.Service/Do", "", denied)
		stop()
		require.Len(t, rows.taken(), 1)
	})
}

func TestADatabaseThatIsAwayLosesNothing(t *testing.T) {
	running(t, func(r *audit.Refusals, rows *table, _ func()) {
		rows.setAway(true)
		for range 3 {
			r.Refused(from("192.0.2.1"), "/a.Service/Do", "", denied)
			time.Sleep(2 * time.Minute)
		}
		rows.setAway(false)
		time.Sleep(2 * time.Second)
		require.Equal(t, []string{`Do 192.0.2.1 {"method":"/a.Service/Do","requestId":"r1","times":3} PERMISSION_DENIED`}, rows.taken())
	})
}

func TestAFloodIsBoundedAndCounted(t *testing.T) {
	running(t, func(r *audit.Refusals, rows *table, stop func()) {
		for i := range 5000 { // as many addresses, and each does many things
			r.Refused(from(fmt.Sprintf("10.0.%d.%d", i/250, i%250)), fmt.Sprintf("/a.Service/Do%d", i%40), "", denied)
		}
		r.Note(from("192.0.2.1"), audit.Entry{EventType: "auth.token", Action: "use", Error: "ACCOUNT_SUSPENDED"})
		stop()
		require.Less(t, rows.count(), 130)
		require.Contains(t, fmt.Sprint(rows.taken()), "use 192.0.2.1", "a flood of one type hides no other")
	})
	running(t, func(r *audit.Refusals, rows *table, stop func()) {
		for i := range 500 { // one caller does not take the room of all
			r.Refused(from("192.0.2.1"), fmt.Sprintf("/a.Service/Do%d", i), "", denied)
		}
		r.Refused(from("192.0.2.2"), "/a.Service/Do", "", denied)
		stop()
		require.Contains(t, fmt.Sprint(rows.taken()), "Do 192.0.2.2")
	})
}

func TestOnlyRefusalsThatNothingElseTellsOf(t *testing.T) {
	running(t, func(r *audit.Refusals, rows *table, stop func()) {
		ctx := r.Begin(from("192.0.2.1"))
		require.NoError(t, audit.Insert(ctx, rows, audit.Entry{EventType: "auth.login", Action: "login", Status: audit.Failure}))
		r.Refused(ctx, "/a.Service/Login", "", denied)
		for _, kind := range []apperr.Kind{apperr.InvalidArgument, apperr.NotFound, apperr.Unavailable, apperr.Internal, apperr.Canceled} {
			r.Refused(r.Begin(from("192.0.2.1")), "/a.Service/Do", "", apperr.New(kind, "R", "."))
		}
		r.Refused(r.Begin(from("192.0.2.1")), "/a.Service/Do", "", principal.ErrUnauthenticated)
		stop()
		require.Len(t, rows.taken(), 1)
	})
}

func TestWhatWentWellAndIsFrequentIsOneRowToo(t *testing.T) {
	running(t, func(r *audit.Refusals, rows *table, _ func()) {
		hit := audit.Entry{EventType: "ai.code.complete", Action: "repeat"}
		r.Told(from("192.0.2.1"), hit)
		time.Sleep(1500 * time.Millisecond)
		require.Equal(t, 1, rows.count())
		require.Equal(t, audit.Success, rows.rows[0][6])
		rows.taken()
		for range 500 {
			r.Told(from("192.0.2.1"), hit)
		}
		time.Sleep(2 * time.Minute)
		require.Equal(t, []string{`repeat 192.0.2.1 {"requestId":"r1","times":500} `}, rows.taken())
	})
}
