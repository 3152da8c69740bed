// The requests of the hook "action", which alone may make them.
import { encode, Staged, taken } from "./connhost";

namespace host {
  // @ts-ignore: decorators
  @external("connhost", "http") export declare function http(ptr: usize, size: u32): i32;
}

/**
 * Sends a request with the connection's credential and stages the answer of any status: the text of a Response of ABI.md,
 * for json, member and body. The request is a GuestRequest, JSON. An error is in the host's words: there was no answer.
 */
export function fetch(request: string): Staged {
  const bytes = encode(request);
  return taken(host.http(changetype<usize>(bytes), bytes.byteLength));
}
