// connhost.h: the guest side of connhost.v1 for C without a C library: the
// host's functions, memory, and the answer of a hook.
//
//     #include "sdk/connhost.h"
//
//     CH_HOOK(test) {
//         ch_text input = ch_input(size);
//         ...
//         return ch_push(CH_OUTPUT);
//     }
//
// json.h reads JSON, crypto.h has secrets and what is signed with them, and
// http.h the requests of the hook "action". All of it is functions in headers,
// for a hook is one file: what it does not call is not in the module.
#ifndef CONNHOST_H
#define CONNHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CH_IMPORT(name) __attribute__((import_module("connhost"), import_name(#name)))

CH_IMPORT(input) int32_t ch_host_input(void *ptr, uint32_t size);
CH_IMPORT(output) int32_t ch_host_output(const void *ptr, uint32_t size);
CH_IMPORT(log) int32_t ch_host_log(uint32_t level, const void *ptr, uint32_t size);
CH_IMPORT(now) int64_t ch_host_now(void);
CH_IMPORT(random) int32_t ch_host_random(void *ptr, uint32_t size);
CH_IMPORT(body) int32_t ch_host_body(uint32_t handle, uint32_t off, void *ptr, uint32_t size);
CH_IMPORT(take) int32_t ch_host_take(void *ptr, uint32_t size);

// CH_HOOK begins the function of a hook. It is given size, the length of its
// input, and returns what ch_push or ch_fail gives.
#define CH_HOOK(name) \
	__attribute__((export_name("ch_" #name))) int32_t ch_hook_##name(uint32_t size)

enum { CH_OUTPUT = 0, CH_ERROR = 1 };
enum { CH_DEBUG, CH_INFO, CH_WARNING, CH_FAULT };

// A ch_text is a piece of text. One without an address is absent.
typedef struct {
	const char *at;
	uint32_t size;
} ch_text;

static inline bool ch_has(ch_text t) { return t.at != NULL; }

// Bytes

// The compiler calls these two by name.
void *memcpy(void *restrict to, const void *restrict from, size_t n) {
	char *t = to;
	const char *f = from;
	while (n--) *t++ = *f++;
	return to;
}

void *memset(void *to, int value, size_t n) {
	char *t = to;
	while (n--) *t++ = (char)value;
	return to;
}

static bool ch_same(ch_text a, ch_text b) {
	if (a.size != b.size) return false;
	for (uint32_t i = 0; i < a.size; i++)
		if (a.at[i] != b.at[i]) return false;
	return true;
}

static ch_text ch_of(const char *s) {
	uint32_t n = 0;
	while (s[n]) n++;
	return (ch_text){s, n};
}

static bool ch_is(ch_text t, const char *s) { return ch_has(t) && ch_same(t, ch_of(s)); }

// Memory is taken from the end of the program on and never given back: it
// lives as long as the call. Where the host gives no more, the hook traps, and
// the host says that memory was the reason.

extern char __heap_base; // from the linker
static uintptr_t ch_top;

static void *ch_alloc(uint32_t n) {
	uintptr_t at = (ch_top + 7) & ~(uintptr_t)7;
	uintptr_t have = (uintptr_t)__builtin_wasm_memory_size(0) << 16;
	if (at < ch_top || at + n < at) __builtin_trap();
	if (at + n > have && __builtin_wasm_memory_grow(0, (at + n - have + 0xffff) >> 16) == (size_t)-1)
		__builtin_trap();
	ch_top = at + n;
	return (void *)at;
}

// The answer is written piece by piece and pushed by ch_push or ch_fail.
static struct {
	char *at;
	uint32_t size, room;
} ch_answer;

static void ch_put_text(ch_text t) {
	if (t.size > ch_answer.room - ch_answer.size) {
		uint32_t room = 2 * (ch_answer.size + t.size) + 256;
		char *at = ch_alloc(room);
		memcpy(at, ch_answer.at, ch_answer.size);
		ch_answer.at = at;
		ch_answer.room = room;
	}
	memcpy(ch_answer.at + ch_answer.size, t.at, t.size);
	ch_answer.size += t.size;
}
static void ch_put(const char *s) { ch_put_text(ch_of(s)); }

// ch_put_string writes t as a JSON string.
static void ch_put_string(ch_text t) {
	static const char digits[] = "0123456789abcdef";
	ch_put("\"");
	uint32_t from = 0;
	for (uint32_t i = 0; i < t.size; i++) {
		unsigned char c = (unsigned char)t.at[i];
		if (c >= 0x20 && c != '"' && c != '\\') continue;
		ch_put_text((ch_text){t.at + from, i - from});
		char escaped[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
		ch_put_text((ch_text){escaped, sizeof escaped});
		from = i + 1;
	}
	ch_put_text((ch_text){t.at + from, t.size - from});
	ch_put("\"");
}

static int32_t ch_push(int32_t kind) {
	ch_host_output(ch_answer.at, ch_answer.size);
	return kind;
}

// A ch_error is the connector's own error.
typedef struct {
	ch_text code, message;
	ch_text field;  // which parameter is wrong, or absent
	bool retryable; // the same call may succeed later
	bool reauth;    // the authorization is dead
} ch_error;

static int32_t ch_fail(ch_error e) {
	ch_answer.size = 0;
	ch_put("{\"code\":");
	ch_put_string(e.code);
	ch_put(",\"message\":");
	ch_put_string(e.message);
	if (ch_has(e.field)) {
		ch_put(",\"field\":");
		ch_put_string(e.field);
	}
	if (e.retryable) ch_put(",\"retryable\":true");
	if (e.reauth) ch_put(",\"reauth\":true");
	ch_put("}");
	return ch_push(CH_ERROR);
}

// ch_join is texts one after the other.
static ch_text ch_join(const ch_text *texts, int n) {
	uint32_t size = 0;
	for (int i = 0; i < n; i++) size += texts[i].size;
	char *at = ch_alloc(size), *to = at;
	for (int i = 0; i < n; to += texts[i++].size) memcpy(to, texts[i].at, texts[i].size);
	return (ch_text){at, size};
}
#define CH_JOIN(...) ch_join((ch_text[]){__VA_ARGS__}, sizeof((ch_text[]){__VA_ARGS__}) / sizeof(ch_text))

#include "json.h"

// The call

// ch_input begins a call and gives its input, JSON of size bytes.
static ch_text ch_input(uint32_t size) {
	ch_top = (uintptr_t)&__heap_base;
	memset(&ch_answer, 0, sizeof ch_answer);
	char *at = ch_alloc(size);
	int32_t got = ch_host_input(at, size);
	return ch_json((ch_text){at, got > 0 ? (uint32_t)got : 0});
}

// ch_body is the body of a response, wherever the host keeps it; absent where
// it cannot be read.
static ch_text ch_body(ch_text response) {
	uint32_t handle = ch_uint(ch_member(response, "body_handle"));
	if (handle == 0) return ch_string(ch_member(response, "body"));
	uint32_t size = ch_uint(ch_member(response, "body_size"));
	char *at = ch_alloc(size);
	for (uint32_t have = 0; have < size;) {
		int32_t n = ch_host_body(handle, have, at + have, size - have);
		if (n <= 0) return (ch_text){0};
		have += (uint32_t)n;
	}
	return (ch_text){at, size};
}

// ch_log writes one line to the operator's log.
static inline void ch_log(uint32_t level, ch_text line) { ch_host_log(level, line.at, line.size); }

// ch_now is the host's time, Unix milliseconds.
static inline int64_t ch_now(void) { return ch_host_now(); }

// ch_random fills size bytes, at most 64 KiB, with the host's random ones.
static inline bool ch_random(void *to, uint32_t size) { return ch_host_random(to, size) == (int32_t)size; }

// ch_taken is what a host function has staged: n bytes of it. Where n is below
// 0 it is absent, and *why, if that is asked for, is the host's error, JSON with
// "code" and "message".
static ch_text ch_taken(int32_t n, ch_text *why) {
	uint32_t room = n < 0 ? 4096 : (uint32_t)n;
	char *at = ch_alloc(room);
	int32_t got = ch_host_take(at, room);
	ch_text staged = {at, got > 0 ? (uint32_t)got : 0};
	if (n >= 0) return staged;
	if (why) *why = ch_json(staged);
	return (ch_text){0};
}

#endif
