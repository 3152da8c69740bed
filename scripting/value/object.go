package value

// An Object is a value of the world around a script: a record, the records of a
// form, a sub-form. The package knows no kind of it; whoever makes one says how
// it behaves. It is shared by reference and used by one goroutine.
type Object interface {
	// TypeName is the word users know the type by.
	TypeName() string
	// Plain gives the object as a value of another type: a map, a list, a text.
	// It is what is printed, compared and handed to functions that know nothing of
	// the object. What it makes is charged to b.
	Plain(b *Budget) any
	// Call runs the function of that name, in any letter case, with the object as
	// its receiver; args hold what follows. It returns false for a name that it
	// does not serve: the function of the table then gets what Plain gives. A
	// Fault is thrown, as operators throw it.
	Call(b *Budget, function string, args []any) (v any, known bool)
}

// plain returns what v is to those that know nothing of objects.
func plain(b *Budget, v any) any {
	v = Resolve(v)
	for depth := 0; ; depth++ {
		o, ok := v.(Object)
		if !ok {
			return v
		}
		if depth >= MaxNesting {
			tooDeep()
		}
		b.Tick(1)
		v = Resolve(o.Plain(b))
	}
}
