package encounter_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
)

var noteID = id[glabella.NoteID](300)

func draft() encounter.Note {
	return encounter.Note{ID: noteID, Encounter: visitID, Patient: patientID, Author: nurse, State: encounter.NoteDraft, Text: "Twenty units to the glabella."}
}

func signature(by glabella.StaffID) encounter.Signature {
	return encounter.Signature{By: by, At: morning, Credential: encounter.Credential{Kind: "RN", Number: "000042", Jurisdiction: "US-TX"}}
}

func signed(t testing.TB) encounter.Note {
	t.Helper()
	n, err := draft().Sign(signature(nurse), glabella.StaffID{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func pending(t testing.TB) encounter.Note {
	t.Helper()
	n, err := draft().Sign(signature(nurse), doctor)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func cosigned(t testing.TB) encounter.Note {
	t.Helper()
	n, err := pending(t).Cosign(signature(doctor), false)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNoteVerbsFollowTheTable(t *testing.T) {
	t.Parallel()
	type verb = func(encounter.Note) (encounter.Note, error)
	verbs := map[string]verb{
		"edit":                 func(n encounter.Note) (encounter.Note, error) { return n.Edit("Another text.") },
		"sign":                 func(n encounter.Note) (encounter.Note, error) { return n.Sign(signature(nurse), glabella.StaffID{}) },
		"sign for cosignature": func(n encounter.Note) (encounter.Note, error) { return n.Sign(signature(nurse), doctor) },
		"cosign":               func(n encounter.Note) (encounter.Note, error) { return n.Cosign(signature(doctor), false) },
		"amend":                func(n encounter.Note) (encounter.Note, error) { return n.Amend(amendment()) },
		"lock":                 encounter.Note.Lock,
		"consult":              func(n encounter.Note) (encounter.Note, error) { return n.Consult(signature(otherStaff)) },
		"request information":  func(n encounter.Note) (encounter.Note, error) { return n.RequestInformation(query()) },
		"answer": func(n encounter.Note) (encounter.Note, error) {
			n.Queries = []encounter.Query{query()} // so that there is something to answer
			return n.Answer(0, reply())
		},
	}
	locked, err := cosigned(t).Lock()
	if err != nil {
		t.Fatal(err)
	}
	notes := map[encounter.NoteState]encounter.Note{
		encounter.NoteDraft: draft(), encounter.NoteSignedState: signed(t), encounter.NoteCosignPending: pending(t), encounter.NoteCosigned: cosigned(t), encounter.NoteLocked: locked,
	}
	for _, a := range encounter.NoteMachine().Arrows {
		if verbs[a.Action] == nil {
			t.Errorf("the table has %q, which no verb does", a.Action)
		}
	}
	for _, from := range encounter.NoteStates() {
		n := notes[from]
		if n.State != from {
			t.Fatalf("the note is %s, want %s", n.State, from)
		}
		for action, verb := range verbs {
			got, err := verb(n)
			want, illegal := encounter.NoteMachine().Next(from, action)
			var transition *glabella.TransitionError
			switch {
			case illegal == nil && (err != nil || got.State != want):
				t.Errorf("%s when %s = %s, %v, want %s", action, from, got.State, err, want)
			case illegal == nil && got.Validate() != nil:
				t.Errorf("%s when %s leaves a note that is not valid: %v", action, from, got.Validate())
			case illegal != nil && (!errors.As(err, &transition) || action != "answer" && !cmp.Equal(got, n)):
				t.Errorf("%s when %s = %v, want a transition error and the note as it was", action, from, err)
			}
			if action != "edit" && got.Text != n.Text {
				t.Errorf("%s changed the text", action)
			}
		}
	}
}

func amendment() encounter.Amendment {
	return encounter.Amendment{Kind: encounter.Addendum, Text: "No bruise at the end.", Reason: "incomplete", By: nurse, At: morning.Add(24 * time.Hour)}
}

func query() encounter.Query {
	return encounter.Query{Text: "Which lot?", By: doctor, At: morning.Add(time.Hour)}
}

func reply() encounter.Reply {
	return encounter.Reply{Text: "C1234.", By: nurse, At: morning.Add(2 * time.Hour)}
}

// chained returns the amendment as the first one of a note with that text.
func chained(text string, a encounter.Amendment) encounter.Amendment {
	a.Previous = encounter.HashText(text)
	a.Hash = a.Digest()
	return a
}

func TestSignBindsTheText(t *testing.T) {
	t.Parallel()
	n := cosigned(t)
	want := fmt.Sprintf("%x", sha256.Sum256([]byte("Twenty units to the glabella.")))
	for i, role := range []encounter.SignatureRole{encounter.AsAuthor, encounter.AsCosigner} {
		if s := n.Signatures[i]; s.Hash != want || s.Role != role || !s.At.Equal(morning) || s.Credential.Number != "000042" {
			t.Errorf("signature %d = %+v, want role %s over %s", i, s, role, want)
		}
	}
	n.Text += " "
	if diff := cmp.Diff([]place{{"/signatures/0/hash", encounter.CodeNoteHash}, {"/signatures/1/hash", encounter.CodeNoteHash}}, placesOf(t, n.Validate())); diff != "" {
		t.Errorf("Validate of a note whose text was changed (-want +got):\n%s", diff)
	}
}

func TestWhoSigns(t *testing.T) {
	t.Parallel()
	sign := func(by, cosigner glabella.StaffID) func(*testing.T) (encounter.Note, error) {
		return func(*testing.T) (encounter.Note, error) { return draft().Sign(signature(by), cosigner) }
	}
	cosign := func(by glabella.StaffID, alternate bool) func(*testing.T) (encounter.Note, error) {
		return func(t *testing.T) (encounter.Note, error) { return pending(t).Cosign(signature(by), alternate) }
	}
	none := glabella.StaffID{}
	for _, tt := range []struct {
		name string
		do   func(*testing.T) (encounter.Note, error)
		want []glabella.Code
	}{
		{name: "the author signs", do: sign(nurse, none)},
		{name: "someone else signs", do: sign(otherStaff, none), want: []glabella.Code{encounter.CodeNoteAuthor}},
		{name: "nobody signs", do: sign(none, none), want: []glabella.Code{encounter.CodeNoteAuthor}},
		{name: "the author is named as cosigner", do: sign(nurse, nurse), want: []glabella.Code{encounter.CodeNoteCosigner}},
		{name: "someone else signs, for the author to cosign", do: sign(otherStaff, nurse), want: []glabella.Code{encounter.CodeNoteAuthor, encounter.CodeNoteCosigner}},
		{name: "the named cosigner", do: cosign(doctor, false)},
		{name: "the author cosigns", do: cosign(nurse, false), want: []glabella.Code{encounter.CodeNoteCosigner}},
		{name: "the author cosigns as an alternate", do: cosign(nurse, true), want: []glabella.Code{encounter.CodeNoteCosigner}},
		{name: "another cosigner", do: cosign(otherStaff, false), want: []glabella.Code{encounter.CodeNoteCosigner}},
		{name: "an alternate", do: cosign(otherStaff, true)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n, err := tt.do(t)
			if diff := cmp.Diff(tt.want, codesOf(t, err)); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
			if err := n.Validate(); err != nil {
				t.Errorf("the note is not valid after it: %v", err)
			}
		})
	}
}

func TestAmend(t *testing.T) {
	t.Parallel()
	first, err := signed(t).Amend(amendment())
	if err != nil {
		t.Fatal(err)
	}
	retraction := amendment()
	retraction.Kind, retraction.Text, retraction.RetractedFor = encounter.Retraction, "Charted for the wrong patient.", encounter.RetractedWrongPatient
	second, err := first.Amend(retraction)
	if err != nil {
		t.Fatal(err)
	}
	third, err := first.Amend(amendment())
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Amendments) != 1 || second.Amendments[1].Kind != encounter.Retraction || third.Amendments[1].Kind != encounter.Addendum {
		t.Error("amending changed another value of the note")
	}
	if got, want := second.Amendments[1].Hash, second.Amendments[1].Digest(); got != want || second.Validate() != nil {
		t.Errorf("the amendment's hash is %s, want %s; valid: %v", got, want, second.Validate())
	}
	if got, want := first.Amendments[0].Previous, encounter.HashText(first.Text); got != want {
		t.Errorf("the first amendment follows %s, want the text that was signed, %s", got, want)
	}
	if got, want := second.Amendments[1].Previous, first.Amendments[0].Hash; got != want {
		t.Errorf("the second amendment follows %s, want the first, %s", got, want)
	}
}

func TestValidateNote(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		note   encounter.Note
		change func(*encounter.Note)
		want   []place
	}{
		{name: "draft", note: draft(), change: func(*encounter.Note) {}},
		{name: "nothing is given", change: func(*encounter.Note) {}, want: []place{
			{"/author", glabella.CodeRequired}, {"/encounter", glabella.CodeRequired}, {"/id", glabella.CodeRequired}, {"/patient", glabella.CodeRequired}, {"/state", glabella.CodeUnknownValue}, {"/text", glabella.CodeRequired},
		}},
		{name: "signed by nobody", note: draft(), change: func(n *encounter.Note) { n.State = encounter.NoteSignedState }, want: []place{{"/signatures", glabella.CodeMismatch}}},
		{name: "a draft that is signed", note: signed(t), change: func(n *encounter.Note) { n.State = encounter.NoteDraft }, want: []place{{"/signatures", glabella.CodeMismatch}}},
		{name: "cosigned without the cosignature", note: pending(t), change: func(n *encounter.Note) { n.State = encounter.NoteCosigned }, want: []place{{"/signatures", glabella.CodeMismatch}}},
		{name: "locked without the cosignature", note: pending(t), change: func(n *encounter.Note) { n.State = encounter.NoteLocked }, want: []place{{"/signatures", glabella.CodeMismatch}}},
		{name: "sent for cosignature, and counted as signed", note: pending(t), change: func(n *encounter.Note) { n.State = encounter.NoteSignedState }, want: []place{{"/signatures", glabella.CodeMismatch}}},
		{name: "waits for nobody", note: pending(t), change: func(n *encounter.Note) { n.Cosigner = glabella.StaffID{} }, want: []place{{"/signatures", glabella.CodeMismatch}}},
		{name: "signed by another as the author", note: signed(t), change: func(n *encounter.Note) { n.Signatures[0].By = otherStaff }, want: []place{{"/signatures/0/by", encounter.CodeNoteAuthor}}},
		{name: "cosigned by the author", note: cosigned(t), change: func(n *encounter.Note) { n.Signatures[1].By = nurse }, want: []place{{"/signatures/1/by", encounter.CodeNoteCosigner}}},
		{name: "a signature without a name, role and time", note: signed(t), change: func(n *encounter.Note) { n.Signatures[0] = encounter.Signature{Hash: encounter.HashText(n.Text)} }, want: []place{
			{"/signatures", glabella.CodeMismatch}, {"/signatures/0/at", glabella.CodeRequired}, {"/signatures/0/by", glabella.CodeRequired}, {"/signatures/0/role", glabella.CodeUnknownValue},
		}},
		{name: "a draft that is amended", note: draft(), change: func(n *encounter.Note) {
			n.Amendments = []encounter.Amendment{chained(n.Text, amendment())}
		}, want: []place{{"/amendments", glabella.CodeMismatch}}},
		{name: "an amendment that was not chained", note: signed(t), change: func(n *encounter.Note) { n.Amendments = append(n.Amendments, amendment()) }, want: []place{
			{"/amendments/0/hash", encounter.CodeNoteHash}, {"/amendments/0/previous", encounter.CodeNoteChain},
		}},
		{name: "an empty amendment", note: signed(t), change: func(n *encounter.Note) {
			n.Amendments = []encounter.Amendment{chained(n.Text, encounter.Amendment{})}
		}, want: []place{
			{"/amendments/0/at", glabella.CodeRequired}, {"/amendments/0/by", glabella.CodeRequired}, {"/amendments/0/kind", glabella.CodeUnknownValue},
			{"/amendments/0/reason", glabella.CodeRequired}, {"/amendments/0/text", glabella.CodeRequired},
		}},
		{name: "half a licence, raw addresses, and a method that is not known", note: signed(t), change: func(n *encounter.Note) {
			s := &n.Signatures[0]
			s.Credential, s.Method, s.Device, s.Address = encounter.Credential{Kind: "RN"}, "handshake", "tablet 4", encounter.HashText("192.0.2.1")
			s.AuthenticatedAt = s.At.Add(time.Second)
		}, want: []place{
			{"/signatures/0/authenticatedAt", glabella.CodeOutOfRange}, {"/signatures/0/credential/jurisdiction", glabella.CodeRequired}, {"/signatures/0/credential/number", glabella.CodeRequired},
			{"/signatures/0/device", glabella.CodeFormat}, {"/signatures/0/method", glabella.CodeUnknownValue},
		}},
		{name: "a consultant beside author and cosigner", note: cosigned(t), change: func(n *encounter.Note) {
			s := signature(otherStaff)
			s.Role, s.Hash = encounter.AsConsultant, encounter.HashText(n.Text)
			n.Signatures = append(n.Signatures, s)
		}},
		{name: "the author as consultant", note: signed(t), change: func(n *encounter.Note) {
			s := signature(nurse)
			s.Role, s.Hash = encounter.AsConsultant, encounter.HashText(n.Text)
			n.Signatures = append(n.Signatures, s)
		}, want: []place{{"/signatures/1/by", encounter.CodeNoteConsultant}}},
		{name: "kept to a discipline that is not named, shared with nobody and twice with one", note: draft(), change: func(n *encounter.Note) {
			n.Privacy, n.SharedWith = encounter.PrivacyDiscipline, []glabella.StaffID{{}, doctor, doctor}
		}, want: []place{{"/discipline", glabella.CodeRequired}, {"/sharedWith/0", glabella.CodeRequired}, {"/sharedWith/2", glabella.CodeDuplicate}}},
		{name: "an unknown level of privacy", note: draft(), change: func(n *encounter.Note) { n.Privacy = "secret" }, want: []place{{"/privacy", glabella.CodeUnknownValue}}},
		{name: "cosigned with an open query", note: cosigned(t), change: func(n *encounter.Note) { n.Queries = []encounter.Query{query()} }, want: []place{{"/queries/0/reply", encounter.CodeNoteQuery}}},
		{name: "a query about a note that nobody cosigns, by its author", note: signed(t), change: func(n *encounter.Note) {
			n.Queries = []encounter.Query{{Text: "Which lot?", By: nurse, At: morning.Add(-time.Hour), Reply: &encounter.Reply{}}}
		}, want: []place{
			{"/queries", glabella.CodeMismatch}, {"/queries/0/at", glabella.CodeOutOfRange}, {"/queries/0/by", encounter.CodeNoteCosigner},
			{"/queries/0/reply/at", glabella.CodeRequired}, {"/queries/0/reply/by", glabella.CodeRequired}, {"/queries/0/reply/text", glabella.CodeRequired},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := tt.note
			n.Signatures = slices.Clone(n.Signatures)
			tt.change(&n)
			if diff := cmp.Diff(tt.want, placesOf(t, n.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}
