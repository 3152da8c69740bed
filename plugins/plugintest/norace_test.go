//go:build !race

package plugintest_test

const wholeCatalogue = true
