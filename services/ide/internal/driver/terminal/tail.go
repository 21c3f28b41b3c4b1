package terminal

import "unicode/utf8"

// Replay is how many bytes of what was printed a new watcher is shown.
const Replay = 64 << 10

// tail remembers the last bytes that were written to it.
type tail struct {
	ring []byte // grows up to Replay
	next int    // where the oldest byte is, once the ring is full
}

func (t *tail) write(p []byte) {
	if len(p) >= Replay {
		t.ring, t.next = append(t.ring[:0], p[len(p)-Replay:]...), 0
		return
	}
	if room := Replay - len(t.ring); room > 0 {
		n := min(room, len(p))
		t.ring, p = append(t.ring, p[:n]...), p[n:]
	}
	for len(p) > 0 {
		n := copy(t.ring[t.next:], p)
		t.next, p = (t.next+n)%Replay, p[n:]
	}
}

// bytes gives them, the oldest first. A character whose beginning is lost is left
// out.
func (t *tail) bytes() []byte {
	all := append(append(make([]byte, 0, len(t.ring)), t.ring[t.next:]...), t.ring[:t.next]...)
	if len(all) < Replay {
		return all
	}
	for i := 0; i < utf8.UTFMax && i < len(all); i++ {
		if utf8.RuneStart(all[i]) {
			return all[i:]
		}
	}
	return all
}
