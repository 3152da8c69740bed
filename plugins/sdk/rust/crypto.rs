//! Secrets that a hook uses and never sees, and what the host signs with them.
//!
//! A secret is named by a place, `{{secret:NAME}}`: in a header, a query value
//! or a body that the hook gives, and in a key. The host fills it in.

use super::{join, taken, Error, Out, Text};

mod host {
    #[link(wasm_import_module = "connhost")]
    extern "C" {
        pub fn crypto(ptr: *const u8, size: u32) -> i32;
        pub fn secret(ptr: *const u8, size: u32) -> i32;
    }
}

type Bytes = &'static [u8];

/// The text that stands for a secret.
pub fn place(name: &str) -> Text {
    join(&["{{secret:", name, "}}"])
}

/// Makes one operation of those in ABI.md and gives what it stages. The key may
/// hold places, and so may the data of a MAC whose key holds one.
pub fn operate(op: &str, alg: &str, key: Option<&str>, data: &str) -> Result<Bytes, Error> {
    let mut call = Out::new();
    call.put("{\"op\":").quote(op).put(",\"alg\":").quote(alg);
    if let Some(key) = key {
        call.put(",\"key\":").quote(key);
    }
    call.put(",\"data\":").quote(data).put("}");
    let call = call.text();
    taken(unsafe { host::crypto(call.as_ptr(), call.len() as u32) })
}

/// The digest of data, without any place.
pub fn hash(alg: &str, data: &str) -> Result<Bytes, Error> {
    operate("hash", alg, None, data)
}

/// The MAC of data under a key that may hold places.
pub fn hmac(alg: &str, key: &str, data: &str) -> Result<Bytes, Error> {
    operate("hmac", alg, Some(key), data)
}

/// Makes a MAC the host's own key and gives its name, for `place`.
pub fn derive(alg: &str, key: &str, data: &str) -> Result<Text, Error> {
    let name = operate("derive", alg, Some(key), data)?;
    Ok(core::str::from_utf8(name).unwrap_or(""))
}

/// The signature of data under a private key, which is a place.
pub fn sign(alg: &str, key: &str, data: &str) -> Result<Bytes, Error> {
    operate("sign", alg, Some(key), data)
}

/// The value of a secret that the manifest lists in reveal_secrets and an
/// administrator granted. A module that calls it without that list is refused.
pub fn secret(name: &str) -> Result<Bytes, Error> {
    taken(unsafe { host::secret(name.as_ptr(), name.len() as u32) })
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> Text {
    let digits = b"0123456789abcdef";
    let mut out = Out::new();
    for &c in bytes {
        out.bytes(&[digits[c as usize >> 4], digits[c as usize & 15]]);
    }
    out.text()
}

/// Bytes in base64 with padding, RFC 4648 section 4.
pub fn base64(bytes: &[u8]) -> Text {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Out::new();
    for part in bytes.chunks(3) {
        let at = |i: usize| *part.get(i).unwrap_or(&0) as usize;
        let v = at(0) << 16 | at(1) << 8 | at(2);
        let mut four = [digits[v >> 18], digits[v >> 12 & 63], digits[v >> 6 & 63], digits[v & 63]];
        four[part.len() + 1..].fill(b'=');
        out.bytes(&four);
    }
    out.text()
}

/// A number in decimal digits.
pub fn decimal(n: i64) -> Text {
    let (mut digits, mut at, mut v) = ([0; 20], 20, n.unsigned_abs());
    loop {
        at -= 1;
        digits[at] = b'0' + (v % 10) as u8;
        v /= 10;
        if v == 0 {
            break;
        }
    }
    let mut out = Out::new();
    out.put(if n < 0 { "-" } else { "" }).bytes(&digits[at..]);
    out.text()
}
