package auditlog

import (
	"context"
	"fmt"
	"time"
)

// overdue is how much later than its writing a row may be chained before that
// is worth telling: every row is looked for at least once in half of it.
const overdue = 2 * fully

// Report is what a chain without a fault says.
type Report struct {
	Rows int64
	Head Head
	// Pending rows are too new to be in the chain.
	Pending int64
	// Late rows came into the chain long after the time they bear: they were
	// there before the chain was, the service was down, or somebody who could
	// write to the log has set their time back.
	Late int64
}

// TamperError is the first thing that is wrong with the log.
type TamperError struct{ what string }

// Error says what is wrong, and where.
func (f *TamperError) Error() string { return "audit log: " + f.what }

func fault(format string, args ...any) error { return &TamperError{what: fmt.Sprintf(format, args...)} }

// Archive reads the whole log.
type Archive interface {
	// Walk gives every link in its order, with its row or nil when that is not
	// there, and then every row that has no link, all as of one moment. It ends
	// with the first error of its visitors.
	Walk(ctx context.Context, linked func(Link, *Row) error, unlinked func(Row) error) error
}

// Verify walks the log and gives what it is, or the first TamperError. An anchor is
// a Head that was kept elsewhere; with the zero one a tail that was cut off
// can't be noticed.
func (c Chain) Verify(ctx context.Context, archive Archive, anchor Head) (Report, error) {
	var report Report
	var last Link
	linked := func(l Link, row *Row) error {
		if err := c.check(last, l, row); err != nil {
			return err
		}
		if l.Seq == anchor.Seq && l.Hash != anchor.Hash {
			return fault("link %d is not the one that the given head names: the chain was cut before it and made anew", l.Seq)
		}
		if l.At.Sub(row.Time) > overdue {
			report.Late++
		}
		last = l
		return nil
	}
	ended := func() error {
		if last.Seq < anchor.Seq {
			return fault("the chain ends with link %d, the given head is link %d: its tail was cut off", last.Seq, anchor.Seq)
		}
		return nil
	}
	err := archive.Walk(ctx, linked, func(row Row) error {
		if err := ended(); err != nil {
			return err
		}
		if last.Seq > 0 && last.At.Sub(row.Time) > overdue {
			return fault("row %s of %s is not in the chain: it was inserted", row.ID, row.Time.UTC().Format(time.RFC3339))
		}
		report.Pending++
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	report.Rows, report.Head = last.Seq, last.Head()
	return report, ended()
}

func (c Chain) check(last, l Link, row *Row) error {
	switch {
	case l.Seq != last.Seq+1:
		return fault("link %d was removed from the chain", last.Seq+1)
	case c.link(last.Hash, l) != l.Hash:
		return fault("link %d (row %s) is not the one that was made in this place: the chain was reordered, inserted into or rewritten", l.Seq, l.Entry)
	case row == nil:
		return fault("row %s (link %d, chained %s) was removed", l.Entry, l.Seq, l.At.UTC().Format(time.RFC3339))
	case c.row(*row) != l.EntryHash:
		return fault("row %s (link %d, chained %s) was changed", l.Entry, l.Seq, l.At.UTC().Format(time.RFC3339))
	}
	return nil
}
