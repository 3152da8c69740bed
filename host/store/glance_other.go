//go:build !(linux || darwin || freebsd)

package store

// A header cannot be looked at here.
type header struct{}

// A glance sees nothing here, and SQLite is asked each time.
type glance struct{}

func openGlance(string) glance { return glance{} }

func (glance) look() (header, bool) { return header{}, false }
