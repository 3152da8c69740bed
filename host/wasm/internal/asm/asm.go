// Package asm writes pieces of WebAssembly modules by hand, for the tests of
// host/wasm and its meter. Pieces are strings of bytes in the binary format,
// WebAssembly 2.0 chapter 5.
package asm

import "strings"

// U32 is an unsigned LEB128 number.
func U32(n int) string {
	var out []byte
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return string(append(out, byte(n)))
}

// I64 is a signed LEB128 number.
func I64(v int64) string {
	var out []byte
	for v < -64 || v > 63 {
		out = append(out, byte(v)|0x80)
		v >>= 7
	}
	return string(append(out, byte(v)&0x7f))
}

// Num is i32.const.
func Num(v int32) string { return "\x41" + I64(int64(v)) }

// Vec is a vector.
func Vec(items ...string) string { return U32(len(items)) + strings.Join(items, "") }

// Text is a name, or bytes behind their number.
func Text(s string) string { return U32(len(s)) + s }

// Sec is a section; one of nothing is left out.
func Sec(id byte, content string) string {
	if content == "" || content == "\x00" {
		return ""
	}
	return string([]byte{id}) + Text(content)
}

// Raw is a module of sections as they are.
func Raw(sections ...string) []byte {
	return []byte("\x00asm\x01\x00\x00\x00" + strings.Join(sections, ""))
}
