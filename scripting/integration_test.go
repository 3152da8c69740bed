package scripting_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting"
)

// A row of the table that is written wrongly is found here: what may be left out
// comes last, and no parameter stands twice.
func TestIntegrations(t *testing.T) {
	list := scripting.Integrations()
	if len(list) < 50 {
		t.Fatalf("%d tasks", len(list))
	}
	for _, one := range list {
		if !strings.HasPrefix(one.Name, "zoho.") || one.Service == "" || one.Action == "" && !strings.Contains(one.Signature, "file") {
			t.Errorf("%+v", one)
		}
		if first, _, some := strings.Cut(one.Signature, "["); some && !strings.Contains(first, `"`) && strings.Count(first, ",")+1 != one.Needed && one.Needed > 0 {
			t.Errorf("%s: %d cannot be left out", one.Signature, one.Needed)
		}
		sorted := slices.Sorted(slices.Values(one.Parameters))
		if len(slices.Compact(sorted)) != len(one.Parameters) {
			t.Errorf("%s: %v", one.Name, one.Parameters)
		}
	}
}

// SPEC.md lists the tasks of each service, and no others.
func TestIntegrationsAreListed(t *testing.T) {
	page, err := os.ReadFile("SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "### Integration tasks")
	rows := map[string]string{}
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) == 4 && strings.Contains(cells[1], "`zoho.") {
			for _, service := range quoted.FindAllStringSubmatch(cells[1], -1) {
				rows[service[1]] = cells[2]
			}
		}
	}
	rows["zoho.crm.v8."] = rows["zoho.crm."]
	listed := 0
	for _, one := range scripting.Integrations() {
		i := strings.LastIndex(one.Name, ".") + 1
		if !strings.Contains(rows[one.Name[:i]], "`"+one.Name[i:]+"`") {
			t.Errorf("%s is not listed", one.Name)
		}
		listed++
	}
	if len(rows) < 8 || listed < 60 {
		t.Errorf("%d rows, %d tasks", len(rows), listed)
	}
}

var quoted = regexp.MustCompile("`(zoho[.a-z0-9]+\\.)`")

// The check has to find which connections the tasks of a script use, and which use
// the one that they do not name.
func TestIntegrationsOfAScript(t *testing.T) {
	p, found := scripting.Compile(scripting.Source{Name: "a.dg", Text: `a = zoho.crm.getRecordById("Leads", 7, "crm");
b = zoho.crm.getRecordById("Leads", 7);
link = "crm";
c = zoho.crm.getRecordById("Leads", 7, link);
d = zoho.books.getOrganizations();
e = zoho.cliq.postToUser("x", "crm");
`}, scripting.Options{})
	if p == nil || len(found) > 0 {
		t.Fatal(found)
	}
	var got []string
	for _, a := range p.Actions() {
		got = append(got, a.Task+" "+a.Service+"."+a.Action+" "+a.Connection.Name)
	}
	want := []string{
		"zoho.crm.getRecordById zoho_crm.get_record crm", "zoho.crm.getRecordById zoho_crm.get_record ",
		"zoho.books.getOrganizations zoho_books.list_organizations ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if at := p.Actions()[0].Connection.Range.Start; at.Line != 1 || at.Column != 40 {
		t.Errorf("got %+v", at)
	}
}
