package practice_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage/memory"
)

func person(given, family, birth, phone string) patient.Intake {
	in := patient.Intake{Names: []patient.Name{{Use: patient.NameOfficial, Family: family, Given: []string{given}}}, BirthDate: glabella.MustParseDate(birth)}
	if phone != "" {
		in.Contacts = []patient.Contact{{System: patient.Phone, Value: phone}}
	}
	return in
}

func (c *clinic) registers(in patient.Intake, acknowledge ...glabella.Code) (practice.Registered, error) {
	return c.RegisterPatient(c.t.Context(), c.Desk, practice.RegisterPatient{Command: practice.Command{Acknowledge: acknowledge}, Intake: in, Source: glabella.Provenance{Source: glabella.SourcePatient}})
}

// openBoth calls f with a clinic that keeps an index of patients and with one that
// does not.
func openBoth(t *testing.T, f func(t *testing.T, c *clinic)) {
	t.Run("index in memory", func(t *testing.T) { f(t, open(t)) })
	t.Run("keys in the store", func(t *testing.T) {
		c := open(t)
		backend := memory.New()
		bare, err := practicetest.Open(t.Context(), backend, &practice.Options{Now: c.clock.Now, NoIndex: true})
		if err != nil {
			t.Fatal(err)
		}
		f(t, &clinic{Clinic: bare, t: t, clock: c.clock, backend: backend})
	})
}

func TestPatientsAreFound(t *testing.T) {
	t.Parallel()
	openBoth(t, func(t *testing.T, c *clinic) {
		must[practice.Registered](t)(c.registers(person("Zoë", "Brontë-Nuñez", "1988-04-09", "+15125550142")))
		must[practice.Registered](t)(c.registers(person("William", "Halloran", "1971-12-01", "+15125550199")))
		must[practice.Registered](t)(c.registers(person("Amara", "Okafor", "1995-07-30", "")))
		for _, tt := range []struct{ text, want string }{
			{"bronte", "Zoë Brontë-Nuñez"}, {"nunez zoe", "Zoë Brontë-Nuñez"}, {"0142", "Zoë Brontë-Nuñez"}, {"9 Apr 1988", "Zoë Brontë-Nuñez"},
			{"bill halloran", "William Halloran"}, {"Hallorna", "William Halloran"}, {"okafor a", "Amara Okafor"}, {"nobody", ""},
		} {
			found := must[[]practice.Found](t)(c.FindPatients(t.Context(), c.Desk, patient.Query{Text: tt.text}))
			got := ""
			if len(found) == 1 {
				got = found[0].Patient.DisplayName()
			}
			if got != tt.want || len(found) > 1 {
				t.Errorf("%q finds %d patients, %q, want %q", tt.text, len(found), got, tt.want)
			}
			last := c.last()
			if last.Action != string(access.PatientSearch) || last.Outcome != audit.Read || slices.ContainsFunc(last.Reads, func(r glabella.Ref) bool { return r.Kind == "patient" }) != (tt.want != "") || len(last.Reads) > 1 {
				t.Errorf("%q is journaled as %s with %v", tt.text, last.Action, last.Reads)
			}
		}
		if _, err := c.FindPatients(t.Context(), c.Store, patient.Query{Text: "bronte"}); !errors.Is(err, glabella.ErrDenied) {
			t.Errorf("the store room searches: %v", err)
		}
	})
}

func TestAPatientWhoIsRegisteredTwiceIsNoticed(t *testing.T) {
	t.Parallel()
	openBoth(t, func(t *testing.T, c *clinic) {
		first := must[practice.Registered](t)(c.registers(person("Zoë", "Brontë", "1988-04-09", "+15125550142")))
		if len(first.Similar) > 0 {
			t.Errorf("the first patient is like %v", first.Similar)
		}
		again := person("Zoe", "Bronte", "1988-04-09", "+15125550142")
		var err error
		left := c.leaves(func() { _, err = c.registers(again) })
		if !slices.Contains(codesOf(err), practice.CodePatientDuplicate) || len(left) != 1 {
			t.Fatalf("registering again: %v, %d journal records", err, len(left))
		}
		var refused *glabella.RefusedError
		if !errors.As(err, &refused) || len(refused.Decision.Reasons[0].Refs) != 1 || refused.Decision.Reasons[0].Refs[0] != first.Patient.Ref() {
			t.Errorf("the warning does not name who it may be: %v", err)
		}
		second := must[practice.Registered](t)(c.registers(again, practice.CodePatientDuplicate))
		if len(second.Similar) != 1 || second.Similar[0].Patient != first.Patient || second.Similar[0].Match.Likelihood != patient.Probable {
			t.Errorf("similar: %+v", second.Similar)
		}
		// A sister has the family name and the phone, and is somebody else.
		sister := must[practice.Registered](t)(c.registers(person("Emily", "Brontë", "1990-11-02", "+15125550142")))
		for _, s := range sister.Similar {
			if s.Match.Likelihood == patient.Probable {
				t.Errorf("a sister is taken for the same person: %+v", s)
			}
		}
	})
}

func TestContactsAreStoredInOneForm(t *testing.T) {
	t.Parallel()
	c := open(t)
	in := person("Ann", "Lake", "1980-01-02", "")
	in.Contacts = []patient.Contact{{System: patient.Phone, Value: "(512) 555-0199"}, {System: patient.Email, Value: " ann@EXAMPLE.org"}}
	id := must[practice.Registered](t)(c.registers(in)).Patient
	got := must[practice.Chart](t)(c.Chart(t.Context(), c.Nurse, id)).Patient
	if got.Contacts[0].Value != "+15125550199" || got.Contacts[1].Value != "ann@example.org" {
		t.Errorf("registered as %q, %q", got.Contacts[0].Value, got.Contacts[1].Value)
	}
	edit := practice.EditOf(got)
	edit.Contacts[0].Value, edit.Contacts[1].Value = "512.555.0198", "nobody"
	if _, err := c.EditPatient(t.Context(), c.Desk, edit); !slices.Contains(codesOf(err), patient.CodeEmail) && !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("an address that is none: %v", err)
	}
	edit.Contacts = edit.Contacts[:1]
	must[practice.PatientChanged](t)(c.EditPatient(t.Context(), c.Desk, edit))
	if got := must[practice.Chart](t)(c.Chart(t.Context(), c.Nurse, id)).Patient.Contacts; len(got) != 1 || got[0].Value != "+15125550198" {
		t.Errorf("edited to %+v", got)
	}
}

func TestDuplicatesAreListed(t *testing.T) {
	t.Parallel()
	c := open(t)
	a := must[practice.Registered](t)(c.registers(person("Zoë", "Brontë", "1988-04-09", "+15125550142")))
	b := must[practice.Registered](t)(c.registers(person("Zoe", "Bronte", "1988-09-04", "+15125550142"), practice.CodePatientDuplicate))
	must[practice.Registered](t)(c.registers(person("Amara", "Okafor", "1995-07-30", "")))
	pairs := must[[]practice.Twins](t)(c.FindDuplicates(t.Context(), c.Director, 0))
	if len(pairs) != 1 || !cmp.Equal(map[glabella.PatientID]bool{pairs[0].A.ID: true, pairs[0].B.ID: true}, map[glabella.PatientID]bool{a.Patient: true, b.Patient: true}) {
		t.Errorf("pairs: %+v", pairs)
	}
	if _, err := c.FindDuplicates(t.Context(), c.Nurse, 0); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("a nurse looks through the duplicates: %v", err)
	}
	if last := c.last(); last.Outcome != audit.Denied {
		t.Errorf("journaled: %v", last.Outcome)
	}
	kept := must[practice.PatientsLinked](t)(c.KeepApart(t.Context(), c.Director, practice.KeepApart{A: a.Patient, B: b.Patient}))
	if pairs := must[[]practice.Twins](t)(c.FindDuplicates(t.Context(), c.Director, 0)); len(pairs) != 0 || kept.State != patient.MergeUnlinked {
		t.Errorf("after somebody has looked at them: %+v, %+v", pairs, kept)
	}
	if chart := must[practice.Chart](t)(c.Chart(t.Context(), c.Nurse, b.Patient)); chart.Patient.ID != b.Patient {
		t.Error("who is kept apart is not a patient of their own")
	}
	must[practice.PatientsLinked](t)(c.merge(a.Patient, b.Patient, patient.CodeMergeBirthDate))
	if _, err := c.KeepApart(t.Context(), c.Director, practice.KeepApart{A: a.Patient, B: b.Patient}); !slices.Contains(codesOf(err), practice.CodeLinked) {
		t.Errorf("linked records are kept apart: %v", err)
	}
}
