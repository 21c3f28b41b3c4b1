package admin

import (
	"context"
	"time"
)

// ActiveWithin is how long after its last use an account counts as active.
const ActiveWithin = 15 * time.Minute

// Overview is how many accounts there are, and how many were made on each of
// the last days, the oldest first and today last.
type Overview struct {
	Summary
	Days []Day
}

// Day is how many accounts were made on a day (UTC).
type Day struct {
	Day  time.Time
	Made int64
}

// Summarize counts accounts, and those made on each of so many days.
func (u *Users) Summarize(ctx context.Context, days int) (Overview, error) {
	now := time.Now().UTC()
	first := now.Truncate(24*time.Hour).AddDate(0, 0, 1-days)
	sum, err := u.store.Summarize(ctx, now.Add(-ActiveWithin), first)
	if err != nil {
		return Overview{}, err
	}
	all := Overview{Summary: sum}
	for i := range days {
		day := first.AddDate(0, 0, i)
		all.Days = append(all.Days, Day{Day: day, Made: sum.Made[day]})
	}
	return all, nil
}
