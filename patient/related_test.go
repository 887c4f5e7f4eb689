package patient_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

func relatedID(name string) glabella.RelatedID { return glabella.DeriveID[glabella.RelatedID](name) }

func sortedCodes(d glabella.Decision) []glabella.Code {
	out := d.Codes()
	slices.Sort(out)
	return out
}

func checkCodes(t *testing.T, d glabella.Decision, want ...glabella.Code) {
	t.Helper()
	slices.Sort(want)
	if got := sortedCodes(d); !slices.Equal(got, want) {
		t.Errorf("reasons %v, want %v", got, want)
	}
	if d.Allowed() != (len(want) == 0) {
		t.Errorf("outcome %s with reasons %v", d.Outcome, want)
	}
	for _, r := range d.Reasons {
		if r.Fix == "" || len(r.Refs) == 0 {
			t.Errorf("reason %s has no fix or no record", r.Code)
		}
	}
}

func TestEvaluateSigner(t *testing.T) {
	t.Parallel()
	day := glabella.MustParseDate
	related := []patient.Related{
		{ID: relatedID("guardian"), Roles: []patient.RelatedRole{patient.RoleGuardian}, Authority: "doc-1"},
		{ID: relatedID("undocumented"), Roles: []patient.RelatedRole{patient.RoleGuardian}},
		{ID: relatedID("former"), Roles: []patient.RelatedRole{patient.RoleGuardian}, Authority: "doc-2", To: day("2025-12-31")},
		{ID: relatedID("attorney"), Roles: []patient.RelatedRole{patient.RoleRepresentative}, Authority: "doc-3"},
		{ID: relatedID("friend"), Roles: []patient.RelatedRole{patient.RoleEmergencyContact}},
	}
	base := patient.SignerFacts{Patient: glabella.DeriveID[glabella.PatientID]("p"), On: day("2026-05-02"), AdultAge: 18, Related: related}
	for _, tt := range []struct {
		name      string
		born      string
		by        string
		incapable bool
		adult     int
		want      []glabella.Code
	}{
		{name: "an adult signs", born: "1990-01-01"},
		{name: "who turns 18 that day signs", born: "2008-05-02"},
		{name: "who turns 18 a day later does not", born: "2008-05-03", want: []glabella.Code{patient.CodeSignerMinor}},
		{name: "at 18 a minor where majority is 19", born: "2008-01-01", adult: 19, want: []glabella.Code{patient.CodeSignerMinor}},
		{name: "a guardian signs for a minor", born: "2012-01-01", by: "guardian"},
		{name: "a guardian without a document does not", born: "2012-01-01", by: "undocumented", want: []glabella.Code{patient.CodeSignerAuthority}},
		{name: "a guardian whose role ended does not", born: "2012-01-01", by: "former", want: []glabella.Code{patient.CodeSignerPeriod}},
		{name: "a friend does not", born: "2012-01-01", by: "friend", want: []glabella.Code{patient.CodeSignerRole, patient.CodeSignerAuthority}},
		{name: "a representative does not sign for a minor", born: "2012-01-01", by: "attorney", want: []glabella.Code{patient.CodeSignerRole}},
		{name: "a stranger does not", born: "2012-01-01", by: "stranger", want: []glabella.Code{patient.CodeSignerUnknown}},
		{name: "nobody signs for an adult who decides", born: "1990-01-01", by: "attorney", want: []glabella.Code{patient.CodeSignerAdult}},
		{name: "an adult who cannot decide does not sign", born: "1990-01-01", incapable: true, want: []glabella.Code{patient.CodeSignerIncapable}},
		{name: "a representative signs for an adult who cannot decide", born: "1990-01-01", by: "attorney", incapable: true},
		{name: "a guardian of childhood does not", born: "1990-01-01", by: "guardian", incapable: true, want: []glabella.Code{patient.CodeSignerRole}},
		{name: "no date of birth and no age of majority", adult: -1, want: []glabella.Code{patient.CodeSignerBirthDate, patient.CodeSignerAge}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := base
			f.Incapable = tt.incapable
			if tt.born != "" {
				f.BirthDate = day(tt.born)
			}
			if tt.by != "" {
				f.By = relatedID(tt.by)
			}
			if tt.adult != 0 {
				f.AdultAge = tt.adult
			}
			checkCodes(t, patient.EvaluateSigner(f), tt.want...)
		})
	}
}

func TestGuardiansAndPayersAreThoseOfTheDay(t *testing.T) {
	t.Parallel()
	p := patient.Patient{Related: []patient.Related{
		{ID: relatedID("a"), Roles: []patient.RelatedRole{patient.RoleGuardian, patient.RolePayer}, To: glabella.MustParseDate("2025-12-31")},
		{ID: relatedID("b"), Roles: []patient.RelatedRole{patient.RoleGuardian}, From: glabella.MustParseDate("2026-01-01")},
		{ID: relatedID("c"), Roles: []patient.RelatedRole{patient.RoleEmergencyContact}},
	}}
	ids := func(list []patient.Related) []glabella.RelatedID {
		var out []glabella.RelatedID
		for _, r := range list {
			out = append(out, r.ID)
		}
		return out
	}
	before, after := glabella.MustParseDate("2025-12-31"), glabella.MustParseDate("2026-01-01")
	for name, tt := range map[string]struct{ got, want []glabella.RelatedID }{
		"guardian on the last day":  {ids(p.Guardians(before)), []glabella.RelatedID{relatedID("a")}},
		"guardian on the first day": {ids(p.Guardians(after)), []glabella.RelatedID{relatedID("b")}},
		"payer before":              {ids(p.Payers(before)), []glabella.RelatedID{relatedID("a")}},
		"payer after":               {ids(p.Payers(after)), nil},
		"emergency contact":         {ids(p.EmergencyContacts(after)), []glabella.RelatedID{relatedID("c")}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEnumsOfTheRecordHoldTheirValuesAndNoOthers(t *testing.T) {
	t.Parallel()
	check(t, patient.AlertLevels())
	check(t, patient.Relationships())
	check(t, patient.RelatedRoles())
	check(t, patient.Channels())
	check(t, patient.ReachPurposes())
	check(t, patient.Wishes())
	check(t, patient.StandingStates())
	check(t, patient.RecordClasses())
	check(t, patient.Confidences())
	check(t, patient.SocialKinds())
	check(t, patient.Pregnancies())
	check(t, patient.SkinTypes())
}
