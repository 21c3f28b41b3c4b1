package userdata

import (
	"context"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/volume"
)

// Total is what all of a user's files take and may take.
func (s *Store) Total(ctx context.Context, owner driver.Owner) (used, limit int64, limited bool, err error) {
	return s.volumes.Size(ctx, owner)
}

// Rest unmounts the volumes of users whose files nobody uses.
func (s *Store) Rest(ctx context.Context, now bool, inUse func(driver.Owner) bool) error {
	return s.volumes.Rest(ctx, now, inUse)
}

// Free is what the disk has left.
func (s *Store) Free() (free, reserve int64, err error) {
	if err := s.Make(); err != nil {
		return 0, 0, err
	}
	return s.volumes.Free()
}

// Unlimited tells why nothing holds new users' files to their limit; nil when
// something does. The first time it tries.
func (s *Store) Unlimited(ctx context.Context) error { return s.volumes.Unfit(ctx) }

// trialLimit is enough for a file or two.
const trialLimit = 16 << 20

// Trial makes a user's folder, limited where that works here, for a driver that
// tries whether its sandboxes see it.
func (s *Store) Trial(ctx context.Context, owner driver.Owner, uid int) error {
	if err := s.Make(); err != nil {
		return err
	}
	return s.volumes.Ensure(ctx, owner, volume.Want{Limit: trialLimit, UID: uid})
}

// EndTrial removes what Trial made.
func (s *Store) EndTrial(ctx context.Context, owner driver.Owner) error {
	return s.volumes.Delete(ctx, owner)
}

// GiveUpLimits makes new users' folders plain ones: a driver's sandboxes do not
// see what is mounted for them.
func (s *Store) GiveUpLimits(why error) { s.volumes.GiveUp(why) }
