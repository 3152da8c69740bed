package meter

// What running costs, in units of about one simple instruction.
const (
	costCall = 32 // above that of the instruction

	// A function of at most so many instructions that loops nowhere and calls
	// nothing pays nothing itself: every call has paid for it.
	freeCost = costCall

	// A part of a function that is not always run pays for itself, unless it
	// is short: then it is paid where its surroundings are, up to so much.
	shortPart = 24
	mostTaken = 160

	costBytes    = 16 // for a memory.fill, copy or init, and one for each 16 bytes
	costElements = 64 // for an operation on a table, and one for each element
	costPages    = 1_000
	costPage     = 4_096 // for each page that memory.grow wants, 65,536 at most
)

// settle decides which points of a function pay. A part that is short is paid
// at the point that is always passed before it.
func (b *body) settle(bulk int) {
	total := int64(0)
	for i := range b.points {
		p := &b.points[i]
		p.into = i
		total += p.cost
		if p.look {
			continue
		}
		to := p.enter
		for b.points[to].into != to {
			to = b.points[to].into
		}
		if target := &b.points[to]; p.cost <= shortPart && target.taken+p.cost <= mostTaken {
			target.taken += p.cost
			p.into = to
		}
	}
	for i := range b.points {
		if p := b.points[i]; p.into != i {
			b.points[p.into].cost += p.cost
			b.points[i].cost = 0
		}
	}
	loops := 0
	for _, p := range b.points {
		if p.look {
			loops++
		}
	}
	b.keeps = loops > 1 && !b.nests
	b.free = loops == 1 && bulk == 0 && !b.nests && total <= freeCost
}

// weigh estimates the native stack of one call: as if every value that an
// instruction makes had a place of its own in it.
func (b *body) weigh(r *reader) {
	each := int64(8)
	if r.wide {
		each = 16
	}
	b.weight = 128 + each*int64(r.values+r.locals)
}
