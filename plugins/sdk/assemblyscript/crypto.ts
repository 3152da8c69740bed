// Secrets that a hook uses and never sees, and what the host signs with them.
//
// A secret is named by a place, {{secret:NAME}}: in a header, a query value or a
// body that the hook gives, and in a key. The host fills it in.
import { encode, quote, Staged, taken } from "./connhost";

namespace host {
  // @ts-ignore: decorators
  @external("connhost", "crypto") export declare function crypto(ptr: usize, size: u32): i32;
  // @ts-ignore
  @external("connhost", "secret") export declare function secret(ptr: usize, size: u32): i32;
}

/** The text that stands for a secret. */
export function place(name: string): string {
  return "{{secret:" + name + "}}";
}

/**
 * Makes one operation of those in ABI.md and gives what it stages. The key, "" for none, may hold places, and so may the
 * data of a MAC whose key holds one.
 */
export function operate(op: string, alg: string, key: string, data: string): Staged {
  const call = encode(
    '{"op":' + quote(op) + ',"alg":' + quote(alg) + (key != "" ? ',"key":' + quote(key) : "") + ',"data":' + quote(data) + "}",
  );
  return taken(host.crypto(changetype<usize>(call), call.byteLength));
}

/** The digest of data, without any place. */
export function hash(alg: string, data: string): Staged {
  return operate("hash", alg, "", data);
}

/** The MAC of data under a key that may hold places. */
export function hmac(alg: string, key: string, data: string): Staged {
  return operate("hmac", alg, key, data);
}

/** Makes a MAC the host's own key and stages its name, for place. */
export function derive(alg: string, key: string, data: string): Staged {
  return operate("derive", alg, key, data);
}

/** The signature of data under a private key, which is a place. */
export function sign(alg: string, key: string, data: string): Staged {
  return operate("sign", alg, key, data);
}

/**
 * The value of a secret that the manifest lists in reveal_secrets and an administrator granted. A module that calls it
 * without that list is refused.
 */
export function secret(name: string): Staged {
  const bytes = encode(name);
  return taken(host.secret(changetype<usize>(bytes), bytes.byteLength));
}

/** Bytes in lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  const pieces = new Array<string>();
  for (let i = 0; i < bytes.length; i++) pieces.push((bytes[i] < 16 ? "0" : "") + bytes[i].toString(16));
  return pieces.join("");
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes in base64 with padding, RFC 4648 section 4. */
export function base64(bytes: Uint8Array): string {
  const pieces = new Array<string>();
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    let v: u32 = 0;
    for (let k = 0; k < 3; k++) v = (v << 8) | (k < left ? bytes[i + k] : 0);
    pieces.push(DIGITS.charAt(v >> 18));
    pieces.push(DIGITS.charAt((v >> 12) & 63));
    pieces.push(left > 1 ? DIGITS.charAt((v >> 6) & 63) : "=");
    pieces.push(left > 2 ? DIGITS.charAt(v & 63) : "=");
  }
  return pieces.join("");
}
