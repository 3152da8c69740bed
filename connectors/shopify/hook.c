// The hook callback: does it come from Shopify, and for the shop that was asked
// for? Shopify signs every other parameter with the client secret.
#include "../../plugins/sdk/c/connhost.h"
#include "../../plugins/sdk/c/crypto.h"

static bool holds(ch_text t, char wanted) {
	for (uint32_t i = 0; i < t.size; i++)
		if (t.at[i] == wanted) return true;
	return false;
}

static bool before(ch_text a, ch_text b) {
	uint32_t i = 0;
	while (i < a.size && i < b.size && a.at[i] == b.at[i]) i++;
	return i < b.size && (i == a.size || (unsigned char)a.at[i] < (unsigned char)b.at[i]);
}

// following is the next signed parameter behind a name, in the order of bytes;
// false behind the last.
static bool following(ch_text query, ch_text behind, ch_text *name, ch_text *value) {
	ch_text quoted, v;
	*name = (ch_text){0};
	for (const char *at = NULL; ch_each(query, &at, &quoted, &v);) {
		ch_text n = ch_string(quoted);
		if (ch_is(n, "hmac") || ch_is(n, "signature")) continue;
		if ((ch_has(behind) && !before(behind, n)) || (ch_has(*name) && !before(n, *name))) continue;
		*name = n;
		*value = v;
	}
	return ch_has(*name);
}

// text is what a parameter brings: the place of one that nobody reads. Absent
// for one that came twice, and where it could be taken for several parameters
// or for a place.
static ch_text text(ch_text value) {
	ch_text secret = ch_string(ch_member(value, "$secret")), t = ch_string(value);
	if (ch_has(secret)) return CH_JOIN(ch_of("{{secret:"), secret, ch_of("}}"));
	return holds(t, '&') || holds(t, '{') ? (ch_text){0} : t;
}

// message is what Shopify signs; absent where a parameter cannot stand in it.
static ch_text message(ch_text query) {
	ch_text all = ch_of(""), name = {0}, value;
	for (ch_text behind = {0}; following(query, behind, &name, &value); behind = name) {
		ch_text t = text(value);
		if (!ch_has(t) || holds(name, '&') || holds(name, '{') || holds(name, '=')) return (ch_text){0};
		all = CH_JOIN(all, ch_of(all.size ? "&" : ""), name, ch_of("="), t);
	}
	return all;
}

// equal takes the same time wherever the texts differ.
static bool equal(ch_text a, ch_text b) {
	uint32_t differ = a.size ^ b.size;
	for (uint32_t i = 0; i < a.size && i < b.size; i++) differ |= (unsigned char)(a.at[i] ^ b.at[i]);
	return differ == 0;
}

static int32_t refuse(const char *code, ch_text why) {
	return ch_fail((ch_error){.code = ch_of(code), .message = why});
}

CH_HOOK(callback) {
	ch_text input = ch_input(size), query = ch_member(input, "query"), all = message(query);
	ch_text mac = ch_has(all) ? ch_hmac("sha256", ch_place("client_secret"), all) : all;
	if (!ch_has(mac) || !equal(ch_to_hex(mac), ch_string(ch_member(query, "hmac"))))
		return refuse("forged", ch_of("the callback is not signed as Shopify signs, with the secret of this client"));
	ch_text shop = ch_string(ch_member(query, "shop"));
	ch_text asked = CH_JOIN(ch_string(ch_member(ch_member(input, "fields"), "shop")), ch_of(".myshopify.com"));
	if (!ch_same(shop, asked))
		return refuse("other_shop", CH_JOIN(ch_of("the callback is for the shop "), shop, ch_of(", and "), asked, ch_of(" was asked for")));
	ch_put("{}");
	return ch_push(CH_OUTPUT);
}
