// Package journal keeps settlements in files until the ledger's database is
// known to keep them, so that a process that is killed, or a database that
// crashes or stays away, loses no provider's count. It keeps reservations, too,
// of which the database is told later.
//
// What is written outlives the process, which is all that it is for: it is not
// forced to the disk, since a machine that loses power has its entries estimated.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// fileBytes is from what size on a file gets no further lines. A file goes when
// none of its lines is needed any more.
const fileBytes = 64 << 10

// Journal is a folder of files with a settlement or a reservation in each line.
// One process writes to it.
type Journal struct {
	dir string

	mu      sync.Mutex
	current *page
	in      map[uuid.UUID]*page // where the settlement of an entry is
	begun   map[uuid.UUID]*page // where its reservation is
}

// page is a file with the number of its lines that are needed.
type page struct {
	path   string
	needed int
	file   *os.File // nil in one of an earlier process
	size   int
}

// Open takes a folder, making it when it is not there.
func Open(dir string) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &Journal{dir: dir, in: map[uuid.UUID]*page{}, begun: map[uuid.UUID]*page{}}, nil
}

// line is a settlement as a file has it, or a reservation: ids, names and
// counts, no text.
type line struct {
	// Begun is a reservation.
	Begun        bool             `json:"begun,omitempty"`
	ID           uuid.UUID        `json:"id"`
	UserID       uuid.UUID        `json:"userId"`
	RequestID    uuid.UUID        `json:"requestId"`
	Attempt      int              `json:"attempt"`
	Provider     string           `json:"provider"`
	Model        string           `json:"model"`
	Source       string           `json:"source"`
	Input        int64            `json:"input"`
	MaxOutput    int64            `json:"maxOutput"`
	Tokens       tariff.Tokens    `json:"tokens"`
	CountedBy    ledger.CountedBy `json:"countedBy"`
	Released     bool             `json:"released"`
	Failure      string           `json:"failure"`
	CostMicroUSD int64            `json:"costMicroUsd"`
	CreatedAt    time.Time        `json:"createdAt"`
	At           time.Time        `json:"at"`
}

// Begin keeps a reservation.
func (j *Journal) Begin(r ledger.Reservation) error {
	return j.put(j.begun, line{
		Begun: true, ID: r.ID, UserID: r.UserID, RequestID: r.RequestID, Attempt: r.Attempt, Provider: r.Provider, Model: r.Model,
		Source: r.Source, Input: r.Input, MaxOutput: r.MaxOutput, CreatedAt: r.CreatedAt,
	})
}

// Put keeps a settlement, unless there is one of the same entry.
func (j *Journal) Put(s ledger.Settlement) error {
	return j.put(j.in, line{
		ID: s.ID, UserID: s.UserID, RequestID: s.RequestID, Attempt: s.Attempt, Provider: s.Provider, Model: s.Model, Source: s.Source,
		Input: s.Input, MaxOutput: s.MaxOutput,
		Tokens: s.Tokens, CountedBy: s.CountedBy, Released: s.Released, Failure: s.Failure, CostMicroUSD: s.CostMicroUSD,
		CreatedAt: s.CreatedAt, At: s.At,
	})
}

func (j *Journal) put(in map[uuid.UUID]*page, l line) error {
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if in[l.ID] != nil {
		return nil
	}
	if err := j.write(append(text, '\n')); err != nil {
		j.turn() // a half line must stay the file's last
		return fmt.Errorf("journal: %w", err)
	}
	j.current.needed++
	in[l.ID] = j.current
	return nil
}

// write adds to the current file, in one call, so that a kill leaves at most its
// last line torn.
func (j *Journal) write(text []byte) error {
	if j.current == nil {
		name, err := uuid.NewV7()
		if err != nil {
			return err
		}
		path := filepath.Join(j.dir, name.String()+".json")
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		j.current = &page{path: path, file: file}
	}
	n, err := j.current.file.Write(text)
	j.current.size += n
	return err
}

// turn ends the current file.
func (j *Journal) turn() {
	ended := j.current
	if ended == nil {
		return
	}
	j.current = nil
	_ = ended.file.Close() // nothing is buffered
	_ = ended.clear()      // what stays is read once more by the next start
}

// clear removes a file that is not needed.
func (p *page) clear() error {
	if p.needed > 0 {
		return nil
	}
	if err := os.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Drop forgets all of entries.
func (j *Journal) Drop(ids []uuid.UUID) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var faults []error
	for _, id := range ids {
		for _, in := range []map[uuid.UUID]*page{j.in, j.begun} {
			p := in[id]
			if p == nil {
				continue
			}
			delete(in, id)
			p.needed--
			if p != j.current {
				faults = append(faults, p.clear())
			}
		}
	}
	if j.current != nil && (j.current.needed == 0 || j.current.size > fileBytes) {
		j.turn()
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// Kept lists what earlier processes left: the first settlement of each entry, and
// the reservations of those that have none. Files that can't be read to their end
// are in the error, and what they hold before that is listed.
func (j *Journal) Kept() (kept []ledger.Settlement, begun []ledger.Reservation, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	files, err := filepath.Glob(filepath.Join(j.dir, "*.json"))
	faults := []error{err}
	known := map[string]bool{}
	for _, in := range []map[uuid.UUID]*page{j.in, j.begun} {
		for _, p := range in {
			known[p.path] = true
		}
	}
	var opened []ledger.Reservation
	for _, path := range files {
		if known[path] {
			continue
		}
		lines, err := read(path)
		if err != nil {
			faults = append(faults, fmt.Errorf("journal %s: %w", path, err))
		}
		p := &page{path: path}
		for _, l := range lines {
			in := j.in
			if l.Begun {
				in = j.begun
			}
			if in[l.ID] != nil {
				continue
			}
			in[l.ID] = p
			p.needed++
			if l.Begun {
				opened = append(opened, l.settlement().Reservation)
			} else {
				kept = append(kept, l.settlement())
			}
		}
		if err == nil {
			faults = append(faults, p.clear())
		}
	}
	for _, r := range opened {
		if j.in[r.ID] == nil {
			begun = append(begun, r)
		}
	}
	return kept, begun, errors.Join(faults...)
}

// read gives the lines of a file; one that a kill tore is not there.
func read(path string) (lines []line, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for all := json.NewDecoder(file); ; {
		var l line
		switch err := all.Decode(&l); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return lines, nil
		case err != nil:
			return lines, err
		}
		lines = append(lines, l)
	}
}

func (l line) settlement() ledger.Settlement {
	return ledger.Settlement{
		Reservation: ledger.Reservation{
			Hold: ledger.Hold{
				UserID: l.UserID, RequestID: l.RequestID, By: ledger.By{Provider: l.Provider}, Model: l.Model, Source: l.Source,
				Input: l.Input, MaxOutput: l.MaxOutput,
			},
			ID: l.ID, Attempt: l.Attempt, CreatedAt: l.CreatedAt,
		},
		Outcome:      ledger.Outcome{Tokens: l.Tokens, CountedBy: l.CountedBy, Released: l.Released, Failure: l.Failure},
		CostMicroUSD: l.CostMicroUSD, At: l.At,
	}
}

var _ ledger.Journal = (*Journal)(nil)
