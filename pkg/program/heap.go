package program

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// heapFloor is how large the heap grows before it is collected, in bytes. A
// platform at work keeps some 35 MB alive; to collect them whenever there is as much
// garbage is a tenth of what it does under load.
const heapFloor = 128 << 20

// collectAboveFloor lets garbage gather up to the floor. A heap that keeps more
// than half of it alive doubles between collections, as is Go's own rule. GOGC,
// set by the operator, is left alone.
func collectAboveFloor() {
	if os.Getenv("GOGC") != "" { //nolint:forbidigo // the runtime's own, and no setting of the platform
		return
	}
	setPace(0)
	afterCollection(setPace)
}

func setPace(alive uint64) { debug.SetGCPercent(percentOf(alive)) }

// percentOf is the garbage that may gather, in percent of what is alive.
func percentOf(alive uint64) int {
	const least = heapFloor / 32 // of which the runtime doubles its own least heap, 4 MB
	alive = max(alive, least)
	return max(100, int(100*(heapFloor-min(alive, heapFloor))/alive))
}

// afterCollection tells what each collection left alive.
func afterCollection(told func(alive uint64)) {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	var again func(*[16]byte)
	again = func(garbage *[16]byte) {
		metrics.Read(sample)
		told(sample[0].Value.Uint64())
		runtime.SetFinalizer(garbage, again) // it is found by the next one
	}
	again(new([16]byte))
}
