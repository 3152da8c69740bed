// json.h: JSON as far as a hook needs it, RFC 8259. connhost.h includes it.
//
// JSON is never parsed into a tree. A value is the text that it stands in, so
// what is only passed on is passed on unchanged and without a copy. A reader
// gives an absent text for what is not there or of another kind.
#ifndef CONNHOST_JSON_H
#define CONNHOST_JSON_H

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

// ch_each gives the members of an object that ch_json gave, one a call, the name
// as a JSON string. *at is NULL before the first; false behind the last, and for
// anything else.
static bool ch_each(ch_text object, const char **at, ch_text *name, ch_text *value) {
	if (!ch_has(object) || *object.at != '{') return false;
	const char *end = object.at + object.size, *p = ch_blank((*at ? *at : object.at) + 1, end);
	if (*p != '"') return false;
	name->at = p;
	p = ch_skip_string(p, end);
	name->size = (uint32_t)(p - name->at);
	value->at = ch_blank(ch_blank(p, end) + 1, end); // behind the colon
	p = ch_skip(value->at, end, CH_DEPTH);
	value->size = (uint32_t)(p - value->at);
	*at = ch_blank(p, end);
	return true;
}

// ch_member is the value of a key in an object that ch_json gave, the last one
// where there are several; absent in anything else.
static ch_text ch_member(ch_text object, const char *key) {
	ch_text found = {0}, want = ch_of(key), name, value;
	for (const char *at = NULL; ch_each(object, &at, &name, &value);)
		if (ch_same((ch_text){name.at + 1, name.size - 2}, want)) found = value;
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

#endif
