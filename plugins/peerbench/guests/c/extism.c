// The guest for Extism. Input and output lie in a memory of the host's, which
// a guest reads and writes through functions, eight bytes at a time, as the
// PDKs do.
#include "echo.h"

#define ENV "extism:host/env"

IMPORT(ENV, "input_length") uint64_t input_length(void);
IMPORT(ENV, "input_load_u64") uint64_t input_load_u64(uint64_t off);
IMPORT(ENV, "input_load_u8") uint32_t input_load_u8(uint64_t off);
IMPORT(ENV, "alloc") uint64_t alloc(uint64_t size);
IMPORT(ENV, "store_u64") void store_u64(uint64_t off, uint64_t value);
IMPORT(ENV, "store_u8") void store_u8(uint64_t off, uint32_t value);
IMPORT(ENV, "output_set") void output_set(uint64_t off, uint64_t size);

static void output(const char *at, uint64_t size) {
	uint64_t to = alloc(size), i = 0;
	for (; i + 8 <= size; i += 8) store_u64(to + i, *(const uint64_t *)(at + i));
	for (; i < size; i++) store_u8(to + i, (uint8_t)at[i]);
	output_set(to, size);
}

EXPORT("noop") int32_t noop(void) {
	output("{}", 2);
	return 0;
}

EXPORT("echo") int32_t echo(void) {
	begin();
	uint64_t size = input_length(), i = 0;
	char *at = take((uint32_t)size);
	for (; i + 8 <= size; i += 8) *(uint64_t *)(at + i) = input_load_u64(i);
	for (; i < size; i++) at[i] = (char)input_load_u8(i);
	output(at, size);
	return 0;
}
