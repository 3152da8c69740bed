package value

// Footprint returns about how many bytes the values hold, counting what they
// share once. It charges b for the walk, not for what it finds.
func Footprint(b *Budget, values ...any) int64 {
	f := footprint{b: b, seen: make(map[any]struct{})}
	f.todo = append(f.todo, values...)
	for len(f.todo) > 0 {
		v := f.todo[len(f.todo)-1]
		f.todo = f.todo[:len(f.todo)-1]
		f.add(Resolve(v))
	}
	return f.bytes
}

// A footprint keeps its own stack, because what it measures may be nested to
// any depth.
type footprint struct {
	b     *Budget
	bytes int64
	seen  map[any]struct{}
	todo  []any
}

func (f *footprint) add(v any) {
	f.b.Tick(1)
	switch t := v.(type) {
	case string:
		f.bytes += int64(len(t)) + 16
	case *List:
		if f.first(v) {
			f.bytes += int64(cap(t.items)) * elementBytes
			f.todo = append(f.todo, t.items...)
		}
	case *Map:
		if f.first(v) {
			f.bytes += int64(cap(t.entries)) * entryBytes
			for k, v := range t.All() {
				f.todo = append(f.todo, k, v)
			}
		}
	case *Collection:
		if f.first(v) {
			f.bytes += 16
			if t.list != nil {
				f.todo = append(f.todo, t.list)
			}
			if t.m != nil {
				f.todo = append(f.todo, t.m)
			}
		}
	case *File:
		if f.first(v) {
			f.bytes += max(0, t.Size)
		}
	default:
		f.bytes += 8
	}
}

func (f *footprint) first(v any) bool {
	if _, ok := f.seen[v]; ok {
		return false
	}
	f.seen[v] = struct{}{}
	return true
}
