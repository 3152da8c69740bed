package wasm

import "path/filepath"

// Forget removes what the disk keeps of a connector's compiled code. A file
// that would not be loaded has none. Code that a call uses now stays in memory
// until nobody needs it, and another connector with the very same code is
// compiled again at its next call.
func (r *Runtime) Forget(file []byte) {
	if r.disk.dir == "" {
		return
	}
	if p, err := prepare(file, r.opts.Limits); err == nil {
		r.disk.remove(filepath.Join(r.disk.dir, key(p.code)))
	}
}
