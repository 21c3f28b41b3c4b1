package password

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime"

	"github.com/alexedwards/argon2id"
)

// params are OWASP's for Argon2id: 19 MiB, two passes, one lane. More lanes
// would let one login take every core.
var params = &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Hasher hashes and compares passwords.
type Hasher struct {
	slots chan struct{}
	// decoy is compared with when there is no account, so that its absence
	// can't be told by time.
	decoy string
}

// New makes a hasher that works on at most concurrency passwords at once; zero
// is half of the cores, which leaves the others to the rest of the process.
func New(concurrency int) (*Hasher, error) {
	if concurrency <= 0 {
		concurrency = max(1, runtime.GOMAXPROCS(0)/2)
	}
	decoy, err := argon2id.CreateHash(rand.Text(), params)
	if err != nil {
		return nil, fmt.Errorf("decoy password: %w", err)
	}
	return &Hasher{slots: make(chan struct{}, concurrency), decoy: decoy}, nil
}

// Hash gives the encoded hash of a password under a fresh salt.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	hash, err := argon2id.CreateHash(password, params)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// Matches compares a password with an encoded hash. An empty hash costs the
// same and matches nothing.
func (h *Hasher) Matches(ctx context.Context, password, hash string) (bool, error) {
	if err := h.acquire(ctx); err != nil {
		return false, err
	}
	defer h.release()
	against := hash
	if hash == "" {
		against = h.decoy
	}
	ok, err := argon2id.ComparePasswordAndHash(password, against)
	if err != nil {
		return false, fmt.Errorf("compare password: %w", err)
	}
	return ok && hash != "", nil
}

func (h *Hasher) acquire(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hasher) release() { <-h.slots }
