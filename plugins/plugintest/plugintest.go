// Package plugintest calls the hooks of a connector without a store and runs the
// cases that its author wrote. Nothing leaves it: a hook that asks for a request
// is told so, and secrets are those that the caller gives.
//
//	cases/*.yaml --ReadCases--> Case --+
//	connector's file --Open--> Runner --+--> Result
//
// With a fixed clock and fixed random bytes the same call gives the same output
// and burns the same fuel on every machine.
package plugintest
