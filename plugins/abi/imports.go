package abi

// A Function is one that a host offers to guests, with its signature in words:
// "(i32, i32) -> i32".
type Function struct {
	Module, Name, Type string
}

// WASIModule is the module whose functions a compiler's own library imports.
// The host answers them without a file system, environment or network.
const WASIModule = "wasi_snapshot_preview1"

// Functions are those of ImportModule that this host has.
func Functions() []Function {
	return []Function{
		{ImportModule, "input", "(i32, i32) -> i32"},
		{ImportModule, "output", "(i32, i32) -> i32"},
		{ImportModule, "log", "(i32, i32, i32) -> i32"},
		{ImportModule, "now", "() -> i64"},
		{ImportModule, "random", "(i32, i32) -> i32"},
		{ImportModule, "body", "(i32, i32, i32, i32) -> i32"},
		{ImportModule, "take", "(i32, i32) -> i32"},
		{ImportModule, "crypto", "(i32, i32) -> i32"},
		{ImportModule, ImportHTTP, "(i32, i32) -> i32"},
		{ImportModule, ImportSecret, "(i32, i32) -> i32"},
	}
}

// Functions that a module may import only where its manifest says so.
const (
	ImportHTTP   = "http"   // with the hook "action"
	ImportSecret = "secret" // with reveal_secrets
)

// WASIFunctions are the names of WASIModule that the host answers.
func WASIFunctions() []string {
	return []string{
		"args_get", "args_sizes_get", "environ_get", "environ_sizes_get", "clock_res_get", "clock_time_get",
		"random_get", "sched_yield", "poll_oneoff", "proc_exit", "fd_write", "fd_read", "fd_close",
		"fd_fdstat_get", "fd_fdstat_set_flags", "fd_prestat_get", "fd_prestat_dir_name", "fd_seek",
	}
}

// Names that a module with hooks exports.
const (
	ExportMemory     = "memory"
	ExportInitialize = "_initialize" // called once, before the hook; optional
	HookPrefix       = "ch_"
	HookType         = "(i32) -> i32"
)
