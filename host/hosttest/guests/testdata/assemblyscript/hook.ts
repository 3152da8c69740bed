// A hook that goes wrong in the way that the response's body names.
import { Answer, body, fail, member, output, quote, run } from "./sdk/connhost";

// @ts-ignore: decorators
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(status: u32): void;

let depth: u32 = 0;

// recurse needs the result of the inner call, so that it cannot be a loop.
// @ts-ignore: decorators
@noinline
function recurse(n: u32): u32 {
  depth = n;
  return recurse(n + 1) * 31 + depth;
}

// fork has no loop, and as many calls as 2 to the power of n.
// @ts-ignore: decorators
@noinline
function fork(n: u32): void {
  depth = n;
  if (n > 0) {
    fork(n - 1);
    fork(n - 1);
  }
}

export function ch_test(size: u32): u32 {
  return run(size, act);
}

function act(input: string): Answer {
  const what = body(member(input, "response"));
  if (what == "trap") throw new Error("as asked");
  if (what == "exit") proc_exit(3);
  while (what == "loop") depth++;
  while (what == "memory") new ArrayBuffer(1 << 20);
  if (what == "stack") recurse(0);
  if (what == "fork") fork(60);
  if (what == "declared") return fail("rate_limited", "come back later", false, true, "key");
  return output('{"ok":true,"message":' + quote(what ? what : "") + "}");
}
