// Package host holds the words and rules of connhost: connections, the
// authorizations behind them, who may use them, and the contracts that the
// packages below it implement. It does no input or output of its own.
//
// The packages under host know this one and not each other; broker composes
// them through the contracts that stand here, and the command wires them:
//
//	cmd -> broker -> host <- store, seal, wasm, oauth, auth, egress
package host
