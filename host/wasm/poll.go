package wasm

import (
	"encoding/binary"
	"math"
)

// Sizes and tags of WASI preview 1's poll_oneoff.
const (
	subscriptionSize = 48
	eventSize        = 32
	tagClock         = 0
	maxSubscriptions = 256
)

// poll answers what a guest waits for. A clock is due at once: the guest's
// clock is put forward to it. Anything else is about a file, and there is
// none.
func (g guest) poll(a []uint64) uint64 {
	n, count := uint64(uint32(a[2])), a[3]
	if n == 0 || n > maxSubscriptions {
		return wasiInval
	}
	asked, ok := g.view(a[0], n*subscriptionSize)
	if !ok {
		return wasiFault
	}
	events, ok := g.view(a[1], n*eventSize)
	if !ok {
		return wasiFault
	}
	now := uint64(g.clock.read().UnixNano())
	next := nearest(asked, now)
	due := uint32(0)
	for ; len(asked) > 0; asked = asked[subscriptionSize:] {
		var event [eventSize]byte
		copy(event[:8], asked) // the guest's own word
		event[10] = asked[8]
		if asked[8] != tagClock {
			binary.LittleEndian.PutUint16(event[8:], wasiBadF)
		} else if wait(asked, now) > next {
			continue
		}
		copy(events[due*eventSize:], event[:])
		due++
	}
	g.call.clock.sleep(next)
	return g.put32(count, due)
}

// nearest is the shortest time that the subscriptions wait for.
func nearest(asked []byte, now uint64) uint64 {
	next := uint64(math.MaxUint64)
	for ; len(asked) > 0; asked = asked[subscriptionSize:] {
		if asked[8] != tagClock {
			return 0
		}
		next = min(next, wait(asked, now))
	}
	return next
}

// wait is how many nanoseconds from now a clock's subscription is due.
func wait(subscription []byte, now uint64) uint64 {
	due := binary.LittleEndian.Uint64(subscription[24:])
	if relative := subscription[40]&1 == 0; relative {
		return due
	}
	return due - min(due, now)
}
