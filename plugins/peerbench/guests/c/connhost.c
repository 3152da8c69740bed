// The guest for connhost.v1.
#include "echo.h"

IMPORT("connhost", "input") int32_t input(void *ptr, uint32_t size);
IMPORT("connhost", "output") int32_t output(const void *ptr, uint32_t size);

EXPORT("ch_test") int32_t noop(uint32_t size) {
	(void)size;
	output("{}", 2);
	return 0;
}

EXPORT("ch_respond") int32_t echo(uint32_t size) {
	begin();
	void *at = take(size);
	input(at, size);
	output(at, size);
	return 0;
}
