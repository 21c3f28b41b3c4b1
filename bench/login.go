package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/alexedwards/argon2id"
)

// login compares a whole login with its one expensive part alone. The figures
// of the hash must be those of services/auth.
func login(ctx context.Context, r *rig) error {
	parameters := &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	hash, err := argon2id.CreateHash(password, parameters)
	if err != nil {
		return err
	}
	if _, err := r.platform.register(ctx, "joan"); err != nil {
		return err
	}
	var quotients []float64
	var logins, hashes []time.Duration
	for range max(20, r.rounds*4) {
		began := time.Now()
		if _, err := r.platform.login(ctx, "joan"); err != nil {
			return err
		}
		whole := time.Since(began)
		began = time.Now()
		if _, err := argon2id.ComparePasswordAndHash(password, hash); err != nil {
			return err
		}
		alone := time.Since(began)
		logins, hashes = append(logins, whole), append(hashes, alone)
		quotients = append(quotients, float64(whole)/float64(alone))
	}
	slices.Sort(quotients)
	slices.Sort(logins)
	slices.Sort(hashes)
	fmt.Fprintf(r.out, "login p50 %s, hash p50 %s, ratio %.2f (%.2f–%.2f), load %s\n", logins[len(logins)/2], hashes[len(hashes)/2],
		quotients[len(quotients)/2], quotients[0], quotients[len(quotients)-1], load())
	return nil
}
