// The hook uses what the kit has for hooks that sign and call.
import { Answer, body, fail, json, Level, log, member, now, output, quote, random, run, text, uint } from "./sdk/connhost";
import { base64, derive, hash, hex, hmac, operate, place, secret, sign } from "./sdk/crypto";
import { fetch } from "./sdk/http";

export function ch_action(size: u32): u32 {
  return run(size, action);
}

function action(input: string): Answer {
  const digest = hash("sha256", "tea");
  const key = derive("sha256", place("key"), "day");
  const mac = hmac("sha1", place(key.text()), "tea");
  const signature = sign("EdDSA", place("private"), "tea");
  const bytes = random(4);
  if (!bytes) return fail("random", "no bytes");
  const answer = json(fetch('{"method":"POST","url":"/tea","json":{"cups":2}}').text());
  const refused = operate("hash", "rot13", "", "tea").error;
  const code = refused ? text(member(refused.json, "code")) : "";
  const b = body(answer);
  log(Level.Info, "done");
  const encoded = new Array<string>();
  const sample = new Uint8Array(3);
  sample[0] = 0xfb;
  sample[1] = 0xf0;
  sample[2] = 0x01;
  for (let n = 0; n < 4; n++) encoded.push(quote(base64(sample.slice(0, n))));
  return output(
    '{"result":{"hash":' + quote(hex(digest.bytes)) +
      ',"mac":' + quote(base64(mac.bytes)) +
      ',"signature":' + quote(base64(signature.bytes)) +
      ',"secret":' + quote(secret("shown").text()) +
      ',"random":' + quote(hex(bytes)) +
      ',"status":' + uint(member(answer, "status")).toString() +
      ',"body":' + quote(b ? b : "") +
      ',"refused":' + quote(code ? code : "") +
      ',"base64":[' + encoded.join(",") + '],"seconds":' + (now() / 1000).toString() + "}}",
  );
}
