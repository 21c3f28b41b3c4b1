package seal

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/maypok86/otter/v2"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/config"
	"atrium.internal/pkg/pgdb"
)

// ErrNoUser answers a user who does not exist any more: there is nothing of
// theirs to open, and nothing may be sealed for them.
var ErrNoUser = apperr.New(apperr.NotFound, "USER_NOT_FOUND", "This account does not exist.")

const (
	// remembered is how long a data key that was opened is good without another
	// look; a deleted user's is gone from memory by then.
	remembered = 5 * time.Minute
	// maxRemembered bounds how many are.
	maxRemembered = 10_000
	// loadTimeout bounds one look, which several callers may be waiting for.
	loadTimeout = 5 * time.Second
)

//go:embed migrations/*.sql
var files embed.FS

// Migrate brings a service's schema of keys to the newest version, once the
// auth service's tables are there.
func Migrate(ctx context.Context, url config.Secret, service string, log *slog.Logger) error {
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		return err
	}
	return pgdb.Schema{
		Service: service, Name: schema(service), Files: migrations, Needs: []string{"auth.users"},
	}.Migrate(ctx, url, log)
}

func schema(service string) string { return service + "_keys" }

// Keys are the data keys of one service.
type Keys struct {
	db      pgdb.Querier
	ring    *Keyring
	service string
	opened  *otter.Cache[uuid.UUID, *Key]
}

// New keeps data keys in a service's schema of keys, through a pool of that
// service's role. The service's name is a constant of the program. The caller
// must Close it.
func New(db pgdb.Querier, service string, ring *Keyring) *Keys {
	return &Keys{
		db: db, ring: ring, service: service,
		opened: otter.Must(&otter.Options[uuid.UUID, *Key]{
			MaximumSize: maxRemembered, ExpiryCalculator: otter.ExpiryWriting[uuid.UUID, *Key](remembered),
		}),
	}
}

// Of gives a user's data key, which the first call ever makes. It answers
// ErrNoUser and ErrUnreadable. It takes a connection of its own when the key is
// not remembered, so it is asked for before a transaction begins.
func (k *Keys) Of(ctx context.Context, user uuid.UUID) (*Key, error) {
	if key, ok := k.opened.GetIfPresent(user); ok {
		return key, nil
	}
	// Who comes meanwhile waits for the same look, so it is not one caller's to end.
	shared := context.WithoutCancel(ctx)
	return k.opened.Get(shared, user, otter.LoaderFunc[uuid.UUID, *Key](k.load))
}

// Forget drops a user's data key from memory.
func (k *Keys) Forget(user uuid.UUID) { k.opened.Invalidate(user) }

// Close drops every data key from memory and ends what keeps them for a time
// only.
func (k *Keys) Close() {
	k.opened.InvalidateAll()
	k.opened.StopAllGoroutines()
}

// Service gives the service's own key of a purpose, for what must outlive a
// rotation of the deployment key. The first call ever keeps the initial one,
// or a random one for nil.
func (k *Keys) Service(ctx context.Context, purpose string, initial []byte) ([]byte, error) {
	if initial == nil {
		initial = newSecret()
	}
	return k.get(ctx, holder{service: k.service, purpose: purpose}, initial)
}

func (k *Keys) load(ctx context.Context, user uuid.UUID) (*Key, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	secret, err := k.get(ctx, holder{service: k.service, user: user}, nil)
	if err != nil {
		return nil, err
	}
	return openKey(secret, user), nil
}

// get reads and opens a key, or keeps a first one. Of several callers who do so
// at once, on whatever replicas, all get the same.
func (k *Keys) get(ctx context.Context, h holder, initial []byte) ([]byte, error) {
	secret, err := k.read(ctx, h)
	if !errors.Is(err, pgx.ErrNoRows) {
		return secret, err
	}
	if initial == nil {
		initial = newSecret()
	}
	if err := k.insert(ctx, h, initial); err != nil {
		return nil, err
	}
	secret, err = k.read(ctx, h)
	if errors.Is(err, pgx.ErrNoRows) { // deleted in between
		return nil, ErrNoUser
	}
	return secret, err
}

func (k *Keys) read(ctx context.Context, h holder) ([]byte, error) {
	var wrapped []byte
	var id string
	table, column, value := h.row()
	err := k.db.QueryRow(ctx, `SELECT wrapped, kek FROM `+table+` WHERE `+column+` = $1`, value).Scan(&wrapped, &id)
	if err != nil {
		return nil, pgdb.Fault("read data key", err)
	}
	return k.ring.unwrap(wrapped, id, h)
}

func (k *Keys) insert(ctx context.Context, h holder, secret []byte) error {
	wrapped, id := k.ring.wrap(secret, h)
	table, column, value := h.row()
	_, err := k.db.Exec(ctx, `INSERT INTO `+table+` (`+column+`, wrapped, kek) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		value, wrapped, id)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23503" { // foreign_key_violation
		return ErrNoUser
	}
	return pgdb.Fault("keep data key", err)
}

// row says where a holder's key is kept.
func (h holder) row() (table, column string, value any) {
	if h.purpose != "" {
		return schema(h.service) + ".service_keys", "purpose", h.purpose
	}
	return schema(h.service) + ".data_keys", "user_id", h.user
}

// Check answers an error that names ATRIUM_KEY_FILE when there are keys in the
// database that it can't open.
func (k *Keys) Check(ctx context.Context) error {
	rows, err := k.db.Query(ctx, `SELECT DISTINCT kek FROM `+schema(k.service)+`.data_keys
		UNION SELECT kek FROM `+schema(k.service)+`.service_keys`)
	if err != nil {
		return pgdb.Fault("look at data keys", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return pgdb.Fault("look at data keys", err)
	}
	for _, id := range ids {
		if !k.ring.Has(id) {
			return fmt.Errorf("ATRIUM_KEY_FILE: data in this database is encrypted with key %s, which the file does not have "+
				"(it has %s); put the right key back, nothing was changed", id, strings.Join(k.ring.IDs(), ", "))
		}
	}
	return nil
}
