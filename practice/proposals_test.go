package practice_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage/memory"
	"github.com/glabella-ehr/glabella/treatment"
)

// reports is an intake of somebody who is registered, with a new phone number,
// another birth date and an allergy.
func reports(birth string) patient.Intake {
	in := person("Zoe", "Bronte", birth, "+15125550199")
	in.Languages = []string{"es"}
	in.Allergies = []patient.IntakeAllergy{{Substance: glabella.Coding{Display: "botulinum toxin"}, Classes: []string{"botulinum-toxin"}, Kind: "allergy", Criticality: "high"}}
	return in
}

func (c *clinic) proposes(id glabella.PatientID, in patient.Intake) practice.ChangesProposed {
	c.t.Helper()
	return must[practice.ChangesProposed](c.t)(c.ProposeChanges(c.t.Context(), c.Desk, practice.ProposeChanges{Patient: id, Intake: in, Source: glabella.Provenance{Source: glabella.SourcePatient, Document: "form-7"}}))
}

func TestWhatAPatientReportsWaitsToBeAccepted(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := must[practice.Registered](t)(c.registers(person("Zoë", "Brontë", "1988-04-09", "+15125550142"))).Patient
	made := c.proposes(id, reports("1988-09-04"))
	if diff := cmp.Diff([]patient.ChangePart{patient.ChangeContact, patient.ChangeLanguage, patient.ChangeAllergy, patient.ChangeBirthDate}, made.Changes); diff != "" || len(made.Open) != 4 {
		t.Fatalf("proposed (-want +got):\n%s", diff)
	}
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id))
	if len(chart.Patient.Contacts) != 1 || len(chart.Allergies) != 0 || chart.Patient.BirthDate.String() != "1988-04-09" || len(chart.Proposals) != 1 {
		t.Errorf("a proposal changes the record: %+v", chart.Patient)
	}
	// The risk counts at once.
	nurse, _ := c.Nurse.Staff()
	ask := practice.MayTreat{Patient: id, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: nurse, Pregnant: treatment.PregnantNo}
	refersTo := func(d glabella.Decision, kind string) bool {
		return slices.ContainsFunc(d.Reasons, func(r glabella.Reason) bool {
			return r.Outcome == glabella.Deny && slices.ContainsFunc(r.Refs, func(ref glabella.Ref) bool { return ref.Kind == kind })
		})
	}
	if d := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, ask)); !refersTo(d, "proposal") {
		t.Errorf("an allergy that was reported does not count: %v", d)
	}

	reviewed := must[practice.ChangesProposed](t)(c.ReviewProposal(ctx, c.Nurse, practice.ReviewProposal{Proposal: made.Proposal, Accept: []int{0, 2}, Decline: []int{3}, Reason: "typing-error"}))
	if reviewed.State != patient.ProposalPending || !slices.Equal(reviewed.Open, []int{1}) {
		t.Errorf("after the review: %+v", reviewed)
	}
	chart = must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id))
	if len(chart.Patient.Contacts) != 2 || chart.Patient.Contacts[1].Provenance.Source != glabella.SourcePatient || chart.Patient.Contacts[1].Provenance.Document != "form-7" ||
		len(chart.Allergies) != 1 || chart.Allergies[0].Provenance.Source != glabella.SourcePatient || chart.Allergies[0].Verification != patient.Unconfirmed || chart.Patient.BirthDate.String() != "1988-04-09" {
		t.Errorf("after the review: %+v with %+v", chart.Patient, chart.Allergies)
	}
	if d := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, ask)); refersTo(d, "proposal") || !refersTo(d, "allergy") {
		t.Errorf("an allergy that was accepted: %v", d)
	}
	if last := must[practice.ChangesProposed](t)(c.ReviewProposal(ctx, c.Nurse, practice.ReviewProposal{Proposal: made.Proposal, Accept: []int{1}})); last.State != patient.ProposalSettled {
		t.Errorf("all is decided, and the proposal is %v", last.State)
	}
	// What the record has is not proposed again, however it is written.
	if again := c.proposes(id, reports("1988-04-09")); !again.Proposal.IsZero() {
		t.Errorf("proposed again: %v", again.Changes)
	}
	c.verified()
}

func TestBadReviews(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := must[practice.Registered](t)(c.registers(person("Zoë", "Brontë", "1988-04-09", "+15125550142"))).Patient
	made := c.proposes(id, reports("1988-09-04"))
	for name, tt := range map[string]struct {
		in   practice.ReviewProposal
		want glabella.Code
	}{
		"nothing":                 {practice.ReviewProposal{}, glabella.CodeRequired},
		"both":                    {practice.ReviewProposal{Accept: []int{0}, Decline: []int{0}, Reason: "no"}, glabella.CodeDuplicate},
		"declined for no reason":  {practice.ReviewProposal{Decline: []int{0}}, glabella.CodeFormat},
		"what is not proposed":    {practice.ReviewProposal{Accept: []int{9}}, glabella.CodeOutOfRange},
		"what is before the list": {practice.ReviewProposal{Accept: []int{-1}}, glabella.CodeOutOfRange},
	} {
		tt.in.Proposal = made.Proposal
		if _, err := c.ReviewProposal(ctx, c.Nurse, tt.in); !slices.Contains(codesOf(err), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	if _, err := c.ReviewProposal(ctx, c.Desk, practice.ReviewProposal{Proposal: made.Proposal, Accept: []int{0}}); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the desk accepts an allergy: %v", err)
	}
	// The birth date was corrected in the meantime.
	edit := practice.EditOf(must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id)).Patient)
	edit.BirthDate = glabella.MustParseDate("1987-04-09")
	must[practice.PatientChanged](t)(c.EditPatient(ctx, c.Desk, edit))
	if _, err := c.ReviewProposal(ctx, c.Nurse, practice.ReviewProposal{Proposal: made.Proposal, Accept: []int{3}}); !slices.Contains(codesOf(err), patient.CodeProposalConflict) {
		t.Errorf("a value that has changed since is replaced: %v", err)
	}
	must[practice.ChangesProposed](t)(c.ReviewProposal(ctx, c.Nurse, practice.ReviewProposal{Proposal: made.Proposal, Accept: []int{0}}))
	if _, err := c.ReviewProposal(ctx, c.Nurse, practice.ReviewProposal{Proposal: made.Proposal, Accept: []int{0}}); !slices.Contains(codesOf(err), patient.CodeProposalDecided) {
		t.Errorf("decided twice: %v", err)
	}
	wrong := reports("1988-09-04")
	wrong.Contacts[0].Value = "0199"
	if _, err := c.ProposeChanges(ctx, c.Desk, practice.ProposeChanges{Patient: id, Intake: wrong, Source: glabella.Provenance{Source: glabella.SourcePatient}}); !slices.Contains(codesOf(err), patient.CodePhone) {
		t.Errorf("a number that is none is proposed: %v", err)
	}
}

// A rule of the practice takes contacts over, and says so; it takes no allergy.
func TestARuleAcceptsWhatItMay(t *testing.T) {
	t.Parallel()
	base := open(t)
	backend := memory.New()
	ruled := must[*practicetest.Clinic](t)(practicetest.Open(t.Context(), backend, &practice.Options{Now: base.clock.Now, AutoAccept: []patient.ChangePart{patient.ChangeContact}}))
	c := &clinic{Clinic: ruled, t: t, clock: base.clock, backend: backend}
	id := must[practice.Registered](t)(c.registers(person("Zoë", "Brontë", "1988-04-09", "+15125550142"))).Patient
	made := c.proposes(id, reports("1988-04-09"))
	chart := must[practice.Chart](t)(c.Chart(t.Context(), c.Nurse, id))
	if len(made.Open) != 2 || len(chart.Patient.Contacts) != 2 || len(chart.Allergies) != 0 || chart.Proposals[0].Changes[0].Rule == "" {
		t.Errorf("open %v, contacts %v, allergies %v, rule %q", made.Open, chart.Patient.Contacts, chart.Allergies, chart.Proposals[0].Changes[0].Rule)
	}
}

// A row that has changed in the other system is proposed, and not taken over.
func TestAChangedRowIsProposed(t *testing.T) {
	t.Parallel()
	c := open(t)
	file := legacy(t, nil)
	c.staged(file)
	c.applied(file, decided)
	moved := legacy(t, func(b []byte) []byte { return bytes.Replace(b, []byte("512.555.0177"), []byte("512.555.0178"), 1) })
	c.staged(moved)
	propose := decided
	propose.Changed = patient.ActionPropose
	if got := c.applied(moved, propose).Report.Actions[patient.ActionPropose]; got != 1 {
		t.Fatalf("%d rows are proposed", got)
	}
	found := must[[]practice.Found](t)(c.FindPatients(t.Context(), c.Desk, patient.Query{Text: "okafor"}))
	chart := must[practice.Chart](t)(c.Chart(t.Context(), c.Nurse, found[0].Patient.ID))
	if len(chart.Patient.Contacts) != 1 || chart.Patient.Contacts[0].Value != "+15125550177" || len(chart.Proposals) != 1 || chart.Proposals[0].Changes[0].Part != patient.ChangeContact ||
		chart.Proposals[0].Provenance.System != file.Layout.System {
		t.Errorf("contacts %v, proposals %+v", chart.Patient.Contacts, chart.Proposals)
	}
	c.staged(moved)
	if got := c.applied(moved, propose).Report.Outcomes[patient.OutcomeChanged]; got != 0 {
		t.Errorf("%d rows have changed once more", got)
	}
}
