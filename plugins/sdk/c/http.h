// http.h: the requests of the hook "action", which alone may make them.
#ifndef CONNHOST_HTTP_H
#define CONNHOST_HTTP_H

#include "connhost.h"

CH_IMPORT(http) int32_t ch_host_http(const void *ptr, uint32_t size);

// ch_fetch sends a request with the connection's credential and gives the
// answer of any status: a Response of ABI.md, for ch_member and ch_body. The
// request is a GuestRequest, JSON. Absent where there was no answer, with the
// host's reason in *why, which may be NULL.
static ch_text ch_fetch(ch_text request, ch_text *why) {
	ch_text staged = ch_taken(ch_host_http(request.at, request.size), why);
	return ch_has(staged) ? ch_json(staged) : staged;
}

#endif
