// The guest side of connhost.v1 for AssemblyScript: the host's functions and the
// answer of a hook.
//
//     import { run, output } from "./sdk/connhost";
//
//     export function ch_test(size: u32): u32 {
//       return run(size, input => output("{}"));
//     }
//
// json.ts reads JSON, crypto.ts has secrets and what is signed with them, and
// http.ts the requests of the hook "action". asconfig.json names abort below,
// since the compiler's own way to fail is an import that no host has.
import { json, member, quote, text, uint } from "./json";

export { json, member, quote, text, uint };

namespace host {
  // @ts-ignore: decorators
  @external("connhost", "input") export declare function input(ptr: usize, size: u32): i32;
  // @ts-ignore
  @external("connhost", "output") export declare function output(ptr: usize, size: u32): i32;
  // @ts-ignore
  @external("connhost", "log") export declare function log(level: u32, ptr: usize, size: u32): i32;
  // @ts-ignore
  @external("connhost", "now") export declare function now(): i64;
  // @ts-ignore
  @external("connhost", "random") export declare function random(ptr: usize, size: u32): i32;
  // @ts-ignore
  @external("connhost", "body") export declare function body(handle: u32, off: u32, ptr: usize, size: u32): i32;
  // @ts-ignore
  @external("connhost", "take") export declare function take(ptr: usize, size: u32): i32;
}

/** What a hook gives: an output, or the connector's own error. */
export class Answer {
  constructor(public isError: bool, public json: string) {}
}

/** The hook's output, JSON. */
export function output(json: string): Answer {
  return new Answer(false, json);
}

/**
 * The connector's own error. reauth says that the authorization is dead, retryable that the same call may succeed later,
 * field which parameter is wrong.
 */
export function fail(code: string, message: string, reauth: bool = false, retryable: bool = false, field: string = ""): Answer {
  let json = '{"code":' + quote(code) + ',"message":' + quote(message);
  if (field != "") json += ',"field":' + quote(field);
  if (retryable) json += ',"retryable":true';
  if (reauth) json += ',"reauth":true';
  return new Answer(true, json + "}");
}

/** Serves one call of a hook: size is what the exported function was given, and the result is what it returns. */
export function run(size: u32, hook: (input: string) => Answer): u32 {
  const bytes = new ArrayBuffer(size);
  host.input(changetype<usize>(bytes), size);
  const answer = hook(json(String.UTF8.decode(bytes)));
  const pushed = encode(answer.json);
  host.output(changetype<usize>(pushed), pushed.byteLength);
  return answer.isError ? 1 : 0;
}

/** The text in UTF-8. Half a surrogate pair becomes U+FFFD. */
export function encode(text: string): ArrayBuffer {
  return String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
}

export enum Level { Debug, Info, Warning, Error }

/** Writes one line to the operator's log. */
export function log(level: Level, line: string): void {
  const bytes = encode(line);
  host.log(level, changetype<usize>(bytes), bytes.byteLength);
}

/** The host's time, Unix milliseconds. */
export function now(): i64 {
  return host.now();
}

/** So many of the host's random bytes, at most 64 KiB; null where it gives none. */
export function random(size: u32): Uint8Array | null {
  const bytes = new Uint8Array(size);
  return host.random(bytes.dataStart, size) == <i32>size ? bytes : null;
}

/** What a host function has staged: bytes, or none and the host's own error as a hook may give it. */
export class Staged {
  constructor(public bytes: Uint8Array, public error: Answer | null) {}

  /** The bytes as a text. */
  text(): string {
    return String.UTF8.decode(this.bytes.buffer);
  }
}

/** Takes what is staged; n is what the host function gave, below 0 for an error. */
export function taken(n: i32): Staged {
  const size: u32 = n < 0 ? 4096 : n;
  const room = new Uint8Array(size);
  const got = host.take(room.dataStart, size);
  const staged = new Staged(room.slice(0, max(got, 0)), null);
  if (n >= 0) return staged;
  const why = json(staged.text());
  const code = text(member(why, "code")), message = text(member(why, "message"));
  return new Staged(new Uint8Array(0), fail(code ? code : "host", message ? message : "the host refuses the call"));
}

/** What the compiler calls for a failed assertion or a throw: the reason goes to the log, and the hook traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  log(Level.Warning, (message ? message : "abort") + " at " + (file ? file : "?") + ":" + line.toString());
  unreachable();
}

/** The body of a response, wherever the host keeps it; null where it is not UTF-8 or cannot be read. */
export function body(response: string): string | null {
  const handle = uint(member(response, "body_handle"));
  if (handle == 0) return text(member(response, "body"));
  const size = uint(member(response, "body_size"));
  const bytes = new ArrayBuffer(size);
  for (let have: u32 = 0; have < size; ) {
    const n = host.body(handle, have, changetype<usize>(bytes) + have, size - have);
    if (n <= 0) return null;
    have += n;
  }
  return isUTF8(Uint8Array.wrap(bytes)) ? String.UTF8.decode(bytes) : null;
}

// RFC 3629 section 4.
function isUTF8(b: Uint8Array): bool {
  for (let p = 0; p < b.length; ) {
    const c = b[p++];
    let more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : -1;
    if (more < 0 || b.length - p < more) return false;
    let least: u8 = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    let most: u8 = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    for (; more > 0; more--, least = 0x80, most = 0xbf) {
      const d = b[p++];
      if (d < least || d > most) return false;
    }
  }
  return true;
}
