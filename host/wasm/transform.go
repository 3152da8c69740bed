package wasm

import "github.com/connhost/connhost/plugins/abi"

// transformVersion changes whenever transform gives something else for the
// same module and limits, so that no code compiled before is used after.
const transformVersion = "1"

// transform rewrites an admitted module into the one that is compiled:
// without custom sections, which the compiler would parse for names that
// nobody reads, and with a largest size for every table, because table.grow
// takes memory that the memory limit does not see.
func transform(file []byte, l Limits) ([]byte, error) {
	out := abi.Empty()
	err := eachSection(file, func(id byte, c *cursor) {
		content := c.b
		switch id {
		case secCustom:
			c.bytes(uint32(c.left()))
			return
		case secTable:
			content = boundTables(c, l)
		default:
			c.bytes(uint32(c.left()))
		}
		out = appendU32(append(out, id), uint32(len(content)))
		out = append(out, content...)
	})
	return out, err
}

func boundTables(c *cursor, l Limits) []byte {
	n := c.count("tables", maxTables, 3)
	out := appendU32(nil, uint32(n))
	for range n {
		kind := c.byte()
		least, most, bounded := limits(c)
		if !bounded || uint64(most) > uint64(l.Table) {
			most = max(least, uint32(l.Table))
		}
		out = append(out, kind, 1)
		out = appendU32(appendU32(out, least), most)
	}
	return out
}

func appendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}
