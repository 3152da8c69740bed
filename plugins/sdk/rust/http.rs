//! The requests of the hook "action", which alone may make them.

use super::{taken, Error, Json, NULL};

mod host {
    #[link(wasm_import_module = "connhost")]
    extern "C" {
        pub fn http(ptr: *const u8, size: u32) -> i32;
    }
}

/// Sends a request with the connection's credential and gives the answer of any
/// status: a Response of ABI.md, for `member` and `body`. The request is a
/// GuestRequest, JSON. An error is in the host's words: there was no answer.
pub fn fetch(request: &str) -> Result<Json, Error> {
    let staged = taken(unsafe { host::http(request.as_ptr(), request.len() as u32) })?;
    Ok(core::str::from_utf8(staged).ok().and_then(Json::read).unwrap_or(NULL))
}
