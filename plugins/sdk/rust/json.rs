//! JSON as far as a hook needs it, RFC 8259. It is never parsed into a tree: a
//! value is the text that it stands in, so what is only passed on is passed on
//! unchanged and without a copy.

use super::{Out, Text};

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
