package scripting

import (
	"slices"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// idField is the field of a record that says which one it is.
const idField = "ID"

// A records value is what a form gave, in order; one record alone, as a loop
// has it; the record that the product puts around a script, such as input; or
// the rows of a sub-form. Reading a field of it reads the first record's,
// setting one sets every record's.
//
//	Orders[Status == "open"]   several of a form
//	for each o in ...          single
//	input                      single, of no form: nothing is stored
//	o.Items                    the rows of a sub-form; owner is o
type records struct {
	m      *machine
	form   string // "" when nothing is stored
	rows   []*value.Map
	single bool
	owner  *records // of rows of a sub-form
	field  string   // of the owner
}

var _ value.Object = (*records)(nil)

// TypeName is record or records.
func (r *records) TypeName() string {
	if r.single {
		return "record"
	}
	return "records"
}

// Plain is a map for a single record, null for no record and a list of maps
// for several.
func (r *records) Plain(b *value.Budget) any {
	switch {
	case r.single:
		return r.rows[0]
	case len(r.rows) == 0:
		return nil
	}
	list := value.MakeList(b, len(r.rows))
	for _, row := range r.rows {
		list.Add(b, row)
	}
	return list
}

// Call runs what records do otherwise than maps and lists.
func (r *records) Call(b *value.Budget, function string, args []any) (any, bool) {
	switch strings.ToLower(function) {
	case "count", "size":
		if len(args) == 0 && !r.single {
			return int64(len(r.rows)), true
		}
	case "isempty", "isnull", "isblank":
		if !r.single {
			return len(r.rows) == 0, true
		}
	case "get":
		if len(args) == 1 {
			return r.get(b, value.Resolve(args[0])), true
		}
	case "getall":
		return r.Plain(b), true
	}
	return nil, false
}

// get is a record by its place, or a field of the first one.
func (r *records) get(b *value.Budget, key any) any {
	if i, ok := key.(int64); ok && !r.single {
		if i < 0 || i >= int64(len(r.rows)) {
			value.Throw("Given index %d is greater than the list size", i)
		}
		return r.one(int(i))
	}
	return r.read(value.Text(b, key))
}

// one is a record alone.
func (r *records) one(i int) *records {
	return &records{m: r.m, form: r.form, rows: r.rows[i : i+1 : i+1], single: true, owner: r.owner, field: r.field}
}

// read gives a field of the first record; null when there is no record or no
// such field. Rows of a sub-form come as records.
func (r *records) read(field string) any {
	if len(r.rows) == 0 {
		return nil
	}
	return r.m.rowsOf(r, field, readField(r.rows[0], field))
}

// readField is a field of a row. Products take ID in any letter case.
func readField(row *value.Map, field string) any {
	v, ok := row.Get(field)
	if !ok && strings.EqualFold(field, idField) {
		v, _ = row.Get(idField)
	}
	return value.Resolve(v)
}

// rowsOf makes records of a field that holds rows: a list of maps.
func (m *machine) rowsOf(owner *records, field string, v any) any {
	list, ok := v.(*value.List)
	if !ok || list.Len() == 0 {
		return v
	}
	rows := make([]*value.Map, 0, list.Len())
	for _, item := range list.Items() {
		row, ok := value.Resolve(item).(*value.Map)
		if !ok {
			return v
		}
		rows = append(rows, row)
	}
	m.budget.AllocTimes(len(rows), wordSize)
	return &records{m: m, rows: rows, owner: owner, field: field}
}

// set sets a field of every record, where it is stored too.
func (r *records) set(field string, v any) {
	v = value.Resolve(v)
	if rows, ok := v.(*records); ok {
		v = value.Resolve(rows.Plain(r.m.budget))
	}
	if r.form != "" && strings.EqualFold(field, idField) {
		value.Throw("the ID of a record cannot be changed")
	}
	for _, row := range r.rows {
		r.m.budget.Tick(1)
		if r.form != "" {
			r.m.keep(v)
			r.m.store("change a record of "+r.form, func() error {
				return r.m.Forms.Update(r.m.budget.Context(), r.form, recordID(row), field, v)
			})
		}
		row.Put(r.m.budget, field, v)
	}
	r.changed()
}

// changed stores the sub-form whose rows were changed, in its owner.
func (r *records) changed() {
	if r.owner == nil || len(r.owner.rows) == 0 || r.owner.form == "" {
		return
	}
	rows := readField(r.owner.rows[0], r.field)
	r.m.store("change a record of "+r.owner.form, func() error {
		return r.m.Forms.Update(r.m.budget.Context(), r.owner.form, recordID(r.owner.rows[0]), r.field, rows)
	})
}

// addRows is input.Sub.insert(row): rows are put behind those that a field of
// the first record holds.
func (r *records) addRows(field string, added []any) {
	if len(r.rows) == 0 {
		value.Throw("there is no record to insert a row into")
	}
	b := r.m.budget
	list, ok := readField(r.rows[0], field).(*value.List)
	if !ok {
		list = value.NewList()
		r.rows[0].Put(b, field, list)
	}
	for _, v := range added {
		switch x := value.Resolve(v).(type) {
		case *records:
			for _, row := range x.rows {
				list.Add(b, row)
			}
		case *value.Map:
			list.Add(b, x)
		case *value.Collection:
			list.AddAll(b, x.List())
		case *value.List:
			list.AddAll(b, x)
		default:
			value.Throw("%s is no row of a sub-form", article(value.TypeName(v)))
		}
	}
	(&records{m: r.m, owner: r, field: field}).changed()
}

func recordID(row *value.Map) int64 {
	id, _ := readField(row, idField).(int64)
	return id
}

// values are a field of every record.
func (r *records) values(field string) []any {
	out := make([]any, len(r.rows))
	r.m.budget.AllocTimes(len(out), wordSize)
	for i, row := range r.rows {
		r.m.budget.Tick(1)
		out[i] = readField(row, field)
	}
	return out
}

// each are the elements of a loop over records.
func (r *records) each(b *value.Budget) *value.List {
	list := value.MakeList(b, len(r.rows))
	for i := range r.rows {
		b.Alloc(6 * wordSize)
		list.Add(b, r.one(i))
	}
	return list
}

// openForm reads all records of a form.
func (m *machine) openForm(name string) *records {
	if m.Forms == nil {
		panic(&Missing{"form", name})
	}
	var rows []*value.Map
	m.store("read "+name, func() (err error) {
		rows, err = m.Forms.Records(m.budget.Context(), name)
		return err
	})
	for _, row := range rows {
		m.budget.AllocTimes(row.Len(), 5*wordSize)
		m.budget.Tick(1)
	}
	return &records{m: m, form: name, rows: rows}
}

// store runs a step of the forms; a script may catch its error.
func (m *machine) store(what string, step func() error) {
	if m.Forms == nil {
		value.Throw("this run has no forms: it cannot %s", what)
	}
	m.budget.Check()
	m.budget.Tick(20) // a look into a store is more than a step
	err := step()
	m.budget.Check()
	switch e := err.(type) {
	case nil:
	case *Missing, *value.Fault:
		panic(e)
	default:
		panic(&taskFailed{what, err})
	}
}

// keep charges what is stored and stays there, whatever the script holds.
func (m *machine) keep(v any) {
	n := value.Footprint(m.budget, v)
	m.budget.Alloc(int(n))
	m.stored += n
}

// insertRecord adds a record and gives its ID. A dotted field is a part of
// another one: Name.first_name.
func (m *machine) insertRecord(form string, names []string, values []any) any {
	fields := value.NewMap()
	for i, v := range m.plainAll(values) {
		at := fields
		path := strings.Split(names[i], ".")
		for _, part := range path[:len(path)-1] {
			inner, ok := readField(at, part).(*value.Map)
			if !ok {
				inner = value.NewMap()
				at.Put(m.budget, part, inner)
			}
			at = inner
		}
		at.Put(m.budget, path[len(path)-1], v)
	}
	m.keep(fields)
	var id int64
	m.store("insert into "+form, func() (err error) {
		id, err = m.Forms.Insert(m.budget.Context(), form, fields)
		return err
	})
	return id
}

// deleteRecords removes records from their form.
func (m *machine) deleteRecords(v any) {
	r, ok := value.Resolve(v).(*records)
	if !ok || r.form == "" && len(r.rows) > 0 {
		value.Throw("delete from takes records of a form, not %s", article(value.TypeName(v)))
	}
	for _, row := range slices.Clone(r.rows) {
		m.store("delete from "+r.form, func() error {
			return m.Forms.Delete(m.budget.Context(), r.form, recordID(row))
		})
	}
}
