// connhost.h: the guest side of connhost.v1 for C without a C library: the
// host's functions, memory, and JSON as far as a hook needs it.
//
//     CH_HOOK(test) {
//         ch_text input = ch_input(size);
//         ...
//         return CH_OUTPUT;
//     }
//
// JSON is never parsed into a tree. A value is the text that it stands in, so
// what is only passed on is passed on unchanged and without a copy.
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

// CH_HOOK begins the function of a hook. It is given size, the length of its
// input, and returns CH_OUTPUT or what ch_fail gives.
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

// JSON, RFC 8259

enum { CH_DEPTH = 200 };

static const char *ch_blank(const char *p, const char *end) {
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
	return p;
}

static int ch_hex(const char *p, const char *end) { // four digits, or -1
	int v = 0;
	if (end - p < 4) return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
		if (d < 0) return -1;
		v = v << 4 | d;
	}
	return v;
}

static const char *ch_skip_string(const char *p, const char *end) {
	for (p++; p < end && *p != '"'; p++) {
		if ((unsigned char)*p < 0x20) return NULL;
		if (*p != '\\') continue;
		if (++p == end) return NULL;
		switch (*p) {
		case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': break;
		case 'u':
			if (ch_hex(p + 1, end) < 0) return NULL;
			p += 4;
			break;
		default: return NULL;
		}
	}
	return p < end ? p + 1 : NULL;
}

static const char *ch_digits(const char *p, const char *end) {
	const char *from = p;
	while (p < end && *p >= '0' && *p <= '9') p++;
	return p > from ? p : NULL;
}

static const char *ch_skip_number(const char *p, const char *end) {
	if (*p == '-') p++;
	if (p < end && *p == '0') p++;
	else if (!(p = ch_digits(p, end))) return NULL;
	if (p < end && *p == '.' && !(p = ch_digits(p + 1, end))) return NULL;
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-')) p++;
		p = ch_digits(p, end);
	}
	return p;
}

// ch_skip gives the place behind the value that begins at p, or NULL where
// there is none.
static const char *ch_skip(const char *p, const char *end, int depth) {
	if (p == end || depth == 0) return NULL;
	if (*p == '"') return ch_skip_string(p, end);
	if (*p != '{' && *p != '[') {
		static const char *const words[] = {"true", "false", "null"};
		for (int i = 0; i < 3; i++) {
			ch_text w = ch_of(words[i]);
			if ((uint32_t)(end - p) >= w.size && ch_same((ch_text){p, w.size}, w)) return p + w.size;
		}
		return ch_skip_number(p, end);
	}
	char close = *p == '{' ? '}' : ']';
	p = ch_blank(p + 1, end);
	if (p < end && *p == close) return p + 1;
	for (;;) {
		if (close == '}') {
			if (p == end || *p != '"' || !(p = ch_skip_string(p, end))) return NULL;
			p = ch_blank(p, end);
			if (p == end || *p != ':') return NULL;
			p = ch_blank(p + 1, end);
		}
		if (!(p = ch_skip(p, end, depth - 1))) return NULL;
		p = ch_blank(p, end);
		if (p == end) return NULL;
		if (*p == close) return p + 1;
		if (*p != ',') return NULL;
		p = ch_blank(p + 1, end);
	}
}

// ch_json is the one value that a text holds; absent where that is not JSON.
static ch_text ch_json(ch_text t) {
	const char *end = t.at + t.size, *from = ch_blank(t.at, end), *to = ch_skip(from, end, CH_DEPTH);
	if (!to || ch_blank(to, end) != end) return (ch_text){0};
	return (ch_text){from, (uint32_t)(to - from)};
}

// ch_member is the value of a key in an object that ch_json gave, the last one
// where there are several; absent in anything else.
static ch_text ch_member(ch_text object, const char *key) {
	ch_text found = {0}, want = ch_of(key);
	if (!ch_has(object) || *object.at != '{') return found;
	const char *p = ch_blank(object.at + 1, object.at + object.size), *end = object.at + object.size;
	while (*p == '"') {
		const char *name = p + 1;
		p = ch_skip_string(p, end);
		ch_text have = {name, (uint32_t)(p - 1 - name)};
		p = ch_blank(ch_blank(p, end) + 1, end); // behind the colon
		const char *value = p;
		p = ch_skip(p, end, CH_DEPTH);
		if (ch_same(have, want)) found = (ch_text){value, (uint32_t)(p - value)};
		p = ch_blank(p, end);
		if (*p == ',') p = ch_blank(p + 1, end);
	}
	return found;
}

static char *ch_put_rune(char *to, uint32_t r) {
	if (r < 0x80) {
		*to++ = (char)r;
		return to;
	}
	if (r < 0x800) *to++ = (char)(0xc0 | r >> 6);
	else {
		if (r < 0x10000) *to++ = (char)(0xe0 | r >> 12);
		else {
			*to++ = (char)(0xf0 | r >> 18);
			*to++ = (char)(0x80 | (r >> 12 & 63));
		}
		*to++ = (char)(0x80 | (r >> 6 & 63));
	}
	*to++ = (char)(0x80 | (r & 63));
	return to;
}

// ch_string is the text of a JSON string; absent for any other value. Half a
// surrogate pair becomes U+FFFD.
static ch_text ch_string(ch_text value) {
	if (!ch_has(value) || *value.at != '"') return (ch_text){0};
	const char *p = value.at + 1, *end = value.at + value.size - 1;
	char *at = ch_alloc(value.size), *to = at;
	while (p < end) {
		if (*p != '\\') {
			*to++ = *p++;
			continue;
		}
		char c = p[1];
		p += 2;
		if (c != 'u') {
			*to++ = c == 'b' ? '\b' : c == 'f' ? '\f' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
			continue;
		}
		uint32_t r = (uint32_t)ch_hex(p, end);
		p += 4;
		if (r >> 11 == 0x1b) { // a surrogate
			int low = r < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? ch_hex(p + 2, end) : -1;
			if (low >> 10 == 0x37) {
				r = 0x10000 + ((r - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
				p += 6;
			} else r = 0xfffd;
		}
		to = ch_put_rune(to, r);
	}
	return (ch_text){at, (uint32_t)(to - at)};
}

// ch_uint is a whole number; 0 for any other value.
static uint32_t ch_uint(ch_text value) {
	uint32_t n = 0;
	for (uint32_t i = 0; i < value.size; i++) {
		if (value.at[i] < '0' || value.at[i] > '9') return 0;
		n = n * 10 + (uint32_t)(value.at[i] - '0');
	}
	return n;
}

// ch_utf8 says whether a text is valid UTF-8, RFC 3629.
static bool ch_utf8(ch_text t) {
	const unsigned char *p = (const unsigned char *)t.at, *end = p + t.size;
	while (p < end) {
		unsigned char c = *p++, least = 0x80, most = 0xbf;
		int more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : -1;
		if (more < 0 || end - p < more) return false;
		if (c == 0xe0) least = 0xa0;
		if (c == 0xed) most = 0x9f;
		if (c == 0xf0) least = 0x90;
		if (c == 0xf4) most = 0x8f;
		for (; more > 0; more--, p++, least = 0x80, most = 0xbf)
			if (*p < least || *p > most) return false;
	}
	return true;
}

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

#endif
