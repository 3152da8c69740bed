//go:build race

package meter_test

// The race detector takes several times as long.
const raced = 8
