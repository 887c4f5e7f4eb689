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
	Extension  string              `json:"extension,omitempty"` // digits to dial once connected
	Use        string              `json:"use,omitempty"`       // FHIR ContactPointUse: home, work, temp, old, mobile
	Preferred  bool                `json:"preferred,omitempty"`
	From       glabella.Date       `json:"from,omitzero"`
	To         glabella.Date       `json:"to,omitzero"` // the last day
	Provenance glabella.Provenance `json:"provenance,omitzero"`
}

// Holds reports whether the contact is in use on a day.
func (c Contact) Holds(on glabella.Date) bool { return c.Use != "old" && holds(c.From, c.To, on) }

// Address is a postal address, as FHIR's Address.
type Address struct {
	Use        string              `json:"use,omitempty"` // FHIR AddressUse: home, work, temp, old, billing
	Lines      []string            `json:"lines"`
	City       string              `json:"city,omitempty"`
	State      string              `json:"state,omitempty"`
	PostalCode string              `json:"postalCode,omitempty"`
	Country    string              `json:"country,omitempty"` // ISO 3166-1 alpha-2
	From       glabella.Date       `json:"from,omitzero"`
	To         glabella.Date       `json:"to,omitzero"` // the last day
	Provenance glabella.Provenance `json:"provenance,omitzero"`
}

// Holds reports whether the address is in use on a day.
func (a Address) Holds(on glabella.Date) bool { return a.Use != "old" && holds(a.From, a.To, on) }

// Identifier is an identity that some system gave to the patient, as FHIR's
// Identifier.
type Identifier struct {
	System string        `json:"system"` // URI of the system
	Value  string        `json:"value"`
	Use    string        `json:"use,omitempty"` // FHIR IdentifierUse: usual, official, temp, secondary, old
	From   glabella.Date `json:"from,omitzero"`
	To     glabella.Date `json:"to,omitzero"` // the last day
}

// GenderIdentity is a gender that the patient has said to be their own, as the
// extension us-core-genderIdentity carries it. It may differ from the
// administrative gender and from every sex on record.
type GenderIdentity struct {
	Concept    glabella.Coding     `json:"concept"`
	From       glabella.Date       `json:"from,omitzero"`
	To         glabella.Date       `json:"to,omitzero"` // the last day
	Provenance glabella.Provenance `json:"provenance,omitzero"`
}

// AlertLevel is how an alert is shown.
type AlertLevel string

// The levels of an alert.
const (
	AlertInfo AlertLevel = "info"
	AlertWarn AlertLevel = "warn"
)

// AlertLevels returns every level of an alert.
func AlertLevels() []AlertLevel { return []AlertLevel{AlertInfo, AlertWarn} }

// Valid reports whether l is one of [AlertLevels].
func (l AlertLevel) Valid() bool { return slices.Contains(AlertLevels(), l) }

// Alert is what staff must see when they open the record, as FHIR's Flag.
type Alert struct {
	Code       string              `json:"code"` // the practice's own, such as needle-phobia
	Text       string              `json:"text,omitempty"`
	Level      AlertLevel          `json:"level"`
	From       glabella.Date       `json:"from,omitzero"`
	To         glabella.Date       `json:"to,omitzero"` // the last day
	Provenance glabella.Provenance `json:"provenance,omitzero"`
}

// Patient is a person who is or may be treated.
type Patient struct {
	ID glabella.PatientID `json:"id" validate:"required"`
	glabella.Meta
	Names             []Name              `json:"names" validate:"min=1"`
	Pronouns          string              `json:"pronouns,omitempty"`
	BirthDate         glabella.Date       `json:"birthDate,omitzero"`
	SexAtBirth        Gender              `json:"sexAtBirth,omitempty"`
	LegalSex          Gender              `json:"legalSex,omitempty"` // what the patient's documents state
	Gender            Gender              `json:"gender,omitempty"`
	GenderIdentity    []GenderIdentity    `json:"genderIdentity"`
	Contacts          []Contact           `json:"contacts"`
	Addresses         []Address           `json:"addresses"`
	Languages         []string            `json:"languages"` // BCP 47, the preferred one first
	Identifiers       []Identifier        `json:"identifiers"`
	PreferredProvider glabella.StaffID    `json:"preferredProvider,omitzero"`
	Tags              []string            `json:"tags"`
	Conditions        []Condition         `json:"conditions"`
	Alerts            []Alert             `json:"alerts"`
	Related           []Related           `json:"related"`
	Communication     Communication       `json:"communication"`
	Standing          Standing            `json:"standing,omitzero"`
	Holds             []Hold              `json:"holds"`
	Restricted        bool                `json:"restricted,omitempty"` // the practice's rules may keep those from it who take no part in the care
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

// AlertsOn returns the alerts that hold on a day, warnings first.
func (p Patient) AlertsOn(on glabella.Date) []Alert {
	var out []Alert
	for _, level := range []AlertLevel{AlertWarn, AlertInfo} {
		for _, a := range p.Alerts {
			if a.Level == level && holds(a.From, a.To, on) {
				out = append(out, a)
			}
		}
	}
	return out
}

// holds reports whether a day lies within the period from the first day to the
// last; a zero end is open.
func holds(from, to, on glabella.Date) bool {
	return !on.Before(from) && (to.IsZero() || !on.After(to))
}

// Codes of issues with patients.
const (
	// CodePhone says that a phone number is not in the international form E.164.
	CodePhone glabella.Code = "patient.phone"
	// CodeEmail says that an email address is not one.
	CodeEmail glabella.Code = "patient.email"
	// CodeLanguage says that a language is not a BCP 47 tag.
	CodeLanguage glabella.Code = "patient.language"
	// CodePeriod says that a part of the record ends before it begins.
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
	for path, g := range map[string]Gender{"/sexAtBirth": p.SexAtBirth, "/legalSex": p.LegalSex, "/gender": p.Gender} {
		if g != "" && !g.Valid() {
			add(glabella.CodeUnknownValue, "not an administrative gender", "%s", path)
		}
	}
	issues = append(issues, contactIssues("/contacts", p.Contacts)...)
	for i, a := range p.Addresses {
		if len(a.Lines) == 0 && a.City == "" && a.PostalCode == "" {
			add(glabella.CodeRequired, "an address has a line, a city or a postal code", "/addresses/%d/lines", i)
		}
		if a.Country != "" && !country.MatchString(a.Country) {
			add(glabella.CodeFormat, "not a two-letter ISO 3166 code", "/addresses/%d/country", i)
		}
		if a.Use != "" && !slices.Contains(addressUses, a.Use) {
			add(glabella.CodeUnknownValue, "not a use of an address", "/addresses/%d/use", i)
		}
		issues = append(issues, periodIssues(fmt.Sprintf("/addresses/%d", i), a.From, a.To)...)
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
		if slices.ContainsFunc(p.Identifiers[:i], func(o Identifier) bool { return o.System == id.System && o.Value == id.Value && o.To == id.To }) {
			add(glabella.CodeDuplicate, "given twice", "/identifiers/%d", i)
		}
		if id.Use != "" && !slices.Contains(identifierUses, id.Use) {
			add(glabella.CodeUnknownValue, "not a use of an identifier", "/identifiers/%d/use", i)
		}
		issues = append(issues, periodIssues(fmt.Sprintf("/identifiers/%d", i), id.From, id.To)...)
	}
	for i, c := range p.Conditions {
		issues = append(issues, c.validate(fmt.Sprintf("/conditions/%d", i))...)
	}
	for i, g := range p.GenderIdentity {
		path := fmt.Sprintf("/genderIdentity/%d", i)
		if g.Concept.IsZero() {
			add(glabella.CodeRequired, "must be given", "%s/concept", path)
		}
		issues = append(issues, periodIssues(path, g.From, g.To)...)
		issues = append(issues, partProvenance(g.Provenance, path+"/provenance")...)
	}
	for i, a := range p.Alerts {
		path := fmt.Sprintf("/alerts/%d", i)
		if a.Code == "" {
			add(glabella.CodeRequired, "must be given", "%s/code", path)
		}
		if !a.Level.Valid() {
			add(glabella.CodeUnknownValue, "not a level of an alert", "%s/level", path)
		}
		issues = append(issues, periodIssues(path, a.From, a.To)...)
		issues = append(issues, partProvenance(a.Provenance, path+"/provenance")...)
	}
	issues = append(issues, relatedIssues("/related", p)...)
	issues = append(issues, p.Communication.issues("/communication")...)
	issues = append(issues, p.Standing.issues("/standing")...)
	issues = append(issues, holdIssues("/holds", p.Holds)...)
	return glabella.Invalid("patient", append(issues, p.Provenance.Validate("/provenance")...)...)
}

var (
	contactUses    = []string{"home", "work", "temp", "old", "mobile"}
	addressUses    = []string{"home", "work", "temp", "old", "billing"}
	identifierUses = []string{"usual", "official", "temp", "secondary", "old"}
)

var extension = regexp.MustCompile(`^[0-9]{1,11}$`)

func contactIssues(at string, contacts []Contact) []glabella.Issue {
	var issues []glabella.Issue
	for i, c := range contacts {
		path := fmt.Sprintf("%s/%d", at, i)
		add := func(member string, code glabella.Code, text string) {
			issues = append(issues, glabella.Issue{Path: path + member, Code: code, Text: text})
		}
		switch c.System {
		case Phone, SMS:
			if !e164.MatchString(c.Value) {
				add("/value", CodePhone, "not an international phone number (E.164)")
			}
		case Email:
			if len(check.Struct(email{c.Value})) > 0 {
				add("/value", CodeEmail, "not an email address")
			}
		default:
			add("/system", glabella.CodeUnknownValue, "not a kind of contact")
		}
		if c.Extension != "" && (c.System != Phone || !extension.MatchString(c.Extension)) {
			add("/extension", CodePhone, "an extension is up to 11 digits behind a phone number")
		}
		if c.Use != "" && !slices.Contains(contactUses, c.Use) {
			add("/use", glabella.CodeUnknownValue, "not a use of a contact")
		}
		issues = append(issues, periodIssues(path, c.From, c.To)...)
		issues = append(issues, partProvenance(c.Provenance, path+"/provenance")...)
	}
	return issues
}

func periodIssues(path string, from, to glabella.Date) []glabella.Issue {
	if !to.IsZero() && to.Before(from) {
		return []glabella.Issue{{Path: path + "/to", Code: CodePeriod, Text: "ends before it begins"}}
	}
	return nil
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
