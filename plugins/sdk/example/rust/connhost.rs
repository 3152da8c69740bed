//! The guest side of connhost.v1 for Rust without a standard library: the
//! host's functions, memory, and JSON as far as a hook needs it.
//!
//!     #[no_mangle]
//!     pub extern "C" fn ch_test(size: u32) -> u32 {
//!         connhost::run(size, |input| Ok(...))
//!     }
//!
//! JSON is never parsed into a tree. A value is the text that it stands in, so
//! what is only passed on is passed on unchanged and without a copy. All memory
//! lives as long as the call, so a text is `&'static str`.
//!
//! The standard library would bring String and Vec, and 30 KB.
#![allow(dead_code)]

use core::arch::wasm32;
use core::str::from_utf8;

mod host {
    #[link(wasm_import_module = "connhost")]
    extern "C" {
        pub fn input(ptr: *mut u8, size: u32) -> i32;
        pub fn output(ptr: *const u8, size: u32) -> i32;
        pub fn log(level: u32, ptr: *const u8, size: u32) -> i32;
        pub fn now() -> i64;
        pub fn random(ptr: *mut u8, size: u32) -> i32;
        pub fn body(handle: u32, off: u32, ptr: *mut u8, size: u32) -> i32;
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

    fn bytes(&mut self, bytes: &[u8]) {
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

/// A JSON value, RFC 8259, as the text that it stands in.
#[derive(Clone, Copy)]
pub struct Json(Text);

pub const NULL: Json = Json("null");

const DEPTH: u32 = 200;

impl Json {
    /// The one value that a text holds; none where that is not JSON.
    pub fn read(text: Text) -> Option<Json> {
        let b = text.as_bytes();
        let from = blank(b, 0);
        let to = skip(b, from, DEPTH)?;
        if blank(b, to) < b.len() {
            return None;
        }
        Some(Json(text.get(from..to)?))
    }

    /// The text as it stands.
    pub fn raw(self) -> Text {
        self.0
    }

    /// The value of a key in an object, the last one where there are several;
    /// none in anything else.
    pub fn member(self, key: &str) -> Option<Json> {
        let b = self.0.as_bytes();
        if *b.first()? != b'{' {
            return None;
        }
        let mut found = None;
        let mut p = blank(b, 1);
        while *b.get(p)? == b'"' {
            let name = p + 1;
            p = skip_string(b, p)?;
            let same = b.get(name..p - 1)? == key.as_bytes();
            p = blank(b, blank(b, p) + 1); // behind the colon
            let value = p;
            p = skip(b, p, DEPTH)?;
            if same {
                found = self.0.get(value..p).map(Json);
            }
            p = blank(b, p);
            if *b.get(p)? == b',' {
                p = blank(b, p + 1);
            }
        }
        found
    }

    /// A whole number; 0 for any other value.
    pub fn uint(self) -> u32 {
        let digits = self.0.bytes().all(|c| c.is_ascii_digit());
        let add = |n: u32, c: u8| n.wrapping_mul(10).wrapping_add((c - b'0') as u32);
        if digits { self.0.bytes().fold(0, add) } else { 0 }
    }

    /// The text of a string; none for any other value. Half a surrogate pair
    /// becomes U+FFFD.
    pub fn string(self) -> Option<Text> {
        let b = self.0.as_bytes();
        if *b.first()? != b'"' {
            return None;
        }
        let (mut out, mut p, mut plain) = (Out::new(), 1, 1);
        while b[p] != b'"' {
            if b[p] != b'\\' {
                p += 1;
                continue;
            }
            out.bytes(&b[plain..p]);
            p += 2;
            let rune = match b[p - 1] {
                b'b' => 8,
                b'f' => 12,
                b'n' => 10,
                b'r' => 13,
                b't' => 9,
                b'u' => {
                    let (rune, end) = unescape(b, p)?;
                    p = end;
                    rune
                }
                c => c as u32,
            };
            out.put(char::from_u32(rune).unwrap_or('\u{fffd}').encode_utf8(&mut [0; 4]));
            plain = p;
        }
        out.bytes(&b[plain..p]);
        Some(out.text())
    }
}

/// The number behind `\u`, with the other half of its pair, and its end.
fn unescape(b: &[u8], p: usize) -> Option<(u32, usize)> {
    let high = hex(b, p)?;
    if high >> 10 == 0x36 && b.get(p + 4..p + 6)? == b"\\u" {
        if let Some(low) = hex(b, p + 6).filter(|low| low >> 10 == 0x37) {
            return Some((0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), p + 10));
        }
    }
    Some((high, p + 4))
}

fn blank(b: &[u8], mut p: usize) -> usize {
    while p < b.len() && matches!(b[p], b' ' | b'\t' | b'\n' | b'\r') {
        p += 1;
    }
    p
}

fn hex(b: &[u8], p: usize) -> Option<u32> {
    let digits = b.get(p..p + 4)?;
    digits.iter().try_fold(0, |v, &c| Some(v << 4 | (c as char).to_digit(16)?))
}

/// The place behind the value that begins at `p`; none where there is none.
fn skip(b: &[u8], p: usize, depth: u32) -> Option<usize> {
    if depth == 0 {
        return None;
    }
    match b.get(p)? {
        b'"' => skip_string(b, p),
        b'{' => skip_all(b, p + 1, b'}', depth - 1),
        b'[' => skip_all(b, p + 1, b']', depth - 1),
        b't' => b[p..].starts_with(b"true").then(|| p + 4),
        b'f' => b[p..].starts_with(b"false").then(|| p + 5),
        b'n' => b[p..].starts_with(b"null").then(|| p + 4),
        _ => skip_number(b, p),
    }
}

fn skip_all(b: &[u8], mut p: usize, close: u8, depth: u32) -> Option<usize> {
    p = blank(b, p);
    if *b.get(p)? == close {
        return Some(p + 1);
    }
    loop {
        if close == b'}' {
            p = blank(b, skip_string(b, p)?);
            if *b.get(p)? != b':' {
                return None;
            }
            p = blank(b, p + 1);
        }
        p = blank(b, skip(b, p, depth)?);
        match *b.get(p)? {
            c if c == close => return Some(p + 1),
            b',' => p = blank(b, p + 1),
            _ => return None,
        }
    }
}

fn skip_string(b: &[u8], mut p: usize) -> Option<usize> {
    if *b.get(p)? != b'"' {
        return None;
    }
    loop {
        p += 1;
        match b.get(p)? {
            b'"' => return Some(p + 1),
            b'\\' => {
                p += 1;
                match b.get(p)? {
                    b'u' => {
                        hex(b, p + 1)?;
                        p += 4;
                    }
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    _ => return None,
                }
            }
            0..=0x1f => return None,
            _ => {}
        }
    }
}

fn digits(b: &[u8], p: usize) -> Option<usize> {
    let n = b.get(p..)?.iter().take_while(|c| c.is_ascii_digit()).count();
    if n > 0 { Some(p + n) } else { None }
}

fn skip_number(b: &[u8], mut p: usize) -> Option<usize> {
    if b.get(p) == Some(&b'-') {
        p += 1;
    }
    p = if b.get(p) == Some(&b'0') { p + 1 } else { digits(b, p)? };
    if b.get(p) == Some(&b'.') {
        p = digits(b, p + 1)?;
    }
    if matches!(b.get(p), Some(b'e' | b'E')) {
        p += 1;
        if matches!(b.get(p), Some(b'+' | b'-')) {
            p += 1;
        }
        p = digits(b, p)?;
    }
    Some(p)
}
