package keys

import (
	"fmt"
	"slices"
	"time"
)

// Rotation is what a rotation of the identity key has set going.
type Rotation struct {
	// Signs is when the new key begins to sign, Retired when the old one's
	// signatures stop to count.
	Signs, Retired time.Time
}

// RotateIdentity puts a new identity key beside the old one. Services learn the
// new public key at once, the gateway signs with it after the lead, and tokens
// of the old key count until the last of them has ended: nothing else has to be
// done, and no call is refused. Keys that earlier rotations retired leave the
// files. A rotation whose lead is not over is an error.
func RotateIdentity(path, publicPath string, lead time.Duration, now time.Time) (Rotation, error) {
	now = now.Truncate(time.Second) // as the files keep it
	private, err := readPrivate(path)
	if err != nil {
		return Rotation{}, err
	}
	if newest := private[len(private)-1]; newest.notBefore.After(now) {
		return Rotation{}, fmt.Errorf("identity key %s: a rotation is under way; its key signs from %s on",
			path, newest.notBefore.Format(time.RFC3339))
	}
	retired := publicKeys(private)
	kept := slices.DeleteFunc(slices.Clone(private), func(p privateKey) bool {
		i := slices.IndexFunc(retired, func(r publicKey) bool { return r.id == p.id })
		return !retired[i].notAfter.IsZero() && now.After(retired[i].notAfter)
	})
	next, err := newPrivateKey(now.Add(lead))
	if err != nil {
		return Rotation{}, err
	}
	return Rotation{Signs: next.notBefore, Retired: next.notBefore.Add(grace)}, writeIdentity(path, publicPath, append(kept, next))
}

// ReplaceIdentity replaces every identity key by a new one, for when the old
// one may be known to others. Calls that are signed with the old one are
// refused from the next look of the services at their file on, for a second or
// two also the gateway's own.
func ReplaceIdentity(path, publicPath string) error {
	next, err := newPrivateKey(time.Time{})
	if err != nil {
		return err
	}
	return writeIdentity(path, publicPath, []privateKey{next})
}
