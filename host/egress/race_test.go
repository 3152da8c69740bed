//go:build race

package egress_test

// The race detector takes several times as long: .ci/run streams the whole of it
// without.
const streamed = 1 << 30
