package treatment

import (
	"fmt"
	"maps"
	"slices"

	"github.com/glabella-ehr/glabella"
)

// Migration says how the values of a record of an earlier version are carried
// over into this one. A stored record is never migrated: it stays as it was
// charted, under the version that it pins. What is migrated is a copy that a new
// visit begins with.
type Migration struct {
	From   int                          `json:"from"`   // the earlier version
	Rename map[string]string            `json:"rename"` // new keys of fields, by their old ones
	Values map[string]map[string]string `json:"values"` // new choices by their old ones, by the field's new key
	Drop   []string                     `json:"drop"`   // old keys of fields that this version does not have
}

func (m Migration) clone() Migration {
	m.Rename = maps.Clone(m.Rename)
	m.Values = maps.Clone(m.Values)
	for key, values := range m.Values {
		m.Values[key] = maps.Clone(values)
	}
	m.Drop = slices.Clone(m.Drop)
	return m
}

// CodeMigration says that a value of an earlier version of a template has no place in this one.
const CodeMigration glabella.Code = "treatment.migration"

// Migrate returns a record of an earlier version of the template as one of this
// version, by the template's migrations. Nothing is dropped unless a migration
// says so: each value that has no place here is an issue, and so is a version
// that no migration starts from.
func (t Template) Migrate(r Record) (Record, error) {
	if r.Template == t.Ref() {
		return r, nil
	}
	i := slices.IndexFunc(t.Migrations, func(m Migration) bool { return m.From == r.Template.Version })
	if r.Template.Code != t.Code || i < 0 {
		return r, glabella.Invalid("record", glabella.Issue{Path: "/template", Code: CodeMigration,
			Text: fmt.Sprintf("template %s version %d has no migration from %s version %d", t.Code, t.Version, r.Template.Code, r.Template.Version)})
	}
	m := t.Migrations[i]
	var issues []glabella.Issue
	values := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(r.Values)) {
		plain, group := key, ""
		g, row, field, inRow := rowOf(key)
		if inRow {
			plain, group = g+"/"+field, g
		}
		if slices.Contains(m.Drop, plain) || inRow && slices.Contains(m.Drop, group) {
			continue
		}
		to := plain
		if renamed, ok := m.Rename[plain]; ok {
			to = renamed
		}
		f, ok := t.fieldAt(to)
		if !ok {
			issues = append(issues, glabella.Issue{Path: "/values/" + pointer(key), Code: CodeMigration, Text: "the field has no place in this version, and no migration drops it"})
			continue
		}
		value := r.Values[key]
		if mapped, ok := m.Values[to][value]; ok {
			value = mapped
		}
		if inRow {
			to = RowKey(g, row, f.Key)
		}
		values[to] = value
	}
	r.Template, r.Values = t.Ref(), values
	return t.Fill(r), glabella.Invalid("record", issues...)
}

// fieldAt returns the field with the key, or with the path "group/field".
func (t Template) fieldAt(path string) (Field, bool) {
	for _, f := range t.Fields {
		if f.Key == path {
			return f, true
		}
		for _, g := range f.Fields {
			if f.Key+"/"+g.Key == path {
				return g, true
			}
		}
	}
	return Field{}, false
}
