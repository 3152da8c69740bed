//go:build !race

package egress_test

const streamed = 10 << 30
