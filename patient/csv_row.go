package patient

import (
	"strings"

	"github.com/glabella-ehr/glabella"
)

// row makes the row of a record.
func (f *csvFile) row(n int, rec csvRecord) Row {
	l, issues := f.layout, rec.issues
	if len(issues) == 0 && len(rec.cells) != f.width {
		issues = append(issues, glabella.Issue{Code: CodeImportRagged, Text: "has more or fewer columns than the header", Line: rec.line, Column: 1})
	}
	for _, c := range rec.cells {
		issues = append(issues, textIssues(c)...)
	}
	if len(issues) > 0 {
		return Row{Number: n, Issues: issues}
	}
	var in Intake
	if f.values == nil { // kept from row to row
		f.fields, f.values, f.places, f.required = ColumnFields(), map[ColumnField]string{}, map[ColumnField]cell{}, map[ColumnField]bool{}
		for _, c := range l.Columns {
			f.required[c.Field] = c.Required
		}
	}
	values, places, required := f.values, f.places, f.required
	source := make([]string, 0, len(f.fields)+len(f.key))
	for _, field := range f.fields {
		v := l.Fixed[field]
		places[field] = cell{line: rec.line, column: 1}
		if i, ok := f.columns[field]; ok {
			places[field] = rec.cells[i]
			if t := strings.TrimSpace(rec.cells[i].text); t != "" {
				v = t
			}
		}
		if v == "" && required[field] {
			issues = append(issues, issueAt(places[field], "", glabella.CodeRequired, "must be given"))
		}
		values[field] = v
		source = append(source, v)
	}
	bad := func(field ColumnField, path string, code glabella.Code, text string) {
		issues = append(issues, issueAt(places[field], path, code, text))
	}

	name := Name{Use: NameOfficial, Prefix: values[ColumnPrefix], Family: values[ColumnFamily], Suffix: values[ColumnSuffix]}
	for _, field := range []ColumnField{ColumnGiven, ColumnMiddle} {
		if v := values[field]; v != "" {
			name.Given = append(name.Given, v)
		}
	}
	if name.String() != "" {
		in.Names = append(in.Names, name)
	}
	if v := values[ColumnUsed]; v != "" && v != values[ColumnGiven] {
		in.Names = append(in.Names, Name{Use: NameUsual, Given: []string{v}, Family: name.Family})
	}
	in.Pronouns = values[ColumnPronouns]
	if v := values[ColumnBirthDate]; v != "" {
		ok := false
		for _, format := range l.Dates {
			if in.BirthDate, ok = format.parse(v, l.Pivot); ok {
				break
			}
		}
		if !ok {
			in.BirthDate = glabella.Date{}
			bad(ColumnBirthDate, "/birthDate", CodeImportDate, "not a day in a form that the layout names")
		}
	}
	gender := func(field ColumnField, path string) Gender {
		v := values[field]
		g, ok := f.genders[header(v)]
		if v != "" && !ok {
			bad(field, path, glabella.CodeUnknownValue, "the layout has no gender for it")
		}
		return g
	}
	in.SexAtBirth, in.Gender = gender(ColumnSexAtBirth, "/sexAtBirth"), gender(ColumnGender, "/gender")
	for _, field := range []ColumnField{ColumnMobile, ColumnPhone} {
		if v := values[field]; v != "" {
			number, err := f.how.Normalize.phone(v, l.Region)
			if err != nil {
				bad(field, "/contacts", CodePhone, "not a phone number")
				continue
			}
			use := map[ColumnField]string{ColumnMobile: "mobile"}[field]
			in.Contacts = append(in.Contacts, Contact{System: Phone, Value: number, Use: use})
		}
	}
	if v := values[ColumnEmail]; v != "" {
		address, err := f.how.Normalize.email(v)
		if err != nil {
			bad(ColumnEmail, "/contacts", CodeEmail, "not an email address")
		} else {
			in.Contacts = append(in.Contacts, Contact{System: Email, Value: address})
		}
	}
	a := Address{City: values[ColumnCity], State: values[ColumnState], PostalCode: values[ColumnPostalCode], Country: strings.ToUpper(values[ColumnCountry])}
	for _, field := range []ColumnField{ColumnLine1, ColumnLine2} {
		if v := values[field]; v != "" {
			a.Lines = append(a.Lines, v)
		}
	}
	// A country or state that every row has is no address.
	if len(a.Lines) > 0 || a.City != "" || a.PostalCode != "" {
		in.Addresses = []Address{a}
	}
	in.Languages = f.list(values[ColumnLanguage])
	for _, v := range f.list(values[ColumnAllergies]) {
		in.Allergies = append(in.Allergies, IntakeAllergy{Substance: glabella.Coding{Display: v}, Kind: "allergy", Criticality: "unable-to-assess"})
	}
	for _, v := range f.list(values[ColumnMedications]) {
		in.Medications = append(in.Medications, IntakeMedication{Substance: glabella.Coding{Display: v}})
	}

	key := f.keyOf(rec)
	if key != "" {
		in.Identifiers = []Identifier{{System: l.System, Value: key}}
	}
	row := Stage(n, key, append(source, key), in, f.how.Provenance)
	for i := range row.Issues {
		row.Issues[i].Line, row.Issues[i].Column = rec.line, 1
	}
	row.Issues = append(issues, row.Issues...)
	row.Tags = f.list(values[ColumnTags])
	return row
}

// keyOf joins the parts of the key; a part that is empty leaves no key, so that
// rows of unknown identity are not taken for one another.
func (f *csvFile) keyOf(rec csvRecord) string {
	parts := make([]string, len(f.key))
	for i, k := range f.key {
		if parts[i] = strings.TrimSpace(rec.cells[k].text); parts[i] == "" {
			return ""
		}
		if len(f.key) > 1 {
			parts[i] = strings.NewReplacer(`\`, `\\`, "|", `\|`).Replace(parts[i])
		}
	}
	return strings.Join(parts, "|")
}

func (f *csvFile) list(v string) []string {
	if v == "" {
		return nil
	}
	var out []string
	for _, part := range strings.Split(v, f.layout.Separator) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func issueAt(c cell, path string, code glabella.Code, text string) glabella.Issue {
	return glabella.Issue{Path: path, Code: code, Text: text, Line: c.line, Column: c.column}
}
