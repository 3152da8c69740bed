// The guest for knqyf263/go-plugin, for the service of proto/guest.proto. The
// host asks for memory, writes a protobuf message there and reads another.
#include "echo.h"

static uint32_t pieces;

EXPORT("malloc") void *take_piece(uint32_t size) {
	if (pieces++ == 0) begin();
	return take(size);
}

EXPORT("free") void free_piece(void *at) {
	(void)at;
	pieces--;
}

EXPORT("guest_api_version") uint64_t api_version(void) { return 1; }

// reply makes a message of its one field, "data".
static uint64_t reply(const char *data, uint32_t size) {
	uint8_t *at = take_piece(size + 6), *to = at;
	*to++ = 1 << 3 | 2; // field 1, bytes
	uint32_t rest = size;
	for (; rest >= 0x80; rest >>= 7) *to++ = (uint8_t)(rest | 0x80);
	*to++ = (uint8_t)rest;
	memcpy(to, data, size);
	return (uint64_t)(uintptr_t)at << 32 | (uint32_t)(to - at + size);
}

EXPORT("guest_noop") uint64_t noop(const uint8_t *at, uint32_t size) {
	(void)at, (void)size;
	return reply("{}", 2);
}

EXPORT("guest_echo") uint64_t echo(const uint8_t *at, uint32_t size) {
	uint32_t n = 0, shift = 0;
	if (size == 0 || *at++ != (1 << 3 | 2)) __builtin_trap();
	do n |= (uint32_t)(*at & 0x7f) << shift, shift += 7;
	while (*at++ & 0x80);
	return reply((const char *)at, n);
}
