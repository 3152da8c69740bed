// The hooks of the example in C, without a C library.
#include "../../c/connhost.h"

// A handle is an object; absent for any other value.
static ch_text handle(ch_text value) {
	return ch_has(value) && *value.at == '{' ? value : (ch_text){0};
}

// The token hook takes the tokens out of "data". They are handles here, and
// are passed on as they stand.
static void put_member(const char *name, ch_text value) {
	if (!ch_has(value)) return;
	ch_put(",\"");
	ch_put(name);
	ch_put("\":");
	ch_put_text(value);
}

CH_HOOK(token) {
	ch_text answer = ch_member(ch_input(size), "answer");
	ch_text error = ch_string(ch_member(answer, "error"));
	if (error.size > 0) {
		ch_text more = ch_string(ch_member(answer, "error_description"));
		ch_text message = CH_JOIN(ch_of("Acme refused: "), error);
		if (more.size > 0) message = CH_JOIN(message, ch_of(" ("), more, ch_of(")"));
		return ch_fail((ch_error){.code = ch_of("refused"), .message = message, .reauth = ch_is(error, "invalid_grant")});
	}
	ch_text data = ch_member(answer, "data"), access = handle(ch_member(data, "access_token"));
	ch_put("{\"access\":");
	ch_put_text(ch_has(access) ? access : ch_of("null"));
	put_member("refresh", handle(ch_member(data, "refresh_token")));
	put_member("expires_in", ch_member(data, "expires_in"));
	put_member("scope", ch_member(data, "scope"));
	ch_text type = ch_string(ch_member(data, "token_type"));
	if (type.size > 0) {
		ch_put(",\"token_type\":");
		ch_put_string(type);
	}
	ch_put("}");
	return ch_push(CH_OUTPUT);
}

// open gives the envelope that a response holds: an object with a boolean
// "ok". Absent where it holds something else.
static ch_text open(ch_text response, bool *ok) {
	ch_text body = ch_body(response);
	if (!ch_has(body) || !ch_utf8(body)) return (ch_text){0};
	ch_text envelope = ch_json(body), said = ch_member(envelope, "ok");
	*ok = ch_is(said, "true");
	return *ok || ch_is(said, "false") ? envelope : (ch_text){0};
}

// The respond hook gives the result alone, and makes an error of an answer
// that says no with status 200. Anything else stays as it is.
CH_HOOK(respond) {
	ch_text response = ch_member(ch_input(size), "response");
	bool ok = false;
	ch_text envelope = {0}, result = {0};
	if (ch_uint(ch_member(response, "status")) == 200) envelope = open(response, &ok);
	if (ch_has(envelope) && !ok) {
		ch_text code = ch_string(ch_member(envelope, "error"));
		if (code.size == 0) code = ch_of("failed");
		return ch_fail((ch_error){.code = code, .message = CH_JOIN(ch_of("Acme answered "), code)});
	}
	result = ch_member(envelope, "result");
	ch_put("{");
	if (ch_has(result)) {
		ch_put("\"body\":");
		ch_put_string(result);
	}
	ch_put("}");
	return ch_push(CH_OUTPUT);
}

// The test hook judges the test call and says whose authorization it is.
static int32_t not_ok(ch_text message) {
	ch_put("{\"ok\":false,\"message\":");
	ch_put_string(message);
	ch_put("}");
	return ch_push(CH_OUTPUT);
}

CH_HOOK(test) {
	bool ok = false;
	ch_text envelope = open(ch_member(ch_input(size), "response"), &ok);
	if (!ok) {
		ch_text error = ch_string(ch_member(envelope, "error"));
		if (error.size > 0) return not_ok(CH_JOIN(ch_of("Acme answered "), error));
		return not_ok(ch_of("Acme did not say who it is"));
	}
	ch_text account = ch_member(envelope, "result");
	ch_text key = ch_string(ch_member(account, "id")), label = ch_string(ch_member(account, "name"));
	if (key.size == 0) return not_ok(ch_of("Acme named no account"));
	ch_put("{\"ok\":true,\"account\":{\"key\":");
	ch_put_string(key);
	if (label.size > 0) {
		ch_put(",\"label\":");
		ch_put_string(label);
	}
	ch_put("}}");
	return ch_push(CH_OUTPUT);
}
