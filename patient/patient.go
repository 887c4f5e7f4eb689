package patient

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

// NameUse is the use of a name, as FHIR's NameUse.
type NameUse string

// The uses of a name.
const (
	NameOfficial NameUse = "official"
	NameUsual    NameUse = "usual" // the name used
	NameNickname NameUse = "nickname"
	NameMaiden   NameUse = "maiden"
	NameOld      NameUse = "old"
)

// NameUses returns every use of a name.
func NameUses() []NameUse {
	return []NameUse{NameOfficial, NameUsual, NameNickname, NameMaiden, NameOld}
}

// Valid reports whether u is one of [NameUses].
func (u NameUse) Valid() bool { return slices.Contains(NameUses(), u) }

// Name is a name of a person, as FHIR's HumanName. A name that changes gets its
// last day, and the new one stands beside it. A name, contact or address without
// a provenance has that of the patient.
type Name struct {
	Use        NameUse             `json:"use"`
	Family     string              `json:"family,omitempty"`
	Given      []string            `json:"given"`
	Prefix     string              `json:"prefix,omitempty"`
	Suffix     string              `json:"suffix,omitempty"`
	From       glabella.Date       `json:"from,omitzero"`
	To         glabella.Date       `json:"to,omitzero"`
	Provenance glabella.Provenance `json:"provenance,omitzero"`
}

// String returns the name in the order given names, family name.
func (n Name) String() string {
	parts := append([]string{n.Prefix}, n.Given...)
	parts = append(parts, n.Family, n.Suffix)
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// Gender is an administrative gender, as FHIR's AdministrativeGender. It serves
// for the sex assigned at birth and for the gender that is used.
type Gender string

// The genders.
const (
	Female  Gender = "female"
	Male    Gender = "male"
	Other   Gender = "other"
	Unknown Gender = "unknown"
)

// Genders returns every gender.
func Genders() []Gender { return []Gender{Female, Male, Other, Unknown} }

// Valid reports whether g is one of [Genders].
func (g Gender) Valid() bool { return slices.Contains(Genders(), g) }

// System is the kind of a contact, as FHIR's ContactPointSystem.
type System string

// The kinds of contact.
const (
	Phone System = "phone" // value is E.164: +15125550100
	SMS   System = "sms"   // value is E.164
	Email System = "email"
)

// Systems returns every kind of contact.
func Systems() []System { return []System{Phone, SMS, Email} }

// Valid reports whether s is one of [Systems].
func (s System) Valid() bool { return slices.Contains(Systems(), s) }

// Contact is a way to reach a person.
type Contact struct {
	System     System              `json:"system"`
	Value      string              `json:"value"`
	Use        string              `json:"use,omitempty"` // FHIR ContactPointUse: home, work, mobile
	Preferred  bool                `json:"preferred,omitempty"`
	Provenance glabella.Provenance `json:"provenance,omitzero"`
}

// Address is a postal address.
type Address struct {
	Lines      []string            `json:"lines"`
	City       string              `json:"city,omitempty"`
	State      string              `json:"state,omitempty"`
	PostalCode string              `json:"postalCode,omitempty"`
	Country    string              `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Provenance glabella.Provenance `json:"provenance,omitzero"`
}

// Identifier is an identity that some system gave to the patient.
type Identifier struct {
	System string `json:"system"` // URI of the system
	Value  string `json:"value"`
}

// Patient is a person who is or may be treated.
type Patient struct {
	ID glabella.PatientID `json:"id" validate:"required"`
	glabella.Meta
	Names             []Name              `json:"names" validate:"min=1"`
	Pronouns          string              `json:"pronouns,omitempty"`
	BirthDate         glabella.Date       `json:"birthDate,omitzero"`
	SexAtBirth        Gender              `json:"sexAtBirth,omitempty"`
	Gender            Gender              `json:"gender,omitempty"`
	Contacts          []Contact           `json:"contacts"`
	Addresses         []Address           `json:"addresses"`
	Languages         []string            `json:"languages"` // BCP 47, the preferred one first
	Identifiers       []Identifier        `json:"identifiers"`
	PreferredProvider glabella.StaffID    `json:"preferredProvider,omitzero"`
	Tags              []string            `json:"tags"`
	Conditions        []Condition         `json:"conditions"`
	Provenance        glabella.Provenance `json:"provenance"`
}

// Ref returns the reference to the patient.
func (p Patient) Ref() glabella.Ref { return p.ID.Ref() }

// Name returns the name to address the patient by: the usual name, or the
// official one, or the first. Names that have ended come last.
func (p Patient) Name() Name { return p.prefer(NameUsual, NameOfficial) }

// Official returns the patient's name of record: the official name, or the
// usual one, or the first. Names that have ended come last.
func (p Patient) Official() Name { return p.prefer(NameOfficial, NameUsual) }

// DisplayName returns the text of [Patient.Name]. It is personal data: it is for
// people to read and for no log.
func (p Patient) DisplayName() string { return p.Name().String() }

// prefer returns the name of the first of the uses that the patient has: of
// several, the one that holds and began last.
func (p Patient) prefer(uses ...NameUse) Name {
	for _, use := range uses {
		best := -1
		for i, n := range p.Names {
			if n.Use == use && n.To.IsZero() && (best < 0 || n.From.After(p.Names[best].From)) {
				best = i
			}
		}
		if best >= 0 {
			return p.Names[best]
		}
	}
	for _, n := range p.Names {
		if n.To.IsZero() {
			return n
		}
	}
	if len(p.Names) > 0 {
		return p.Names[0]
	}
	return Name{}
}

// Codes of issues with patients.
const (
	// CodePhone says that a phone number is not in the international form E.164.
	CodePhone glabella.Code = "patient.phone"
	// CodeEmail says that an email address is not one.
	CodeEmail glabella.Code = "patient.email"
	// CodeLanguage says that a language is not a BCP 47 tag.
	CodeLanguage glabella.Code = "patient.language"
	// CodePeriod says that a name or a condition ends before it begins.
	CodePeriod glabella.Code = "patient.period"
	// CodeUnborn says that the birth date is after the day on which it was recorded.
	CodeUnborn glabella.Code = "patient.birth-date"
)

// email is an address in the form that the validator library checks.
type email struct {
	Value string `validate:"email,max=254"`
}

// e164 is the international form of a number: at most 15 digits, and not fewer
// than can be dialled from abroad.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

var country = regexp.MustCompile(`^[A-Z]{2}$`)

// Validate reports everything that is wrong with the patient.
func (p Patient) Validate() error {
	issues := check.Struct(p)
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	for i, n := range p.Names {
		if !n.Use.Valid() {
			add(glabella.CodeUnknownValue, "not a use of a name", "/names/%d/use", i)
		}
		if n.String() == "" {
			add(glabella.CodeRequired, "a name has at least one part", "/names/%d", i)
		}
		if !n.To.IsZero() && n.To.Before(n.From) {
			add(CodePeriod, "ends before it begins", "/names/%d/to", i)
		}
		issues = append(issues, partProvenance(n.Provenance, fmt.Sprintf("/names/%d/provenance", i))...)
	}
	if !p.BirthDate.IsZero() {
		switch {
		case !p.BirthDate.Valid():
			add(glabella.CodeFormat, "not a day that exists", "/birthDate")
		// A day of slack: the record is stamped in UTC.
		case p.BirthDate.After(glabella.DateOf(p.Provenance.RecordedAt).AddDays(1)):
			add(CodeUnborn, "is in the future", "/birthDate")
		}
	}
	for path, g := range map[string]Gender{"/sexAtBirth": p.SexAtBirth, "/gender": p.Gender} {
		if g != "" && !g.Valid() {
			add(glabella.CodeUnknownValue, "not an administrative gender", "%s", path)
		}
	}
	for i, c := range p.Contacts {
		switch c.System {
		case Phone, SMS:
			if !e164.MatchString(c.Value) {
				add(CodePhone, "not an international phone number (E.164)", "/contacts/%d/value", i)
			}
		case Email:
			if len(check.Struct(email{c.Value})) > 0 {
				add(CodeEmail, "not an email address", "/contacts/%d/value", i)
			}
		default:
			add(glabella.CodeUnknownValue, "not a kind of contact", "/contacts/%d/system", i)
		}
		issues = append(issues, partProvenance(c.Provenance, fmt.Sprintf("/contacts/%d/provenance", i))...)
	}
	for i, a := range p.Addresses {
		if len(a.Lines) == 0 && a.City == "" && a.PostalCode == "" {
			add(glabella.CodeRequired, "an address has a line, a city or a postal code", "/addresses/%d/lines", i)
		}
		if a.Country != "" && !country.MatchString(a.Country) {
			add(glabella.CodeFormat, "not a two-letter ISO 3166 code", "/addresses/%d/country", i)
		}
		issues = append(issues, partProvenance(a.Provenance, fmt.Sprintf("/addresses/%d/provenance", i))...)
	}
	for i, l := range p.Languages {
		if tag, err := language.Parse(l); err != nil || tag == language.Und {
			add(CodeLanguage, "not a BCP 47 language tag", "/languages/%d", i)
		}
	}
	for i, id := range p.Identifiers {
		if id.System == "" || id.Value == "" {
			add(glabella.CodeRequired, "an identifier names its system and value", "/identifiers/%d", i)
		}
		if slices.Contains(p.Identifiers[:i], id) {
			add(glabella.CodeDuplicate, "given twice", "/identifiers/%d", i)
		}
	}
	for i, c := range p.Conditions {
		issues = append(issues, c.validate(fmt.Sprintf("/conditions/%d", i))...)
	}
	return glabella.Invalid("patient", append(issues, p.Provenance.Validate("/provenance")...)...)
}

// partProvenance validates the provenance of a part of the record. A part without
// one has that of the whole.
func partProvenance(p glabella.Provenance, path string) []glabella.Issue {
	if p == (glabella.Provenance{}) {
		return nil
	}
	return p.Validate(path)
}

// Registered is the payload of the business event of a registration.
type Registered struct {
	Patient glabella.PatientID  `json:"patient"`
	Source  glabella.SourceKind `json:"source"`
}
