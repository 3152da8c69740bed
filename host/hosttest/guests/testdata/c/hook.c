// A hook that goes wrong in the way that the response's body names.
#include "sdk/connhost.h"

__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_exit")))
_Noreturn void proc_exit(uint32_t status);

// recurse needs the result of the inner call, so that it cannot be a loop.
static volatile uint32_t depth;
__attribute__((noinline)) static uint32_t recurse(uint32_t n) {
	depth = n;
	if (n == UINT32_MAX) return 0;
	return recurse(n + 1) * 31 + depth;
}

// fork has no loop, and as many calls as 2 to the power of n.
__attribute__((noinline)) static void fork(uint32_t n) {
	depth = n;
	if (n == 0) return;
	fork(n - 1);
	fork(n - 1);
}

CH_HOOK(test) {
	ch_text what = ch_body(ch_member(ch_input(size), "response"));
	if (ch_is(what, "trap")) __builtin_trap();
	if (ch_is(what, "exit")) proc_exit(3);
	if (ch_is(what, "loop"))
		for (;;) depth++;
	if (ch_is(what, "memory"))
		for (;;) ch_alloc(1 << 20);
	if (ch_is(what, "stack")) return (int32_t)recurse(0);
	if (ch_is(what, "fork")) fork(60);
	if (ch_is(what, "declared"))
		return ch_fail((ch_error){.code = ch_of("rate_limited"), .message = ch_of("come back later"), .retryable = true, .field = ch_of("key")});
	ch_put("{\"ok\":true,\"message\":");
	ch_put_string(what);
	ch_put("}");
	return ch_push(CH_OUTPUT);
}
