//! A hook that goes wrong in the way that the response's body names.
#![no_std]

#[path = "sdk/connhost.rs"]
mod connhost;

use connhost::{alloc, body, run, Error, Json, Out, Text, NULL};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Read and written so that the compiler leaves nothing out.
static DEPTH: AtomicU32 = AtomicU32::new(0);

#[link(wasm_import_module = "wasi_snapshot_preview1")]
extern "C" {
    fn proc_exit(status: u32) -> !;
}

#[no_mangle]
pub extern "C" fn ch_test(size: u32) -> u32 {
    run(size, act)
}

fn act(input: Json) -> Result<Text, Error> {
    let what = body(input.member("response").unwrap_or(NULL)).unwrap_or("");
    match what {
        "trap" => panic!(),
        "exit" => unsafe { proc_exit(3) },
        "loop" => loop {
            DEPTH.fetch_add(1, Relaxed);
        },
        "memory" => loop {
            alloc(1 << 20)[0] = 1;
        },
        "stack" => DEPTH.store(recurse(0), Relaxed),
        "fork" => fork(60),
        "declared" => {
            return Err(Error { code: "rate_limited", message: "come back later", field: "key", retryable: true, reauth: false })
        }
        _ => {}
    }
    let mut out = Out::new();
    out.put("{\"ok\":true,\"message\":").quote(what).put("}");
    Ok(out.text())
}

/// Needs the result of the inner call, so that it cannot be a loop.
#[inline(never)]
fn recurse(n: u32) -> u32 {
    DEPTH.store(n, Relaxed);
    if n == u32::MAX {
        return 0;
    }
    recurse(n + 1).wrapping_mul(31) + DEPTH.load(Relaxed)
}

/// Has no loop, and as many calls as 2 to the power of n.
#[inline(never)]
fn fork(n: u32) {
    DEPTH.store(n, Relaxed);
    if n > 0 {
        fork(n - 1);
        fork(n - 1);
    }
}
