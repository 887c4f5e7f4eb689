package glabella_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
)

const sample = "0198a3c4-5d6e-7f80-9a1b-2c3d4e5f6071"

func TestIDIsReadAndWrittenInItsCanonicalForm(t *testing.T) {
	t.Parallel()
	id, err := glabella.ParseID[glabella.PatientID](sample)
	if err != nil {
		t.Fatal(err)
	}
	if got := id.String(); got != sample {
		t.Errorf("String() = %q, want %q", got, sample)
	}
	b, err := json.Marshal(id)
	if err != nil || string(b) != `"`+sample+`"` {
		t.Errorf("Marshal = %s, %v", b, err)
	}
	var back glabella.PatientID
	if err := json.Unmarshal(b, &back); err != nil || back != id {
		t.Errorf("Unmarshal(Marshal(id)) = %v, %v, want %v", back, err, id)
	}
	if upper, err := glabella.ParseID[glabella.PatientID](strings.ToUpper(sample)); err != nil || upper != id {
		t.Errorf("ParseID(upper case) = %v, %v, want the same ID", upper, err)
	}
}

func TestParseIDRefusesOtherForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in string }{
		{"nothing", ""},
		{"a URN", "urn:uuid:" + sample},
		{"braces", "{" + sample + "}"},
		{"no hyphens", strings.ReplaceAll(sample, "-", "")},
		{"one character short", sample[1:]},
		{"a letter that is no digit", "g" + sample[1:]},
		{"hyphens at the wrong places", strings.Replace(sample, "-", "0", 1)},
	} {
		t.Run(tt.name+" is refused", func(t *testing.T) {
			t.Parallel()
			id, err := glabella.ParseID[glabella.LotID](tt.in)
			if !errors.Is(err, glabella.ErrInvalid) || !id.IsZero() {
				t.Fatalf("ParseID(%q) = %v, %v, want the zero ID and ErrInvalid", tt.in, id, err)
			}
			if !strings.HasPrefix(err.Error(), "lot id: ") {
				t.Errorf("the error is %q, want it to name the kind", err)
			}
			if tt.in != "" && strings.Contains(err.Error(), tt.in) {
				t.Errorf("the error repeats the input: %q", err)
			}
		})
	}
}

func TestTheZeroIDNamesNothing(t *testing.T) {
	t.Parallel()
	var id glabella.StaffID
	if !id.IsZero() || id.String() != "" || !id.Ref().IsZero() || id.Ref().String() != "" {
		t.Errorf("the zero ID is %q with the reference %q", id, id.Ref())
	}
	b, err := json.Marshal(id)
	if err != nil || string(b) != `""` {
		t.Errorf("Marshal(zero) = %s, %v", b, err)
	}
	id = glabella.MustParseID[glabella.StaffID](sample)
	if err := json.Unmarshal([]byte(`""`), &id); err != nil || !id.IsZero() {
		t.Errorf(`Unmarshal("") = %v, %v, want the zero ID`, id, err)
	}
}

func TestAMalformedIDLeavesTheTargetAlone(t *testing.T) {
	t.Parallel()
	want := glabella.MustParseID[glabella.StaffID](sample)
	id := want
	if err := id.UnmarshalText([]byte("nonsense")); !errors.Is(err, glabella.ErrInvalid) || id != want {
		t.Errorf("UnmarshalText(nonsense) = %v and %v, want ErrInvalid and the ID as it was", err, id)
	}
}

func TestDeriveIDIsDeterminedByKindAndName(t *testing.T) {
	t.Parallel()
	a := glabella.DeriveID[glabella.BalanceID]("lot at site")
	if b := glabella.DeriveID[glabella.BalanceID]("lot at site"); b != a {
		t.Errorf("the same name gave %v and %v", a, b)
	}
	if b := glabella.DeriveID[glabella.BalanceID]("lot at site 2"); b == a {
		t.Error("two names gave one ID")
	}
	if b := glabella.DeriveID[glabella.CommandID]("lot at site"); b.String() == a.String() {
		t.Error("two kinds gave one ID for the same name")
	}
	if v := a.String()[14]; v != '5' {
		t.Errorf("DeriveID = %v, want a UUID of version 5", a)
	}
}

func TestKindsDoNotMix(t *testing.T) {
	t.Parallel()
	patient := glabella.MustParseID[glabella.PatientID](sample)
	ref := patient.Ref()
	if want := (glabella.Ref{Kind: "patient", ID: sample}); ref != want || ref.String() != "patient/"+sample {
		t.Errorf("Ref() = %v, want %v", ref, want)
	}
	if got, ok := glabella.RefAs[glabella.PatientID](ref); !ok || got != patient {
		t.Errorf("RefAs[PatientID] = %v, %t, want the same ID", got, ok)
	}
	if got, ok := glabella.RefAs[glabella.EncounterID](ref); ok || !got.IsZero() {
		t.Errorf("RefAs[EncounterID] of a patient = %v, %t, want nothing", got, ok)
	}
	if _, ok := glabella.RefAs[glabella.PatientID](glabella.Ref{Kind: "patient", ID: "nonsense"}); ok {
		t.Error("RefAs of a malformed reference = true")
	}
	if _, ok := glabella.RefAs[glabella.PatientID](glabella.Ref{}); ok {
		t.Error("RefAs of the zero reference = true")
	}
}

func TestEveryKindHasANameOfItsOwn(t *testing.T) {
	t.Parallel()
	kinds := []string{
		glabella.PatientID{}.Kind(), glabella.AllergyID{}.Kind(), glabella.MedicationID{}.Kind(), glabella.StaffID{}.Kind(), glabella.SiteID{}.Kind(),
		glabella.AppointmentID{}.Kind(), glabella.EncounterID{}.Kind(), glabella.ProcedureID{}.Kind(), glabella.NoteID{}.Kind(), glabella.ClearanceID{}.Kind(),
		glabella.FormID{}.Kind(), glabella.ConsentID{}.Kind(), glabella.ProductID{}.Kind(), glabella.LotID{}.Kind(), glabella.VialID{}.Kind(), glabella.BalanceID{}.Kind(),
		glabella.MovementID{}.Kind(), glabella.ServiceID{}.Kind(), glabella.InvoiceID{}.Kind(), glabella.LineID{}.Kind(), glabella.TenderID{}.Kind(),
		glabella.CreditLotID{}.Kind(), glabella.EntryID{}.Kind(), glabella.CommandID{}.Kind(),
	}
	want := strings.Fields("patient allergy medication staff site appointment encounter procedure note clearance form consent product lot vial balance movement service invoice line tender credit-lot entry command")
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

func TestMustParseIDPanicsOnMalformedText(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("MustParseID did not panic")
		}
	}()
	glabella.MustParseID[glabella.PatientID]("nonsense")
}
