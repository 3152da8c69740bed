// JSON as far as a hook needs it, RFC 8259. It is never parsed into a tree: a
// value is the text that it stands in, so what is only passed on is passed on
// unchanged. An absent value is "".

const QUOTE = 0x22, BACKSLASH = 0x5c;

/** A text as a JSON string. */
export function quote(text: string): string {
  // Pieces, since each + copies what is there so far and nothing is given back.
  const pieces = ['"'];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0x20 && c != QUOTE && c != BACKSLASH) continue;
    pieces.push(text.substring(from, i));
    pieces.push(c < 0x10 ? "\\u000" : "\\u00");
    pieces.push(c.toString(16));
    from = i + 1;
  }
  pieces.push(text.substring(from));
  pieces.push('"');
  return pieces.join("");
}

/** The one value that a text holds; "" where that is not JSON. */
export function json(text: string): string {
  const from = blank(text, 0);
  const to = skip(text, from, 200);
  return to > 0 && blank(text, to) == text.length ? text.substring(from, to) : "";
}

/** The value of a key in an object, the last one where there are several; "" in anything else. */
export function member(object: string, key: string): string {
  let found = "";
  if (at(object, 0) != 0x7b) return found; // {
  let p = blank(object, 1);
  while (at(object, p) == QUOTE) {
    const name = p + 1;
    p = skipString(object, p);
    const same = object.substring(name, p - 1) == key;
    p = blank(object, blank(object, p) + 1); // behind the colon
    const value = p;
    p = skip(object, p, 200);
    if (same) found = object.substring(value, p);
    p = blank(object, p);
    if (at(object, p) == 0x2c) p = blank(object, p + 1); // ,
  }
  return found;
}

/** A whole number; 0 for any other value. */
export function uint(value: string): u32 {
  let n: u32 = 0;
  for (let i = 0; i < value.length; i++) {
    const d = value.charCodeAt(i) - 0x30;
    if (d < 0 || d > 9) return 0;
    n = n * 10 + d;
  }
  return n;
}

/** The text of a JSON string; null for any other value. */
export function text(value: string): string | null {
  if (at(value, 0) != QUOTE) return null;
  const pieces = new Array<string>();
  let plain = 1, p = 1;
  for (const end = value.length - 1; p < end; ) {
    if (value.charCodeAt(p) != BACKSLASH) {
      p++;
      continue;
    }
    pieces.push(value.substring(plain, p));
    const c = value.charCodeAt(p + 1);
    p += 2;
    if (c == 0x75) { // u
      pieces.push(String.fromCharCode(hex(value, p)));
      p += 4;
    } else {
      pieces.push(c == 0x62 ? "\b" : c == 0x66 ? "\f" : c == 0x6e ? "\n" : c == 0x72 ? "\r" : c == 0x74 ? "\t" : String.fromCharCode(c));
    }
    plain = p;
  }
  pieces.push(value.substring(plain, p));
  return pieces.join("");
}

// The unit at a place, -1 behind the end.
function at(s: string, p: i32): i32 {
  return p < s.length ? s.charCodeAt(p) : -1;
}

function blank(s: string, p: i32): i32 {
  for (; p < s.length; p++) {
    const c = s.charCodeAt(p);
    if (c != 0x20 && c != 0x09 && c != 0x0a && c != 0x0d) break;
  }
  return p;
}

function hex(s: string, p: i32): i32 { // four digits, or -1
  let v = 0;
  for (let i = 0; i < 4; i++) {
    const c = at(s, p + i), low = c | 0x20;
    if (c >= 0x30 && c <= 0x39) v = (v << 4) | (c - 0x30);
    else if (low >= 0x61 && low <= 0x66) v = (v << 4) | (low - 0x61 + 10);
    else return -1;
  }
  return v;
}

// skip gives the place behind the value that begins at p, 0 where there is
// none.
function skip(s: string, p: i32, depth: i32): i32 {
  if (depth == 0) return 0;
  const c = at(s, p);
  if (c == QUOTE) return skipString(s, p);
  if (c == 0x7b) return skipAll(s, p + 1, 0x7d, depth - 1); // { }
  if (c == 0x5b) return skipAll(s, p + 1, 0x5d, depth - 1); // [ ]
  if (s.substr(p, 4) == "true" || s.substr(p, 4) == "null") return p + 4;
  if (s.substr(p, 5) == "false") return p + 5;
  return skipNumber(s, p);
}

function skipAll(s: string, p: i32, close: i32, depth: i32): i32 {
  p = blank(s, p);
  if (at(s, p) == close) return p + 1;
  while (true) {
    if (close == 0x7d) {
      p = skipString(s, p);
      if (p == 0) return 0;
      p = blank(s, p);
      if (at(s, p) != 0x3a) return 0; // :
      p = blank(s, p + 1);
    }
    p = skip(s, p, depth);
    if (p == 0) return 0;
    p = blank(s, p);
    const c = at(s, p);
    if (c == close) return p + 1;
    if (c != 0x2c) return 0; // ,
    p = blank(s, p + 1);
  }
}

function skipString(s: string, p: i32): i32 {
  if (at(s, p) != QUOTE) return 0;
  while (true) {
    let c = at(s, ++p);
    if (c == QUOTE) return p + 1;
    if (c < 0x20) return 0;
    if (c != BACKSLASH) continue;
    c = at(s, ++p);
    if (c == 0x75) { // u
      if (hex(s, p + 1) < 0) return 0;
      p += 4;
    } else if (c < 0 || !'"\\/bfnrt'.includes(String.fromCharCode(c))) return 0;
  }
}

function digits(s: string, p: i32): i32 {
  const from = p;
  while (at(s, p) >= 0x30 && at(s, p) <= 0x39) p++;
  return p > from ? p : 0;
}

function skipNumber(s: string, p: i32): i32 {
  if (at(s, p) == 0x2d) p++; // -
  p = at(s, p) == 0x30 ? p + 1 : digits(s, p);
  if (p > 0 && at(s, p) == 0x2e) p = digits(s, p + 1); // .
  if (p > 0 && (at(s, p) | 0x20) == 0x65) { // e
    p++;
    if (at(s, p) == 0x2b || at(s, p) == 0x2d) p++; // + -
    p = digits(s, p);
  }
  return p;
}
