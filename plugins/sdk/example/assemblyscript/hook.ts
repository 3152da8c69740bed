// The hooks of the example in AssemblyScript.
import { Answer, body, fail, json, member, output, quote, run, text, uint } from "../../assemblyscript/connhost";

export function ch_token(size: u32): u32 {
  return run(size, token);
}

export function ch_respond(size: u32): u32 {
  return run(size, respond);
}

export function ch_test(size: u32): u32 {
  return run(size, test);
}

// A member that is a text, "" where it is not.
function textOf(object: string, key: string): string {
  const t = text(member(object, key));
  return t ? t : "";
}

// A member that is a handle, which is an object; "" where it is not.
function handle(object: string, key: string): string {
  const value = member(object, key);
  return value.startsWith("{") ? value : "";
}

// token takes the tokens out of "data". They are handles here, and are passed
// on as they stand.
function token(input: string): Answer {
  const answer = member(input, "answer");
  const error = textOf(answer, "error");
  if (error != "") {
    const more = textOf(answer, "error_description");
    const message = "Acme refused: " + error + (more != "" ? " (" + more + ")" : "");
    return fail("refused", message, error == "invalid_grant");
  }
  const data = member(answer, "data");
  const access = handle(data, "access_token"), type = textOf(data, "token_type");
  return output(
    '{"access":' + (access != "" ? access : "null") +
      role("refresh", handle(data, "refresh_token")) +
      role("expires_in", member(data, "expires_in")) +
      role("scope", member(data, "scope")) +
      role("token_type", type != "" ? quote(type) : "") + "}",
  );
}

function role(name: string, value: string): string {
  return value != "" ? "," + quote(name) + ":" + value : "";
}

// open gives the envelope that a response holds: an object with a boolean
// "ok"; "" where it holds something else.
function open(response: string): string {
  const b = body(response);
  const envelope = b ? json(b) : "";
  const ok = member(envelope, "ok");
  return ok == "true" || ok == "false" ? envelope : "";
}

// respond gives the result alone, and makes an error of an answer that says no
// with status 200. Anything else stays as it is.
function respond(input: string): Answer {
  const response = member(input, "response");
  const envelope = uint(member(response, "status")) == 200 ? open(response) : "";
  if (member(envelope, "ok") == "false") {
    const error = textOf(envelope, "error");
    const code = error != "" ? error : "failed";
    return fail(code, "Acme answered " + code);
  }
  const result = member(envelope, "result");
  return output(result != "" ? '{"body":' + quote(result) + "}" : "{}");
}

// test judges the test call and says whose authorization it is.
function test(input: string): Answer {
  const envelope = open(member(input, "response"));
  if (member(envelope, "ok") != "true") {
    const error = textOf(envelope, "error");
    return notOK(error != "" ? "Acme answered " + error : "Acme did not say who it is");
  }
  const account = member(envelope, "result");
  const key = textOf(account, "id"), label = textOf(account, "name");
  if (key == "") return notOK("Acme named no account");
  return output(
    '{"ok":true,"account":{"key":' + quote(key) + (label != "" ? ',"label":' + quote(label) : "") + "}}",
  );
}

function notOK(message: string): Answer {
  return output('{"ok":false,"message":' + quote(message) + "}");
}
