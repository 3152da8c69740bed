//go:build race

package wasm_test

// The race detector keeps several bytes for each one that a program uses, and
// takes several times as long.
const raced = 8
