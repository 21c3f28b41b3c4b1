package workspace

// action is the next step of a worker.
type action uint8

const (
	// settle: nothing to do.
	settle action = iota
	// bringUp: make the sandbox and the editor.
	bringUp
	// takeOver: the sandbox runs, made by an earlier process; wait for its editor.
	takeOver
	// halt: end the sandbox and say stopped.
	halt
	// mourn: it should run, and ended by itself.
	mourn
	// erase: end the sandbox, delete files and row.
	erase
)

// decide gives the next step from what is wanted, what the row says, and
// whether the sandbox really runs.
func decide(w Workspace, alive bool) action {
	switch w.Desired {
	case WantDeleted:
		return erase
	case WantRunning:
		switch {
		case w.Restart:
			return halt
		case !alive && w.Status == Running:
			return mourn
		case !alive:
			return bringUp
		case w.Status != Running:
			return takeOver
		}
	case WantStopped:
		if alive || (w.Status != Stopped && w.Status != Failed) {
			return halt
		}
	}
	return settle
}
