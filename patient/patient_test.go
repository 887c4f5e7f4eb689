package patient_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

func id[I glabella.Identity](name string) I { return glabella.DeriveID[I](name) }

func day(s string) glabella.Date { return glabella.MustParseDate(s) }

var (
	noon   = time.Date(2026, time.November, 23, 18, 0, 0, 0, time.UTC)
	source = glabella.Provenance{Source: glabella.SourcePatient, Author: glabella.Ref{Kind: "patient", ID: "0190a000-0000-7000-8000-000000000001"}, RecordedAt: noon}
)

func zoe() patient.Patient {
	return patient.Patient{
		ID: id[glabella.PatientID]("zoe"),
		Names: []patient.Name{
			{Use: patient.NameOfficial, Family: "Example", Given: []string{"Zoë", "Ann"}, Prefix: "Dr", Suffix: "Jr", From: day("2020-05-01")},
			{Use: patient.NameUsual, Given: []string{"Zo"}},
			{Use: patient.NameMaiden, Family: "Sample", Given: []string{"Zoë"}, To: day("2020-04-30"), Provenance: source},
		},
		Pronouns: "she/her", BirthDate: day("1992-02-29"), SexAtBirth: patient.Female, Gender: patient.Female,
		Contacts: []patient.Contact{
			{System: patient.Phone, Value: "+15125550100", Use: "mobile", Preferred: true, Provenance: source},
			{System: patient.SMS, Value: "+15125550100"},
			{System: patient.Email, Value: "zoe@example.com"},
		},
		Addresses:         []patient.Address{{Lines: []string{"1 Example Street"}, City: "Austin", State: "TX", PostalCode: "00000", Country: "US"}},
		Languages:         []string{"es-MX", "en"},
		Identifiers:       []patient.Identifier{{System: "https://example.com/mrn", Value: "42"}},
		PreferredProvider: id[glabella.StaffID]("nurse"), Tags: []string{"newsletter"}, Provenance: source,
		Conditions: []patient.Condition{{Concept: glabella.Coding{Display: "keloid scar"}, Classes: []string{"keloid-history"}, From: day("2010-01-01"), Provenance: source}},
	}
}

// codesOf returns the issues of an error by their path.
func codesOf(t *testing.T, err error) map[string]glabella.Code {
	t.Helper()
	if err == nil {
		return nil
	}
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("%v is not a validation error", err)
	}
	out := map[string]glabella.Code{}
	for _, i := range invalid.Issues {
		out[i.Path] = i.Code
	}
	return out
}

func TestPatientValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*patient.Patient)
		want   map[string]glabella.Code
	}{
		{"a complete record is valid", func(*patient.Patient) {}, nil},
		{"a name alone is enough", func(p *patient.Patient) {
			*p = patient.Patient{ID: p.ID, Names: []patient.Name{{Use: patient.NameUsual, Given: []string{"Zo"}}}, Provenance: source}
		}, nil},
		{"an empty record", func(p *patient.Patient) { *p = patient.Patient{} }, map[string]glabella.Code{
			"/id": glabella.CodeRequired, "/names": glabella.CodeOutOfRange, "/provenance/source": glabella.CodeUnknownValue, "/provenance/recordedAt": glabella.CodeRequired}},
		{"names", func(p *patient.Patient) {
			p.Names = []patient.Name{{Use: "alias", Family: "Example"}, {Use: patient.NameUsual}, {Use: patient.NameOld, Family: "Example", From: day("2020-01-02"), To: day("2020-01-01")}}
		}, map[string]glabella.Code{"/names/0/use": glabella.CodeUnknownValue, "/names/1": glabella.CodeRequired, "/names/2/to": patient.CodePeriod}},
		{"a birth date that does not exist", func(p *patient.Patient) { p.BirthDate = glabella.Date{Year: 1991, Month: 2, Day: 29} }, map[string]glabella.Code{"/birthDate": glabella.CodeFormat}},
		{"a birth date in the future", func(p *patient.Patient) { p.BirthDate = day("2026-11-25") }, map[string]glabella.Code{"/birthDate": patient.CodeUnborn}},
		{"born today, east of Greenwich", func(p *patient.Patient) { p.BirthDate = day("2026-11-24") }, nil},
		{"genders", func(p *patient.Patient) { p.SexAtBirth, p.Gender = "F", "none" }, map[string]glabella.Code{"/sexAtBirth": glabella.CodeUnknownValue, "/gender": glabella.CodeUnknownValue}},
		{"contacts", func(p *patient.Patient) {
			p.Contacts = []patient.Contact{{System: patient.Phone, Value: "512-555-0100"}, {System: patient.SMS, Value: "+05125550100"}, {System: patient.Email, Value: "zoe"}, {System: "fax", Value: "+15125550100"}}
		}, map[string]glabella.Code{"/contacts/0/value": patient.CodePhone, "/contacts/1/value": patient.CodePhone, "/contacts/2/value": patient.CodeEmail, "/contacts/3/system": glabella.CodeUnknownValue}},
		{"addresses", func(p *patient.Patient) { p.Addresses = []patient.Address{{}, {City: "Austin", Country: "USA"}} },
			map[string]glabella.Code{"/addresses/0/lines": glabella.CodeRequired, "/addresses/1/country": glabella.CodeFormat}},
		{"languages", func(p *patient.Patient) { p.Languages = []string{"en", "English language", "und", ""} },
			map[string]glabella.Code{"/languages/1": patient.CodeLanguage, "/languages/2": patient.CodeLanguage, "/languages/3": patient.CodeLanguage}},
		{"identifiers", func(p *patient.Patient) {
			p.Identifiers = append(p.Identifiers, p.Identifiers[0], patient.Identifier{System: "x"})
		}, map[string]glabella.Code{"/identifiers/1": glabella.CodeDuplicate, "/identifiers/2": glabella.CodeRequired}},
		{"a provenance that says too little", func(p *patient.Patient) {
			half := glabella.Provenance{Source: glabella.SourceImported, RecordedAt: noon}
			p.Names[0].Provenance, p.Contacts[0].Provenance, p.Addresses[0].Provenance, p.Provenance = half, half, half, half
		}, map[string]glabella.Code{"/names/0/provenance/system": glabella.CodeRequired, "/contacts/0/provenance/system": glabella.CodeRequired,
			"/addresses/0/provenance/system": glabella.CodeRequired, "/provenance/system": glabella.CodeRequired}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := zoe()
			tt.change(&p)
			if diff := cmp.Diff(tt.want, codesOf(t, p.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPhoneNumbersAreE164(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]bool{
		"+15125550100": true, "+442079460000": true, "+649123": false, "+6491234": true, "+123456789012345": true, "+1234567890123456": false,
		"15125550100": false, "+1 512 555 0100": false, "+1(512)5550100": false, "": false, "+": false, "+1512555010O": false, "tel:+15125550100": false, "+15125550100\n": false,
	} {
		p := zoe()
		p.Contacts = []patient.Contact{{System: patient.Phone, Value: number}}
		if got := p.Validate() == nil; got != want {
			t.Errorf("%q is a phone number: %t, want %t", number, got, want)
		}
	}
}

func TestEmailAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"zoe@example.com": true, "zoe+clinic@mail.example.co.uk": true, "zoë@example.com": true,
		"zoe": false, "zoe@": false, "@example.com": false, "Zoe <zoe@example.com>": false, "zoe@example.com, ann@example.com": false, "zoe@exa mple.com": false, "": false,
		strings.Repeat("z", 250) + "@example.com": false,
	} {
		p := zoe()
		p.Contacts = []patient.Contact{{System: patient.Email, Value: address}}
		if got := p.Validate() == nil; got != want {
			t.Errorf("%q is an email address: %t, want %t", address, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	name := func(use patient.NameUse, given string, from, to glabella.Date) patient.Name {
		return patient.Name{Use: use, Given: []string{given}, From: from, To: to}
	}
	var none glabella.Date
	for _, tt := range []struct {
		name              string
		names             []patient.Name
		display, official string
	}{
		{"the usual name is shown, the official one is on record", zoe().Names, "Zo", "Dr Zoë Ann Example Jr"},
		{"without a usual name the official one is shown", zoe().Names[:1], "Dr Zoë Ann Example Jr", "Dr Zoë Ann Example Jr"},
		{"without an official name the usual one is on record", zoe().Names[1:], "Zo", "Zo"},
		{"of two official names the later holds", []patient.Name{
			name(patient.NameOfficial, "Later", day("2024-01-01"), none), name(patient.NameOfficial, "Earlier", day("2020-01-01"), none)}, "Later", "Later"},
		{"a name that has ended yields to one that holds", []patient.Name{
			name(patient.NameUsual, "Ended", none, day("2024-01-01")), name(patient.NameNickname, "Nick", none, none)}, "Nick", "Nick"},
		{"a name that has ended is better than none", []patient.Name{name(patient.NameOld, "Ended", none, day("2024-01-01"))}, "Ended", "Ended"},
		{"no name", nil, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := patient.Patient{Names: tt.names}
			if got := p.DisplayName(); got != tt.display {
				t.Errorf("DisplayName() = %q, want %q", got, tt.display)
			}
			if got := p.Official().String(); got != tt.official {
				t.Errorf("Official() = %q, want %q", got, tt.official)
			}
		})
	}
}

func TestValidationErrorsHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	p := zoe()
	p.Names[0].Use, p.BirthDate, p.Gender = "SECRET", glabella.Date{Year: 7777, Month: 13, Day: 1}, "SECRET"
	p.Contacts = []patient.Contact{{System: patient.Phone, Value: "SECRET"}, {System: patient.Email, Value: "SECRET"}, {System: "SECRET"}}
	p.Languages, p.Addresses = []string{"SECRET"}, []patient.Address{{Lines: []string{"SECRET"}, Country: "SECRET"}}
	a := patient.Allergy{Kind: "SECRET", Criticality: "SECRET", Verification: "SECRET", Classes: []string{"SECRET", "SECRET"}, Reactions: []patient.Reaction{{Severity: "SECRET"}}}
	m := patient.Medication{Status: "SECRET", Dose: "SECRET"}
	for _, err := range []error{p.Validate(), a.Validate(), m.Validate()} {
		if err == nil || strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "7777") || strings.Contains(err.Error(), "Zo") {
			t.Errorf("the error tells what it is about: %v", err)
		}
	}
}

func TestRecordsRoundTripThroughJSON(t *testing.T) {
	t.Parallel()
	full := zoe()
	full.Version, full.CreatedAt, full.Nonce = 3, noon, "n"
	empty := patient.Patient{Names: []patient.Name{{Given: []string{}}}, Contacts: []patient.Contact{}, Tags: []string{}, Addresses: []patient.Address{{}}}
	for _, want := range []patient.Patient{full, empty, {}} {
		roundTrip(t, want)
	}
	roundTrip(t, allergy())
	roundTrip(t, patient.Allergy{Classes: []string{}, Reactions: []patient.Reaction{}})
	roundTrip(t, patient.Allergy{})
	roundTrip(t, medication(patient.MedicationStopped, "2026-01-01", "2026-02-01"))
	roundTrip(t, patient.Medication{Classes: []string{}})
}

func roundTrip[T any](t *testing.T, want T) {
	t.Helper()
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got T
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
}
