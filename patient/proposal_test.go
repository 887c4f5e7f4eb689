package patient_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

func TestCompareProposesWhatTheRecordLacks(t *testing.T) {
	t.Parallel()
	in := readIntake(t)
	built, err := in.Build(intakeIDs(), source)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(*patient.Intake)
		want   []patient.ChangePart
	}{
		{"what it has, in other spelling", func(in *patient.Intake) {
			in.Names[0].Family, in.Contacts[0].Value, in.Addresses[0].Lines[0] = "EXAMPLE", "+1 512 555 0100", "1 example  street"
			in.Allergies[1].Substance.Display = "Latex"
		}, nil},
		{"a name of another use", func(in *patient.Intake) { in.Names[1].Use = patient.NameNickname }, []patient.ChangePart{patient.ChangeName}},
		{"another phone and another house", func(in *patient.Intake) {
			in.Contacts[0].Value, in.Addresses[0].Lines = "+15125550101", []string{"2 Example Street"}
		}, []patient.ChangePart{patient.ChangeContact, patient.ChangeAddress}},
		{"another language and identity", func(in *patient.Intake) { in.Languages[0], in.Identifiers[0].Value = "fr", "43" }, []patient.ChangePart{patient.ChangeLanguage, patient.ChangeIdentifier}},
		{"another risk", func(in *patient.Intake) {
			in.Allergies[1].Substance.Display, in.Medications[0].Dose, in.Conditions[0].Classes = "iodine", "162 mg a day", []string{"keloid-history"}
		}, []patient.ChangePart{patient.ChangeCondition, patient.ChangeAllergy, patient.ChangeMedication}},
		{"other single values", func(in *patient.Intake) {
			in.Pronouns, in.BirthDate, in.SexAtBirth, in.Gender = "they/them", day("1992-02-28"), patient.Male, patient.Other
		}, []patient.ChangePart{patient.ChangePronouns, patient.ChangeBirthDate, patient.ChangeSexAtBirth, patient.ChangeGender}},
		{"values that are not given", func(in *patient.Intake) { *in = patient.Intake{} }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := readIntake(t)
			tt.change(&in)
			var got []patient.ChangePart
			for _, c := range patient.Compare(built.Patient, built.Allergies, built.Medications, in) {
				got = append(got, c.Part)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Compare (-want +got):\n%s", diff)
			}
		})
	}
}

// An allergy that was refuted does not make the same one known.
func TestCompareProposesARiskThatWasRefuted(t *testing.T) {
	t.Parallel()
	in := readIntake(t)
	built, err := in.Build(intakeIDs(), source)
	if err != nil {
		t.Fatal(err)
	}
	built.Allergies[0].Verification, built.Medications[0].Status = patient.Refuted, patient.MedicationStopped
	changes := patient.Compare(built.Patient, built.Allergies, built.Medications, in)
	if len(changes) != 2 || changes[0].Part != patient.ChangeAllergy || changes[1].Part != patient.ChangeMedication {
		t.Errorf("Compare = %v, want the allergy and the medication", changes)
	}
}

func TestEveryChangeIsAdopted(t *testing.T) {
	t.Parallel()
	in := readIntake(t)
	built, err := in.Build(intakeIDs(), source)
	if err != nil {
		t.Fatal(err)
	}
	bare := patient.Patient{ID: built.Patient.ID, Names: []patient.Name{{Use: patient.NameOld, Family: "Before"}}, Provenance: source}
	p := patient.Proposal{ID: id[glabella.ProposalID]("p"), Patient: bare.ID, State: patient.ProposalPending, Intake: in, Changes: patient.Compare(bare, nil, nil, in), Provenance: source}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	var places []int
	verdicts := map[int]patient.ChangeVerdict{}
	for i := range p.Changes {
		places, verdicts[i] = append(places, i), patient.ChangeAccepted
	}
	n := 0
	got, err := p.Adopt(bare, places, func() glabella.AllergyID { n++; return intakeIDs().Allergies[n-1] }, func() glabella.MedicationID { return intakeIDs().Medications[0] })
	if err != nil {
		t.Fatal(err)
	}
	want := built
	want.Patient.Names = append(slices.Clone(bare.Names), want.Patient.Names...)
	if diff := cmp.Diff(want, patient.Built{Patient: got.Patient, Allergies: got.Allergies, Medications: got.Medications}); diff != "" {
		t.Errorf("adopted (-want +got):\n%s", diff)
	}
	if len(bare.Names) != 1 {
		t.Error("Adopt changes the record that it is given")
	}
	settled, err := p.Decide(verdicts, glabella.Ref{Kind: "staff", ID: "1"}, "", "", noon.Add(time.Hour))
	if err != nil || settled.State != patient.ProposalSettled || settled.Validate() != nil || p.Changes[0].Verdict != "" {
		t.Errorf("Decide = %v, %v", settled.State, err)
	}
	if again := patient.Compare(got.Patient, got.Allergies, got.Medications, in); len(again) != 0 {
		t.Errorf("what was adopted is proposed again: %v", again)
	}
}
