// The hook uses what the kit has for hooks that sign and call.
#include "sdk/connhost.h"
#include "sdk/crypto.h"
#include "sdk/http.h"

static void put(const char *name, ch_text value) {
	ch_put(name);
	ch_put_string(value);
}

CH_HOOK(action) {
	ch_input(size);
	ch_text why = {0};
	ch_text digest = ch_hash("sha256", ch_of("tea"));
	ch_text key = ch_derive("sha256", ch_place("key"), ch_of("day"));
	ch_text mac = ch_hmac("sha1", CH_JOIN(ch_of("{{secret:"), key, ch_of("}}")), ch_of("tea"));
	ch_text signature = ch_sign("EdDSA", ch_place("private"), ch_of("tea"));
	char random[4] = {0};
	if (!ch_random(random, sizeof random)) return ch_fail((ch_error){.code = ch_of("random"), .message = ch_of("no bytes")});
	ch_text answer = ch_fetch(ch_of("{\"method\":\"POST\",\"url\":\"/tea\",\"json\":{\"cups\":2}}"), NULL);
	ch_do((ch_crypto){.op = "hash", .alg = "rot13", .data = ch_of("tea")}, &why);
	ch_log(CH_INFO, ch_of("done"));
	put("{\"result\":{\"hash\":", ch_to_hex(digest));
	put(",\"mac\":", ch_to_base64(mac));
	put(",\"signature\":", ch_to_base64(signature));
	put(",\"secret\":", ch_secret("shown"));
	put(",\"random\":", ch_to_hex((ch_text){random, sizeof random}));
	ch_put(",\"status\":");
	ch_put_text(ch_decimal(ch_uint(ch_member(answer, "status"))));
	put(",\"body\":", ch_body(answer));
	put(",\"refused\":", ch_string(ch_member(why, "code")));
	ch_put(",\"base64\":[");
	for (uint32_t n = 0; n < 4; n++) put(n ? "," : "", ch_to_base64((ch_text){"\xfb\xf0\x01", n}));
	ch_put("],\"seconds\":");
	ch_put_text(ch_decimal(ch_now() / 1000));
	ch_put("}}");
	return ch_push(CH_OUTPUT);
}
