//go:build race

package plugintest_test

// Rules and cases of the whole catalogue take minutes with the race detector; those of
// a few connectors show what it could find.
const wholeCatalogue = false
