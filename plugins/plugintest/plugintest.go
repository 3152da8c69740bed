// Package plugintest tests connectors: by the cases that their authors wrote, and
// by the rules that all keep. Nothing leaves it.
//
//	cases/*.yaml --ReadCases--> Case ------> Runner: a hook by itself ------> Result
//	                            TapeCase --> Rehearsal, played from a tape
//	                            Flow ------> Rehearsal with the lab --------> FlowResult
//	connector's file ---------> Suite -----> Rehearsal for each Rule -------> Verdict
//
// A Runner has a fixed clock and fixed random bytes, so the same call gives the
// same output and burns the same fuel on every machine. A Rehearsal is a whole
// host, whose only way out leads to the service that the manifest describes.
package plugintest
