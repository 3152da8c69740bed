//! The hook uses what the kit has for hooks that sign and call.
#![no_std]

#[path = "sdk/connhost.rs"]
mod connhost;

use connhost::crypto::{base64, decimal, derive, hash, hex, hmac, operate, place, secret, sign};
use connhost::{body, http, log, now, random, run, Error, Json, Out, Text, INFO};

#[no_mangle]
pub extern "C" fn ch_action(size: u32) -> u32 {
    run(size, action)
}

fn action(_: Json) -> Result<Text, Error> {
    let digest = hash("sha256", "tea")?;
    let key = derive("sha256", place("key"), "day")?;
    let mac = hmac("sha1", place(key), "tea")?;
    let signature = sign("EdDSA", place("private"), "tea")?;
    let shown = core::str::from_utf8(secret("shown")?).unwrap_or("");
    let mut bytes = [0; 4];
    if !random(&mut bytes) {
        return Err(Error { code: "random", message: "no bytes", ..Error::default() });
    }
    let answer = http::fetch("{\"method\":\"POST\",\"url\":\"/tea\",\"json\":{\"cups\":2}}")?;
    let refused = operate("hash", "rot13", None, "tea").err().map_or("", |e| e.code);
    log(INFO, "done");
    let mut out = Out::new();
    out.put("{\"result\":{\"hash\":").quote(hex(digest));
    out.put(",\"mac\":").quote(base64(mac));
    out.put(",\"signature\":").quote(base64(signature));
    out.put(",\"secret\":").quote(shown);
    out.put(",\"random\":").quote(hex(&bytes));
    out.put(",\"status\":").put(decimal(answer.member("status").map_or(0, Json::uint) as i64));
    out.put(",\"body\":").quote(body(answer).unwrap_or(""));
    out.put(",\"refused\":").quote(refused);
    out.put(",\"base64\":[");
    for n in 0..4 {
        out.put(if n > 0 { "," } else { "" }).quote(base64(&b"\xfb\xf0\x01"[..n]));
    }
    out.put("],\"seconds\":").put(decimal(now() / 1000)).put("}}");
    Ok(out.text())
}
