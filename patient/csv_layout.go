package patient

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/strict"
)

// Encoding is how a file's text is encoded.
type Encoding string

// The encodings. UTF-8 and UTF-16 may begin with a byte order mark; UTF-16
// without one is little-endian.
const (
	UTF8        Encoding = "utf-8"
	UTF16       Encoding = "utf-16"
	Windows1252 Encoding = "windows-1252"
	Latin1      Encoding = "iso-8859-1"
	Macintosh   Encoding = "macintosh"
)

// Encodings returns every encoding.
func Encodings() []Encoding { return []Encoding{UTF8, UTF16, Windows1252, Latin1, Macintosh} }

// Valid reports whether e is one of [Encodings].
func (e Encoding) Valid() bool { return slices.Contains(Encodings(), e) }

// DateFormat is a form of a date in a file.
type DateFormat string

// The forms of dates.
const (
	DateISO      DateFormat = "YYYY-MM-DD"
	DateUS       DateFormat = "MM/DD/YYYY"
	DateUSShort  DateFormat = "MM/DD/YY"
	DateUK       DateFormat = "DD/MM/YYYY"
	DateDot      DateFormat = "DD.MM.YYYY"
	DateDotShort DateFormat = "DD.MM.YY"
)

// DateFormats returns every form of dates.
func DateFormats() []DateFormat {
	return []DateFormat{DateISO, DateUS, DateUSShort, DateUK, DateDot, DateDotShort}
}

// Valid reports whether f is one of [DateFormats].
func (f DateFormat) Valid() bool { return slices.Contains(DateFormats(), f) }

func (f DateFormat) short() bool { return !strings.Contains(string(f), "YYYY") }

// parse reads a date. A year of two digits is the latest one not after pivot.
func (f DateFormat) parse(s string, pivot int) (glabella.Date, bool) {
	separator := map[bool]string{true: "/", false: "."}[strings.Contains(string(f), "/")]
	if f == DateISO {
		separator = "-"
	}
	names, parts := strings.Split(string(f), separator), strings.Split(s, separator)
	if len(parts) != len(names) {
		return glabella.Date{}, false
	}
	var d glabella.Date
	for i, name := range names {
		n, err := strconv.Atoi(parts[i])
		// Excel drops the zero of a day or month, never that of a year.
		if err != nil || n < 0 || parts[i][0] == '+' || len(parts[i]) > len(name) || name[0] == 'Y' && len(parts[i]) != len(name) {
			return glabella.Date{}, false
		}
		switch name[0] {
		case 'Y':
			d.Year = n
		case 'M':
			d.Month = time.Month(n)
		default:
			d.Day = n
		}
	}
	if f.short() {
		d.Year += pivot - pivot%100
		if d.Year > pivot {
			d.Year -= 100
		}
	}
	return d, d.Valid()
}

// ColumnField is what a column of a file becomes.
type ColumnField string

// The fields.
const (
	ColumnPrefix      ColumnField = "prefix"
	ColumnGiven       ColumnField = "given"
	ColumnMiddle      ColumnField = "middle"
	ColumnFamily      ColumnField = "family"
	ColumnSuffix      ColumnField = "suffix"
	ColumnUsed        ColumnField = "used" // the given name that is used
	ColumnPronouns    ColumnField = "pronouns"
	ColumnBirthDate   ColumnField = "birth-date"
	ColumnSexAtBirth  ColumnField = "sex-at-birth"
	ColumnGender      ColumnField = "gender"
	ColumnPhone       ColumnField = "phone"
	ColumnMobile      ColumnField = "mobile"
	ColumnEmail       ColumnField = "email"
	ColumnLine1       ColumnField = "line-1"
	ColumnLine2       ColumnField = "line-2"
	ColumnCity        ColumnField = "city"
	ColumnState       ColumnField = "state"
	ColumnPostalCode  ColumnField = "postal-code"
	ColumnCountry     ColumnField = "country"
	ColumnLanguage    ColumnField = "language"
	ColumnAllergies   ColumnField = "allergies"   // free text, unconfirmed
	ColumnMedications ColumnField = "medications" // free text
	ColumnTags        ColumnField = "tags"
)

// ColumnFields returns every field, in the order in which a digest takes them.
func ColumnFields() []ColumnField {
	return []ColumnField{ColumnPrefix, ColumnGiven, ColumnMiddle, ColumnFamily, ColumnSuffix, ColumnUsed, ColumnPronouns, ColumnBirthDate, ColumnSexAtBirth, ColumnGender,
		ColumnPhone, ColumnMobile, ColumnEmail, ColumnLine1, ColumnLine2, ColumnCity, ColumnState, ColumnPostalCode, ColumnCountry, ColumnLanguage,
		ColumnAllergies, ColumnMedications, ColumnTags}
}

// Valid reports whether f is one of [ColumnFields].
func (f ColumnField) Valid() bool { return slices.Contains(ColumnFields(), f) }

// Column says which column of a file becomes a field.
type Column struct {
	Field    ColumnField `json:"field"`
	Headers  []string    `json:"headers"`  // the names it may have, without regard to case
	Required bool        `json:"required"` // a row without a value is refused
}

// Layout says how a file of comma-separated values is laid out. Columns that it
// does not name are not read.
type Layout struct {
	Name      string                 `json:"name"`
	System    string                 `json:"system"`    // URI under which the key becomes an identifier
	Delimiter string                 `json:"delimiter"` // one of , ; | and tab
	Encoding  Encoding               `json:"encoding"`
	Columns   []Column               `json:"columns"`
	Key       []string               `json:"key"`       // the headers that together identify a row
	Dates     []DateFormat           `json:"dates"`     // the forms of dates, tried in order
	Pivot     int                    `json:"pivot"`     // the latest year that two digits may mean
	Region    string                 `json:"region"`    // of phone numbers: ISO 3166-1 alpha-2
	Genders   map[string]Gender      `json:"genders"`   // values of sex and gender, without regard to case
	Separator string                 `json:"separator"` // between the values of allergies, medications, tags and languages
	Fixed     map[ColumnField]string `json:"fixed"`     // values where a row has none
}

// ParseLayout reads a layout: JSON, without unknown members. The error is a
// [*glabella.ValidationError] about name with every problem.
func ParseLayout(name string, data []byte) (Layout, error) {
	var l Layout
	if err := strict.Decode(name, data, &l); err != nil {
		return Layout{}, err
	}
	if err := glabella.Invalid(name, l.issues()...); err != nil {
		return Layout{}, err
	}
	return l, nil
}

// Validate reports everything that is wrong with the layout.
func (l Layout) Validate() error { return glabella.Invalid("layout", l.issues()...) }

func (l Layout) issues() []glabella.Issue {
	var issues []glabella.Issue
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	for path, v := range map[string]string{"/name": l.Name, "/system": l.System} {
		if v == "" {
			add(glabella.CodeRequired, "must be given", "%s", path)
		}
	}
	if !slices.Contains([]string{",", ";", "|", "\t"}, l.Delimiter) {
		add(glabella.CodeUnknownValue, "not a delimiter", "/delimiter")
	}
	if !l.Encoding.Valid() {
		add(glabella.CodeUnknownValue, "not an encoding", "/encoding")
	}
	if len(l.Columns) == 0 {
		add(glabella.CodeRequired, "a layout has a column", "/columns")
	}
	if len(l.Key) == 0 {
		add(glabella.CodeRequired, "a row needs an identity in its source", "/key")
	}
	fields, headers := map[ColumnField]bool{}, map[string]bool{}
	dated, coded, parted := false, false, false
	uses := func(f ColumnField) {
		dated = dated || f == ColumnBirthDate
		coded = coded || f == ColumnSexAtBirth || f == ColumnGender
		parted = parted || f == ColumnAllergies || f == ColumnMedications || f == ColumnTags || f == ColumnLanguage
	}
	for i, c := range l.Columns {
		if !c.Field.Valid() {
			add(glabella.CodeUnknownValue, "not a field", "/columns/%d/field", i)
		}
		if fields[c.Field] {
			add(glabella.CodeDuplicate, "given twice", "/columns/%d/field", i)
		}
		fields[c.Field] = true
		uses(c.Field)
		if len(c.Headers) == 0 {
			add(glabella.CodeRequired, "a column has a header", "/columns/%d/headers", i)
		}
		for k, h := range c.Headers {
			if folded := header(h); folded == "" || headers[folded] {
				add(glabella.CodeDuplicate, "empty or given twice", "/columns/%d/headers/%d", i, k)
			} else {
				headers[folded] = true
			}
		}
	}
	for _, f := range slices.Sorted(maps.Keys(l.Fixed)) {
		uses(f)
		if !f.Valid() {
			add(glabella.CodeUnknownValue, "not a field", "/fixed")
		}
	}
	if dated && len(l.Dates) == 0 {
		add(glabella.CodeRequired, "dates need a form", "/dates")
	}
	for i, f := range l.Dates {
		if !f.Valid() {
			add(glabella.CodeUnknownValue, "not a form of dates", "/dates/%d", i)
		} else if f.short() && (l.Pivot < 1900 || l.Pivot > 2999) {
			add(glabella.CodeOutOfRange, "years of two digits need the latest year that they may mean", "/pivot")
		}
	}
	if slices.Contains(l.Dates, DateUK) && (slices.Contains(l.Dates, DateUS) || slices.Contains(l.Dates, DateUSShort)) {
		add(glabella.CodeMismatch, "the day and the month cannot be told apart", "/dates")
	}
	if coded && len(l.Genders) == 0 {
		add(glabella.CodeRequired, "sex and gender need their values", "/genders")
	}
	seen := map[string]bool{}
	for _, v := range slices.Sorted(maps.Keys(l.Genders)) {
		if !l.Genders[v].Valid() {
			add(glabella.CodeUnknownValue, "not an administrative gender", "/genders")
		}
		if seen[header(v)] {
			add(glabella.CodeDuplicate, "two values differ in case only", "/genders")
		}
		seen[header(v)] = true
	}
	if parted && l.Separator == "" {
		add(glabella.CodeRequired, "lists of values need a separator", "/separator")
	}
	return issues
}

// header returns the form in which headers and coded values are compared.
func header(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
