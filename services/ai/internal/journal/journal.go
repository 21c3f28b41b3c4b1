// Package journal keeps what the ledger is about to be told in files, so that
// a process that is killed, or a database that stays away, loses no provider's
// count. A file lives for the moment that settling takes.
//
// A file outlives the process, which is all that it is for: it is not forced to
// the disk, since a machine that loses power has its entries estimated.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// Journal is a folder of settlements, one in a file. One process writes to it.
type Journal struct{ dir string }

// Open takes a folder, making it when it is not there.
func Open(dir string) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &Journal{dir: dir}, nil
}

// line is a settlement as a file has it: ids, names and counts, no text.
type line struct {
	ID           uuid.UUID        `json:"id"`
	UserID       uuid.UUID        `json:"userId"`
	RequestID    uuid.UUID        `json:"requestId"`
	Attempt      int              `json:"attempt"`
	Provider     string           `json:"provider"`
	Model        string           `json:"model"`
	Source       string           `json:"source"`
	Tokens       tariff.Tokens    `json:"tokens"`
	CountedBy    ledger.CountedBy `json:"countedBy"`
	Released     bool             `json:"released"`
	Failure      string           `json:"failure"`
	CostMicroUSD int64            `json:"costMicroUsd"`
	CreatedAt    time.Time        `json:"createdAt"`
	At           time.Time        `json:"at"`
}

// Put keeps a settlement, in place of one of the same entry.
func (j *Journal) Put(s ledger.Settlement) error {
	text, err := json.Marshal(line{
		ID: s.ID, UserID: s.UserID, RequestID: s.RequestID, Attempt: s.Attempt, Provider: s.Provider, Model: s.Model, Source: s.Source,
		Tokens: s.Tokens, CountedBy: s.CountedBy, Released: s.Released, Failure: s.Failure, CostMicroUSD: s.CostMicroUSD,
		CreatedAt: s.CreatedAt, At: s.At,
	})
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	part := j.file(s.ID) + ".part" // whoever is killed here leaves no half line
	if err := os.WriteFile(part, text, 0o600); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := os.Rename(part, j.file(s.ID)); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// Drop forgets an entry's settlement, if there is one.
func (j *Journal) Drop(id uuid.UUID) error {
	if err := os.Remove(j.file(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// Kept lists the settlements that were made before a time. Files that can't be
// read are in the error, and the others are listed all the same.
func (j *Journal) Kept(before time.Time) ([]ledger.Settlement, error) {
	files, err := filepath.Glob(filepath.Join(j.dir, "*.json"))
	faults := []error{err}
	var kept []ledger.Settlement
	for _, file := range files {
		var l line
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &l)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist): // settled a moment ago
		case err != nil:
			faults = append(faults, fmt.Errorf("journal %s: %w", file, err))
		case l.At.Before(before):
			kept = append(kept, l.settlement())
		}
	}
	return kept, errors.Join(faults...)
}

func (l line) settlement() ledger.Settlement {
	return ledger.Settlement{
		Reservation: ledger.Reservation{
			Hold: ledger.Hold{UserID: l.UserID, RequestID: l.RequestID, By: ledger.By{Provider: l.Provider}, Model: l.Model, Source: l.Source},
			ID:   l.ID, Attempt: l.Attempt, CreatedAt: l.CreatedAt,
		},
		Outcome:      ledger.Outcome{Tokens: l.Tokens, CountedBy: l.CountedBy, Released: l.Released, Failure: l.Failure},
		CostMicroUSD: l.CostMicroUSD, At: l.At,
	}
}

func (j *Journal) file(id uuid.UUID) string { return filepath.Join(j.dir, id.String()+".json") }

var _ ledger.Journal = (*Journal)(nil)
