package auditlog

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Row is a row of the log as it is hashed: every column, those after the time
// as the database writes them, nil for NULL.
type Row struct {
	ID      uuid.UUID
	Time    time.Time
	Columns []*string
}

// Hash is a keyed hash of the chain.
type Hash [sha256.Size]byte

// Link is a row's place in the chain.
type Link struct {
	// Seq counts from 1 without gaps.
	Seq   int64
	Entry uuid.UUID
	// EntryHash covers the row, Hash the link before and all of this one.
	EntryHash, Hash Hash
	// At is when the row was chained, in whole microseconds.
	At time.Time
}

// Head names a place in the chain, usually its end. The zero Head is before
// the first link.
type Head struct {
	Seq  int64
	Hash Hash
}

// Head is the link as others may keep it.
func (l Link) Head() Head { return Head{Seq: l.Seq, Hash: l.Hash} }

// String gives "<number>:<hash in hexadecimal>".
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Seq, hex.EncodeToString(h.Hash[:])) }

// ParseHead reads what String wrote.
func ParseHead(text string) (h Head, err error) {
	number, digits, _ := strings.Cut(strings.TrimSpace(text), ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	raw, fault := hex.DecodeString(digits)
	if err != nil || fault != nil || seq < 1 || len(raw) != len(h.Hash) {
		return Head{}, fmt.Errorf("a head is <number>:<%d hexadecimal digits>", 2*len(h.Hash))
	}
	return Head{Seq: seq, Hash: Hash(raw)}, nil
}

// Chain makes and checks links with one key.
type Chain struct{ key []byte }

// NewChain takes the deployment's key for this purpose.
func NewChain(key []byte) Chain { return Chain{key: key} }

// Extend links rows to the end of the chain, in their order.
func (c Chain) Extend(last Head, rows []Row, now time.Time) []Link {
	links := make([]Link, len(rows))
	for i, row := range rows {
		links[i] = Link{Seq: last.Seq + 1, Entry: row.ID, EntryHash: c.row(row), At: now.UTC().Truncate(time.Microsecond)}
		links[i].Hash = c.link(last.Hash, links[i])
		last = links[i].Head()
	}
	return links
}

// row hashes a row's canonical bytes: each column with its length before it,
// so that no two rows have the same.
func (c Chain) row(r Row) Hash {
	data := append([]byte("atrium audit row 1\n"), r.ID[:]...)
	data = binary.BigEndian.AppendUint64(data, uint64(r.Time.UnixMicro()))
	for _, column := range r.Columns {
		if column == nil {
			data = append(data, 0)
			continue
		}
		data = append(data, 1)
		data = binary.BigEndian.AppendUint64(data, uint64(len(*column)))
		data = append(data, *column...)
	}
	return c.sum(data)
}

func (c Chain) link(before Hash, l Link) Hash {
	data := append([]byte("atrium audit link 1\n"), before[:]...)
	data = binary.BigEndian.AppendUint64(data, uint64(l.Seq))
	data = append(data, l.Entry[:]...)
	data = append(data, l.EntryHash[:]...)
	return c.sum(binary.BigEndian.AppendUint64(data, uint64(l.At.UnixMicro())))
}

func (c Chain) sum(data []byte) (h Hash) {
	mac := hmac.New(sha256.New, c.key)
	mac.Write(data)
	return Hash(mac.Sum(h[:0]))
}
