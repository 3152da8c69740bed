//! The guest side of connhost.v1 for Rust without a standard library: the
//! host's functions, memory, and the answer of a hook.
//!
//!     #[path = "sdk/connhost.rs"]
//!     mod connhost;
//!
//!     #[no_mangle]
//!     pub extern "C" fn ch_test(size: u32) -> u32 {
//!         connhost::run(size, |input| Ok(...))
//!     }
//!
//! `json` reads JSON, `crypto` has secrets and what is signed with them, and
//! `http` the requests of the hook "action". All memory lives as long as the
//! call, so a text is `&'static str`.
//!
//! The standard library would bring String and Vec, and 30 KB.
#![allow(dead_code, unused_imports)]

use core::arch::wasm32;
use core::str::from_utf8;

pub mod crypto;
pub mod http;
mod json;

pub use json::{Json, NULL};

mod host {
    #[link(wasm_import_module = "connhost")]
    extern "C" {
        pub fn input(ptr: *mut u8, size: u32) -> i32;
        pub fn output(ptr: *const u8, size: u32) -> i32;
        pub fn log(level: u32, ptr: *const u8, size: u32) -> i32;
        pub fn now() -> i64;
        pub fn random(ptr: *mut u8, size: u32) -> i32;
        pub fn body(handle: u32, off: u32, ptr: *mut u8, size: u32) -> i32;
        pub fn take(ptr: *mut u8, size: u32) -> i32;
    }
}

/// A panic is a trap, and so is memory that the host does not give.
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo) -> ! {
    wasm32::unreachable()
}

pub type Text = &'static str;

/// The connector's own error.
#[derive(Default)]
pub struct Error {
    pub code: Text,
    pub message: Text,
    pub field: Text,     // which parameter is wrong, or ""
    pub retryable: bool, // the same call may succeed later
    pub reauth: bool,    // the authorization is dead
}

/// Serves one call of a hook: `size` is what the exported function was given,
/// and the result is what it returns.
pub fn run(size: u32, hook: fn(Json) -> Result<Text, Error>) -> u32 {
    begin();
    let bytes = alloc(size as usize);
    unsafe { host::input(bytes.as_mut_ptr(), size) };
    match hook(from_utf8(bytes).ok().and_then(Json::read).unwrap_or(NULL)) {
        Ok(output) => push(0, output),
        Err(e) => push(1, e.json()),
    }
}

impl Error {
    fn json(&self) -> Text {
        let mut out = Out::new();
        out.put("{\"code\":").quote(self.code).put(",\"message\":").quote(self.message);
        if !self.field.is_empty() {
            out.put(",\"field\":").quote(self.field);
        }
        out.put(if self.retryable { ",\"retryable\":true" } else { "" });
        out.put(if self.reauth { ",\"reauth\":true}" } else { "}" });
        out.text()
    }
}

fn push(kind: u32, answer: Text) -> u32 {
    unsafe { host::output(answer.as_ptr(), answer.len() as u32) };
    kind
}

pub const DEBUG: u32 = 0;
pub const INFO: u32 = 1;
pub const WARNING: u32 = 2;
pub const FAULT: u32 = 3;

/// Writes one line to the operator's log.
pub fn log(level: u32, line: &str) {
    unsafe { host::log(level, line.as_ptr(), line.len() as u32) };
}

/// The host's time, Unix milliseconds.
pub fn now() -> i64 {
    unsafe { host::now() }
}

/// Fills at most 64 KiB with the host's random bytes.
pub fn random(to: &mut [u8]) -> bool {
    let got = unsafe { host::random(to.as_mut_ptr(), to.len() as u32) };
    got == to.len() as i32
}

/// What a host function has staged: `n` bytes of it, or the host's own error
/// where `n` is below 0.
fn taken(n: i32) -> Result<&'static [u8], Error> {
    let to = alloc(if n < 0 { 4096 } else { n as usize });
    let got = unsafe { host::take(to.as_mut_ptr(), to.len() as u32) };
    let staged = &to[..got.max(0) as usize];
    if n >= 0 {
        return Ok(staged);
    }
    let why = from_utf8(staged).ok().and_then(Json::read).unwrap_or(NULL);
    let code = why.member("code").and_then(Json::string).unwrap_or("host");
    let message = why.member("message").and_then(Json::string);
    Err(Error { code, message: message.unwrap_or("the host refuses the call"), ..Error::default() })
}

/// The body of a response, wherever the host keeps it; none where it is not
/// UTF-8 or cannot be read.
pub fn body(response: Json) -> Option<Text> {
    let handle = response.member("body_handle").map_or(0, Json::uint);
    if handle == 0 {
        return response.member("body")?.string();
    }
    let size = response.member("body_size")?.uint();
    let bytes = alloc(size as usize);
    let mut have = 0;
    while have < size {
        let rest = &mut bytes[have as usize..];
        let n = unsafe { host::body(handle, have, rest.as_mut_ptr(), size - have) };
        if n <= 0 {
            return None;
        }
        have += n as u32;
    }
    from_utf8(bytes).ok()
}

// Memory is taken from the end of the program on and never given back.

extern "C" {
    static __heap_base: u8; // from the linker
}
static mut TOP: usize = 0;

fn begin() {
    unsafe { TOP = core::ptr::addr_of!(__heap_base) as usize };
}

pub fn alloc(size: usize) -> &'static mut [u8] {
    unsafe {
        let at = TOP;
        let end = match at.checked_add(size) {
            Some(end) => end,
            None => wasm32::unreachable(),
        };
        let have = wasm32::memory_size(0) << 16;
        if end > have && wasm32::memory_grow(0, (end - have + 0xffff) >> 16) == usize::MAX {
            wasm32::unreachable()
        }
        TOP = end;
        core::slice::from_raw_parts_mut(at as *mut u8, size)
    }
}

/// A text that is written piece by piece.
pub struct Out {
    buf: &'static mut [u8],
    size: usize,
}

impl Out {
    pub fn new() -> Out {
        Out { buf: &mut [], size: 0 }
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        let end = self.size + bytes.len();
        if end > self.buf.len() {
            let more = alloc(2 * end + 256);
            more[..self.size].copy_from_slice(&self.buf[..self.size]);
            self.buf = more;
        }
        self.buf[self.size..end].copy_from_slice(bytes);
        self.size = end;
    }

    pub fn put(&mut self, text: &str) -> &mut Out {
        self.bytes(text.as_bytes());
        self
    }

    /// Writes a text as a JSON string.
    pub fn quote(&mut self, text: &str) -> &mut Out {
        let digits = b"0123456789abcdef";
        self.put("\"");
        let mut from = 0;
        for (i, &c) in text.as_bytes().iter().enumerate() {
            if c < b' ' || c == b'"' || c == b'\\' {
                self.bytes(&text.as_bytes()[from..i]);
                self.bytes(&[b'\\', b'u', b'0', b'0', digits[c as usize >> 4], digits[c as usize & 15]]);
                from = i + 1;
            }
        }
        self.bytes(&text.as_bytes()[from..]);
        self.put("\"")
    }

    pub fn text(self) -> Text {
        // Only whole texts were put, and what is cut out of one is ASCII.
        unsafe { core::str::from_utf8_unchecked(&self.buf[..self.size]) }
    }
}

/// Texts one after the other.
pub fn join(texts: &[&str]) -> Text {
    let mut out = Out::new();
    for t in texts {
        out.put(t);
    }
    out.text()
}
