package program

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGarbageGathersUpToTheFloor(t *testing.T) {
	for alive, target := range map[uint64]uint64{
		8 << 20: heapFloor, 20 << 20: heapFloor, heapFloor / 2: heapFloor, heapFloor: 2 * heapFloor, 8 * heapFloor: 16 * heapFloor,
	} {
		next := alive + alive*uint64(percentOf(alive))/100
		require.InEpsilon(t, target, next, 0.02, "%d MiB alive", alive>>20)
	}
}

func TestEachCollectionIsTold(t *testing.T) {
	told := make(chan uint64, 100)
	afterCollection(func(alive uint64) { told <- alive })
	<-told // at once, before any
	for range 3 {
		require.Eventually(t, func() bool {
			runtime.GC()
			select {
			case alive := <-told:
				return alive > 0
			default:
				return false
			}
		}, 10*time.Second, 10*time.Millisecond)
	}
}
