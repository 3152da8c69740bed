// echo.h: what the guests in C have in common: bytes and memory. The two
// functions of the benchmark are
//
//	noop	takes {} and gives {}
//	echo	gives what it takes
//
// in each of the three agreements. An echo copies into the guest's memory and
// out of it, as a real guest does.
#include <stddef.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

void *memcpy(void *restrict to, const void *restrict from, size_t n) {
	char *t = to;
	const char *f = from;
	while (n--) *t++ = *f++;
	return to;
}

extern char __heap_base; // from the linker
static uintptr_t top;

// begin forgets what was taken.
static inline void begin(void) { top = (uintptr_t)&__heap_base; }

static void *take(uint32_t n) {
	uintptr_t at = (top + 7) & ~(uintptr_t)7, have = (uintptr_t)__builtin_wasm_memory_size(0) << 16;
	if (at + n > have && __builtin_wasm_memory_grow(0, (at + n - have + 0xffff) >> 16) == (size_t)-1)
		__builtin_trap();
	top = at + n;
	return (void *)at;
}
