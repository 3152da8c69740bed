// crypto.h: secrets that a hook uses and never sees, and what the host signs
// with them.
//
// A secret is named by a place, {{secret:NAME}}: in a header, a query value or
// a body that the hook gives, and in a key. The host fills it in.
#ifndef CONNHOST_CRYPTO_H
#define CONNHOST_CRYPTO_H

#include "connhost.h"

CH_IMPORT(crypto) int32_t ch_host_crypto(const void *ptr, uint32_t size);
CH_IMPORT(secret) int32_t ch_host_secret(const void *ptr, uint32_t size);

// ch_place is the text that stands for a secret.
static ch_text ch_place(const char *name) {
	return CH_JOIN(ch_of("{{secret:"), ch_of(name), ch_of("}}"));
}

// A ch_crypto is one operation. ABI.md has a table of them.
typedef struct {
	const char *op;  // hash, hmac, derive, sign, verify
	const char *alg; // sha256, RS256 and so on
	ch_text key;     // of all but hash; may hold places
	ch_text data;    // a text; may hold places where the key does, for a MAC
} ch_crypto;

// ch_do is what an operation stages: bytes, or a text where ABI.md says so.
// Absent with the host's reason in *why, which may be NULL.
static ch_text ch_do(ch_crypto c, ch_text *why) {
	__typeof__(ch_answer) answer = ch_answer; // what the hook has written so far
	memset(&ch_answer, 0, sizeof ch_answer);
	ch_put("{\"op\":");
	ch_put_string(ch_of(c.op));
	ch_put(",\"alg\":");
	ch_put_string(ch_of(c.alg));
	if (ch_has(c.key)) {
		ch_put(",\"key\":");
		ch_put_string(c.key);
	}
	ch_put(",\"data\":");
	ch_put_string(c.data);
	ch_put("}");
	int32_t n = ch_host_crypto(ch_answer.at, ch_answer.size);
	ch_answer = answer;
	return ch_taken(n, why);
}

// ch_hash is the digest of data, without any place.
static ch_text ch_hash(const char *alg, ch_text data) {
	return ch_do((ch_crypto){.op = "hash", .alg = alg, .data = data}, NULL);
}

// ch_hmac is the MAC of data under a key that may hold places.
static ch_text ch_hmac(const char *alg, ch_text key, ch_text data) {
	return ch_do((ch_crypto){.op = "hmac", .alg = alg, .key = key, .data = data}, NULL);
}

// ch_derive makes a MAC the host's own key and gives its name, for a place.
static ch_text ch_derive(const char *alg, ch_text key, ch_text data) {
	return ch_do((ch_crypto){.op = "derive", .alg = alg, .key = key, .data = data}, NULL);
}

// ch_sign is the signature of data under a private key, which is a place.
static ch_text ch_sign(const char *alg, ch_text key, ch_text data) {
	return ch_do((ch_crypto){.op = "sign", .alg = alg, .key = key, .data = data}, NULL);
}

// ch_secret is the value of a secret that the manifest lists in reveal_secrets
// and an administrator granted; absent otherwise. A module that calls it without
// that list is refused.
static ch_text ch_secret(const char *name) {
	ch_text n = ch_of(name);
	return ch_taken(ch_host_secret(n.at, n.size), NULL);
}

// ch_to_hex writes bytes in lower-case hexadecimal.
static ch_text ch_to_hex(ch_text bytes) {
	static const char digits[] = "0123456789abcdef";
	char *at = ch_alloc(2 * bytes.size);
	for (uint32_t i = 0; i < bytes.size; i++) {
		unsigned char c = (unsigned char)bytes.at[i];
		at[2 * i] = digits[c >> 4];
		at[2 * i + 1] = digits[c & 15];
	}
	return (ch_text){at, 2 * bytes.size};
}

// ch_to_base64 writes bytes in base64 with padding, RFC 4648 section 4.
static ch_text ch_to_base64(ch_text bytes) {
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t size = (bytes.size + 2) / 3 * 4;
	char *at = ch_alloc(size), *to = at;
	for (uint32_t i = 0; i < bytes.size; i += 3) {
		uint32_t left = bytes.size - i, v = 0;
		for (uint32_t k = 0; k < 3; k++) v = v << 8 | (k < left ? (unsigned char)bytes.at[i + k] : 0);
		*to++ = digits[v >> 18];
		*to++ = digits[v >> 12 & 63];
		*to++ = left > 1 ? digits[v >> 6 & 63] : '=';
		*to++ = left > 2 ? digits[v & 63] : '=';
	}
	return (ch_text){at, size};
}

// ch_decimal writes a number in decimal digits.
static ch_text ch_decimal(int64_t n) {
	char *end = (char *)ch_alloc(20) + 20, *at = end;
	uint64_t v = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	do *--at = (char)('0' + v % 10);
	while (v /= 10);
	if (n < 0) *--at = '-';
	return (ch_text){at, (uint32_t)(end - at)};
}

#endif
