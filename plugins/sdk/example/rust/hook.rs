//! The hooks of the example in Rust, without its standard library.
#![no_std]

#[path = "../../rust/connhost.rs"]
mod connhost;

use connhost::{body, join, run, Error, Json, Out, Text, NULL};

#[no_mangle]
pub extern "C" fn ch_token(size: u32) -> u32 {
    run(size, token)
}

#[no_mangle]
pub extern "C" fn ch_respond(size: u32) -> u32 {
    run(size, respond)
}

#[no_mangle]
pub extern "C" fn ch_test(size: u32) -> u32 {
    run(size, test)
}

/// A member that is a text, "" where it is not.
fn text(value: Json, key: &str) -> Text {
    value.member(key).and_then(Json::string).unwrap_or("")
}

/// A member that is a handle, which is an object.
fn handle(value: Json, key: &str) -> Option<Json> {
    value.member(key).filter(|h| h.raw().starts_with('{'))
}

/// Takes the tokens out of "data". They are handles here, and are passed on as
/// they stand.
fn token(input: Json) -> Result<Text, Error> {
    let answer = input.member("answer").unwrap_or(NULL);
    let error = text(answer, "error");
    if !error.is_empty() {
        return Err(refused(error, text(answer, "error_description")));
    }
    let data = answer.member("data").unwrap_or(NULL);
    let mut out = Out::new();
    out.put("{\"access\":").put(handle(data, "access_token").unwrap_or(NULL).raw());
    for (role, value) in [
        ("refresh", handle(data, "refresh_token")),
        ("expires_in", data.member("expires_in")),
        ("scope", data.member("scope")),
    ] {
        if let Some(value) = value {
            out.put(",").quote(role).put(":").put(value.raw());
        }
    }
    let token_type = text(data, "token_type");
    if !token_type.is_empty() {
        out.put(",\"token_type\":").quote(token_type);
    }
    out.put("}");
    Ok(out.text())
}

fn refused(code: Text, description: Text) -> Error {
    let mut message = join(&["Acme refused: ", code]);
    if !description.is_empty() {
        message = join(&[message, " (", description, ")"]);
    }
    Error { code: "refused", message, reauth: code == "invalid_grant", ..Error::default() }
}

/// The envelope that a response holds, an object with a boolean "ok", and
/// that.
fn open(response: Json) -> Option<(Json, bool)> {
    let envelope = Json::read(body(response)?)?;
    match envelope.member("ok")?.raw() {
        "true" => Some((envelope, true)),
        "false" => Some((envelope, false)),
        _ => None,
    }
}

/// Gives the result alone, and makes an error of an answer that says no with
/// status 200. Anything else stays as it is.
fn respond(input: Json) -> Result<Text, Error> {
    let response = input.member("response").unwrap_or(NULL);
    if response.member("status").map_or(0, Json::uint) != 200 {
        return Ok("{}");
    }
    match open(response) {
        Some((envelope, false)) => Err(failed(text(envelope, "error"))),
        Some((envelope, true)) => Ok(envelope.member("result").map_or("{}", stand_alone)),
        None => Ok("{}"),
    }
}

fn failed(error: Text) -> Error {
    let code = if error.is_empty() { "failed" } else { error };
    Error { code, message: join(&["Acme answered ", code]), ..Error::default() }
}

fn stand_alone(result: Json) -> Text {
    let mut out = Out::new();
    out.put("{\"body\":").quote(result.raw()).put("}");
    out.text()
}

/// Judges the test call and says whose authorization it is.
fn test(input: Json) -> Result<Text, Error> {
    let envelope = match open(input.member("response").unwrap_or(NULL)) {
        Some((envelope, true)) => envelope,
        Some((envelope, false)) if !text(envelope, "error").is_empty() => {
            return Ok(not_ok(join(&["Acme answered ", text(envelope, "error")])));
        }
        _ => return Ok(not_ok("Acme did not say who it is")),
    };
    let account = envelope.member("result").unwrap_or(NULL);
    let (key, label) = (text(account, "id"), text(account, "name"));
    if key.is_empty() {
        return Ok(not_ok("Acme named no account"));
    }
    let mut out = Out::new();
    out.put("{\"ok\":true,\"account\":{\"key\":").quote(key);
    if !label.is_empty() {
        out.put(",\"label\":").quote(label);
    }
    out.put("}}");
    Ok(out.text())
}

fn not_ok(message: &str) -> Text {
    let mut out = Out::new();
    out.put("{\"ok\":false,\"message\":").quote(message).put("}");
    out.text()
}
