package practice

import (
	"context"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/storage"
)

// Discussed is what was talked about before a patient decided.
type Discussed struct {
	Treatment    string               `json:"treatment"` // code of the template
	Encounter    glabella.EncounterID `json:"encounter,omitzero"`
	At           time.Time            `json:"at,omitzero"` // when it ended; zero is now
	Minutes      int                  `json:"minutes,omitempty"`
	Risks        []string             `json:"risks"`        // codes
	Alternatives []string             `json:"alternatives"` // codes
	Questions    bool                 `json:"questions,omitempty"`
	Note         glabella.NoteID      `json:"note,omitzero"`
	Language     string               `json:"language"`
	Interpreter  string               `json:"interpreter,omitempty"`
}

func (d Discussed) apply(to consent.Discussion) consent.Discussion {
	to.Treatment, to.Encounter, to.Minutes, to.Risks, to.Alternatives = d.Treatment, d.Encounter, d.Minutes, d.Risks, d.Alternatives
	to.Questions, to.Note, to.Language, to.Interpreter = d.Questions, d.Note, d.Language, d.Interpreter
	return to
}

// RecordDiscussion is the input of [Practice.RecordDiscussion].
type RecordDiscussion struct {
	Command
	Patient glabella.PatientID `json:"patient"`
	Discussed
}

// DiscussionRecorded is the receipt of [Practice.RecordDiscussion] and
// [Practice.AmendDiscussion].
type DiscussionRecorded struct {
	Discussion glabella.DiscussionID `json:"discussion"`
	Version    uint64                `json:"version"`
}

// DiscussionEvent is the event that a talk before a decision was recorded or
// amended.
type DiscussionEvent struct {
	Discussion glabella.DiscussionID `json:"discussion"`
	Patient    glabella.PatientID    `json:"patient"`
	Treatment  string                `json:"treatment"`
}

// RecordDiscussion records that the actor has explained a treatment to a patient:
// its risks, its alternatives and what else they asked.
func (p *Practice) RecordDiscussion(ctx context.Context, actor glabella.Actor, in RecordDiscussion) (DiscussionRecorded, error) {
	return run(ctx, p, actor, access.ConsentRecord, in.Patient, in, func(ctx context.Context, w *work, in RecordDiscussion, out *DiscussionRecorded) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		at := instant(in.At)
		if in.At.IsZero() {
			at = w.Now()
		}
		d := in.apply(consent.Discussion{ID: glabella.DiscussionID(w.NewUUID()), Patient: in.Patient, By: by, At: at, Provenance: w.entered()})
		if err := w.discussed(ctx, d); err != nil {
			return failed(err)
		}
		if d, err = w.Discussions().Put(ctx, d); err != nil {
			return failed(err)
		}
		*out = DiscussionRecorded{Discussion: d.ID, Version: d.Version}
		return recorded("consent.discussed", DiscussionEvent{Discussion: d.ID, Patient: d.Patient, Treatment: d.Treatment})
	})
}

// discussed sees that what a discussion names is the patient's, and that it is
// over.
func (w *work) discussed(ctx context.Context, d consent.Discussion) error {
	if d.At.After(w.Now()) {
		return glabella.Invalid("discussion", glabella.Issue{Path: "/at", Code: glabella.CodeOutOfRange, Text: "a discussion is recorded when it is over"})
	}
	if w.p.template(d.Treatment) == nil {
		return glabella.Invalid("discussion", glabella.Issue{Path: "/treatment", Code: CodeTreatmentUnknown, Text: "no published template has this code"})
	}
	if err := w.visitOf(ctx, d.Encounter, d.Patient); err != nil {
		return err
	}
	if d.Note.IsZero() {
		return nil
	}
	note, err := w.Notes().Get(ctx, d.Note)
	if err != nil {
		return err
	}
	if note.Patient != d.Patient {
		return glabella.Invalid("discussion", glabella.Issue{Path: "/note", Code: CodeOtherPatient, Text: "the note is another patient's"})
	}
	return nil
}

// AmendDiscussion is the input of [Practice.AmendDiscussion].
type AmendDiscussion struct {
	Command
	Discussion glabella.DiscussionID `json:"discussion"`
	Reason     string                `json:"reason"` // a code of the practice's own
	Discussed
}

// AmendDiscussion corrects what was recorded of a discussion by who led it. When
// it was cannot be corrected. The record says that it was amended, and what it
// said before stays readable.
func (p *Practice) AmendDiscussion(ctx context.Context, actor glabella.Actor, in AmendDiscussion) (DiscussionRecorded, error) {
	return run(ctx, p, actor, access.ConsentRecord, glabella.PatientID{}, in, func(ctx context.Context, w *work, in AmendDiscussion, out *DiscussionRecorded) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		if err := reasonCode("/reason", in.Reason); err != nil {
			return failed(err)
		}
		d, err := w.Discussions().Get(ctx, in.Discussion)
		if err != nil {
			return failed(err)
		}
		w.Concerns(d.Patient)
		if err := w.expect(d.Ref(), d.Version); err != nil {
			return failed(err)
		}
		if by != d.By {
			return failed(&glabella.DeniedError{Decision: glabella.Decide(
				glabella.Denied(CodeDiscussionOther, "only who led a discussion amends what is recorded of it").For(d.Ref(), d.By.Ref()).WithFix("ask who led it"))})
		}
		corrected := in.apply(d)
		if !in.At.IsZero() {
			corrected.At = instant(in.At)
		}
		if err := w.discussed(ctx, corrected); err != nil {
			return failed(err)
		}
		if d, err = d.Amend(corrected, by, w.Now(), in.Reason); err != nil {
			return failed(err)
		}
		if d, err = w.Discussions().Put(ctx, d); err != nil {
			return failed(err)
		}
		*out = DiscussionRecorded{Discussion: d.ID, Version: d.Version}
		return recorded("consent.discussion-amended", DiscussionEvent{Discussion: d.ID, Patient: d.Patient, Treatment: d.Treatment})
	})
}

// CodeDiscussionOther says that somebody else led the discussion.
const CodeDiscussionOther glabella.Code = "practice.discussion.other"
