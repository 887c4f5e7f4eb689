package practice

import (
	"context"
	"strconv"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/storage"
)

// CodeCosigner says that the cosigner has no credential with which the site's
// jurisdiction lets them cosign.
const CodeCosigner glabella.Code = "practice.cosigner.credential"

// SaveDraft is the input of [Practice.SaveDraft].
type SaveDraft struct {
	Command
	Encounter glabella.EncounterID `json:"encounter"`
	Text      string               `json:"text"` // the author's remarks
	Base      int                  `json:"base"` // the revision that the text was written on; 0 for the first
}

// DraftSaved is the receipt of [Practice.SaveDraft].
type DraftSaved struct {
	Note     glabella.NoteID `json:"note"`
	Revision int             `json:"revision"`
	Version  uint64          `json:"version"`
}

// SaveDraft saves the actor's remarks on a visit, as often as a host likes. A text
// that was not written on the latest revision is refused with a
// [*encounter.DraftConflictError], which has both texts: nothing that was typed is
// lost, in two windows or two places.
func (p *Practice) SaveDraft(ctx context.Context, actor glabella.Actor, in SaveDraft) (DraftSaved, error) {
	return run(ctx, p, actor, access.NoteEdit, glabella.PatientID{}, in, func(ctx context.Context, w *work, in SaveDraft, out *DraftSaved) (storage.Outcome, error) {
		_, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		visit, err := w.Encounters().Get(ctx, in.Encounter)
		if err != nil {
			return failed(err)
		}
		w.Concerns(visit.Patient)
		n, ok, err := w.draftOf(ctx, visit, by)
		if err != nil {
			return failed(err)
		}
		if !ok {
			n = encounter.Note{ID: glabella.NoteID(w.NewUUID()), Encounter: visit.ID, Patient: visit.Patient, Author: by, State: encounter.NoteDraft}
		}
		if err := w.expect(n.Ref(), n.Version); err != nil {
			return failed(err)
		}
		if n, err = n.Save(encounter.Revision{Text: in.Text, By: by, At: w.Now(), Base: in.Base}); err != nil {
			return failed(err)
		}
		if n, err = w.Notes().Put(ctx, n); err != nil {
			return failed(err)
		}
		*out = DraftSaved{Note: n.ID, Revision: n.Revision(), Version: n.Version}
		return recorded("encounter.note-saved", encounter.NoteSaved{Note: n.ID, Encounter: n.Encounter, Revision: out.Revision})
	})
}

// draftOf returns the draft of somebody's note of a visit, and false if there is
// none.
func (w *work) draftOf(ctx context.Context, visit encounter.Encounter, by glabella.StaffID) (encounter.Note, bool, error) {
	notes, err := w.Notes().All(ctx, storage.NoteQuery{Encounter: visit.ID})
	if err != nil {
		return encounter.Note{}, false, err
	}
	for _, n := range notes {
		if n.Author == by && n.State == encounter.NoteDraft {
			return n, true, nil
		}
	}
	return encounter.Note{}, false, nil
}

// SignNote is the input of [Practice.SignNote].
type SignNote struct {
	Command
	Encounter glabella.EncounterID `json:"encounter"`
	Remarks   string               `json:"remarks"`           // what the author adds to the rendered facts; with a draft, its text is that
	Revision  int                  `json:"revision"`          // the revision of the draft that the author has read; 0 without a draft
	Cosigner  glabella.StaffID     `json:"cosigner,omitzero"` // the default is the one that the site's policy names
	Statement string               `json:"statement"`         // what the author attests
	Privacy   encounter.Privacy    `json:"privacy,omitempty"`
}

// NoteSigned is the receipt of [Practice.SignNote] and [Practice.CosignNote].
type NoteSigned struct {
	Note    glabella.NoteID     `json:"note"`
	State   encounter.NoteState `json:"state"`
	Hash    string              `json:"hash"` // of the text that was signed
	Missing []encounter.Missing `json:"missing"`
	Version uint64              `json:"version"`
}

// SignNote renders the note of a visit from what was charted, adds the author's
// remarks or draft, and signs it. What the chart lacks is refused or warned of, as
// the site's policy says. Where that has the author's notes cosigned, the note
// waits for the cosigner's signature.
func (p *Practice) SignNote(ctx context.Context, actor glabella.Actor, in SignNote) (NoteSigned, error) {
	return run(ctx, p, actor, access.NoteSign, glabella.PatientID{}, in, func(ctx context.Context, w *work, in SignNote, out *NoteSigned) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		author, err := w.Staff().Get(ctx, by)
		if err != nil {
			return failed(err)
		}
		visit, err := w.visit(ctx, in.Encounter)
		if err != nil {
			return failed(err)
		}
		policy, err := chartPolicy(ctx, w.ChartPolicies(), site.ID)
		if err != nil {
			return failed(err)
		}
		n, err := w.written(ctx, visit, by, in)
		if err != nil {
			return failed(err)
		}
		n.Discipline, n.Privacy = disciplineOf(author), in.Privacy
		if out.Missing, err = w.complete(ctx, policy, visit, n); err != nil {
			return failed(err)
		}
		cosigner, err := cosignerOf(policy, site, author, in.Cosigner)
		if err != nil {
			return failed(err)
		}
		signature := w.signature(by, credentialOf(author, site), in.Statement)
		if err := w.Require(encounter.CheckSignature(signature, policy.Sign, w.Now())); err != nil {
			return failed(err)
		}
		if n, err = n.Sign(signature, cosigner); err != nil {
			return failed(err)
		}
		return w.putSigned(ctx, n, out)
	})
}

// written returns the draft with the text that is to be signed.
func (w *work) written(ctx context.Context, visit encounter.Encounter, by glabella.StaffID, in SignNote) (encounter.Note, error) {
	names, err := w.names(ctx, visit)
	if err != nil {
		return encounter.Note{}, err
	}
	n, drafted, err := w.draftOf(ctx, visit, by)
	if err != nil {
		return n, err
	}
	remarks := in.Remarks
	switch {
	case !drafted:
		n = encounter.Note{ID: glabella.NoteID(w.NewUUID()), Encounter: visit.ID, Patient: visit.Patient, Author: by, State: encounter.NoteDraft}
	case remarks != "":
		return n, glabella.Invalid("note", glabella.Issue{Path: "/remarks", Code: glabella.CodeMismatch, Text: "the remarks are those of the draft; save them there"})
	default:
		remarks = n.Text
	}
	text, err := encounter.RenderNote(visit, w.p.treatments, names, remarks)
	if err != nil {
		return n, err
	}
	return n.Save(encounter.Revision{Text: text, By: by, At: w.Now(), Base: in.Revision})
}

// complete sees what a visit's chart lacks before its note is signed.
func (w *work) complete(ctx context.Context, policy encounter.ChartPolicy, visit encounter.Encounter, n encounter.Note) ([]encounter.Missing, error) {
	rules := w.p.completeness(policy, visit)
	if len(rules.Rules) == 0 {
		return nil, nil
	}
	facts, err := w.p.chartFacts(ctx, closetIn(w), visit, []encounter.Note{n})
	if err != nil {
		return nil, err
	}
	facts.NotApplicable = append(facts.NotApplicable, encounter.ItemSignature) // it is about to be given
	missing, decision := encounter.Complete(rules, facts)
	return missing, w.Require(decision)
}

// cosignerOf returns who cosigns a note, and nobody where no one has to.
func cosignerOf(policy encounter.ChartPolicy, site place, author access.Staff, named glabella.StaffID) (glabella.StaffID, error) {
	kinds := author.Kinds(site.Jurisdiction, site.today)
	if !named.IsZero() || !site.Policy.NeedsCosign(kinds) && !policy.Cosign.Requires(kinds) {
		return named, nil
	}
	if policy.Cosign.Default.IsZero() && len(policy.Cosign.Alternates) == 0 {
		return named, glabella.Invalid("note", glabella.Issue{Path: "/cosigner", Code: glabella.CodeRequired, Text: "the site's policy has this author's notes cosigned"})
	}
	cosigner, decision := encounter.ChooseCosigner(policy.Cosign, author.ID, site.today)
	return cosigner, glabella.Refuse(decision)
}

// disciplineOf returns the discipline of a member of staff: their first role.
func disciplineOf(s access.Staff) string {
	if len(s.Roles) == 0 {
		return ""
	}
	return string(s.Roles[0])
}

// signature returns a signature of now, with what the host knows of how the actor
// was authenticated.
func (w *work) signature(by glabella.StaffID, c encounter.Credential, statement string) encounter.Signature {
	s := encounter.Signature{By: by, At: w.Now(), Credential: c, Method: methodOf(w.actor.Auth.Method), Statement: statement}
	if at := w.actor.Auth.At; !at.IsZero() {
		s.AuthenticatedAt = instant(at)
	}
	if w.actor.Auth.Level > 0 {
		s.Assurance = "aal" + strconv.Itoa(w.actor.Auth.Level)
	}
	return s
}

// methodOf maps an authentication method reference of RFC 8176 to a method of
// signing.
func methodOf(amr string) encounter.SignatureMethod {
	switch amr {
	case "pwd", "pin":
		return encounter.ByPassword
	case "otp":
		return encounter.ByTOTP
	case "hwk", "swk", "pop", "sc":
		return encounter.ByPasskey
	case "fpt", "face", "iris", "retina", "vbm":
		return encounter.ByBiometric
	case "":
		return ""
	}
	return encounter.BySSO
}

// CosignNote is the input of [Practice.CosignNote].
type CosignNote struct {
	Command
	Note glabella.NoteID `json:"note"`
	// Alternate lets a cosigner sign whom the note was not sent to, in the named
	// one's absence. Where the site's policy names alternates, those who stand in
	// follow from it.
	Alternate bool   `json:"alternate"`
	Statement string `json:"statement"` // what the cosigner attests
}

// CosignNote adds the actor's signature to a note that waits for it. The actor
// holds a credential that may examine at the site.
func (p *Practice) CosignNote(ctx context.Context, actor glabella.Actor, in CosignNote) (NoteSigned, error) {
	return run(ctx, p, actor, access.NoteCosign, glabella.PatientID{}, in, func(ctx context.Context, w *work, in CosignNote, out *NoteSigned) (storage.Outcome, error) {
		c, err := w.cosigner(ctx)
		if err != nil {
			return failed(err)
		}
		n, err := w.note(ctx, in.Note)
		if err != nil {
			return failed(err)
		}
		alternate := in.Alternate
		if len(c.policy.Cosign.Alternates) > 0 {
			alternate = c.policy.Cosign.StandsIn(c.by, n.Cosigner, c.today)
		}
		if n, err = c.cosign(w, n, alternate, in.Statement); err != nil {
			return failed(err)
		}
		return w.putSigned(ctx, n, out)
	})
}

// cosigner is the actor as one who cosigns.
type cosigner struct {
	by         glabella.StaffID
	credential encounter.Credential
	policy     encounter.ChartPolicy
	today      glabella.Date
}

func (w *work) cosigner(ctx context.Context) (cosigner, error) {
	site, by, err := w.performer(ctx)
	if err != nil {
		return cosigner{}, err
	}
	staff, err := w.Staff().Get(ctx, by)
	if err != nil {
		return cosigner{}, err
	}
	credential, ok := staff.Credential(site.Policy.Examiners, site.Jurisdiction, site.today)
	if !ok {
		return cosigner{}, glabella.Refuse(glabella.Decide(glabella.Denied(CodeCosigner, "the cosigner has no valid credential that may examine here").For(by.Ref()).
			With("jurisdiction", site.Jurisdiction).WithFix("have a clinician cosign who may examine").CitedFrom(site.Policy.ExaminersSource)))
	}
	policy, err := chartPolicy(ctx, w.ChartPolicies(), site.ID)
	return cosigner{by, encounter.Credential{Kind: credential.Kind, Number: credential.Number, Jurisdiction: credential.Jurisdiction}, policy, site.today}, err
}

func (c cosigner) cosign(w *work, n encounter.Note, alternate bool, statement string) (encounter.Note, error) {
	w.DoneBy(n.Author)
	signature := w.signature(c.by, c.credential, statement)
	if err := w.Require(encounter.CheckSignature(signature, c.policy.Sign, w.Now())); err != nil {
		return n, err
	}
	return n.Cosign(signature, alternate)
}

// CosignNotes is the input of [Practice.CosignNotes].
type CosignNotes struct {
	Command
	Notes     []glabella.NoteID `json:"notes"`
	Statement string            `json:"statement"` // what the cosigner attests
}

// NotesCosigned is the receipt of [Practice.CosignNotes].
type NotesCosigned struct {
	Cosigned []glabella.NoteID `json:"cosigned"`
	Refused  []CosignRefused   `json:"refused"`
}

// CosignRefused is a note that was not cosigned, and why.
type CosignRefused struct {
	Note     glabella.NoteID   `json:"note"`
	Decision glabella.Decision `json:"decision"`
}

// CosignNotes cosigns several notes in one transaction. Those that may not be
// cosigned are left as they are, and the receipt says why; notes that were sent to
// somebody who is absent are cosigned by their alternate.
func (p *Practice) CosignNotes(ctx context.Context, actor glabella.Actor, in CosignNotes) (NotesCosigned, error) {
	return run(ctx, p, actor, access.NoteCosign, glabella.PatientID{}, in, func(ctx context.Context, w *work, in CosignNotes, out *NotesCosigned) (storage.Outcome, error) {
		c, err := w.cosigner(ctx)
		if err != nil {
			return failed(err)
		}
		var events []audit.Event
		for _, id := range in.Notes {
			n, err := w.Notes().Get(ctx, id)
			if err != nil {
				return failed(err)
			}
			alternate := n.Cosigner != c.by && c.policy.Cosign.StandsIn(c.by, n.Cosigner, c.today)
			if d := encounter.Cosignable(n, c.by, alternate); d.Outcome == glabella.Deny {
				out.Refused = append(out.Refused, CosignRefused{Note: id, Decision: d})
				continue
			}
			if n, err = c.cosign(w, n, alternate, in.Statement); err != nil {
				return failed(err)
			}
			if n, err = w.Notes().Put(ctx, n); err != nil {
				return failed(err)
			}
			out.Cosigned = append(out.Cosigned, id)
			e, err := event("encounter.note-signed", signedEvent(n))
			if err != nil {
				return failed(err)
			}
			events = append(events, e)
		}
		return storage.Recorded(events...), nil
	})
}

func signedEvent(n encounter.Note) encounter.NoteSigned {
	last := n.Signatures[len(n.Signatures)-1]
	return encounter.NoteSigned{Note: n.ID, Encounter: n.Encounter, By: last.By, Role: last.Role, State: n.State, Hash: last.Hash}
}

func (w *work) putSigned(ctx context.Context, n encounter.Note, out *NoteSigned) (storage.Outcome, error) {
	n, err := w.Notes().Put(ctx, n)
	if err != nil {
		return failed(err)
	}
	out.Note, out.State, out.Version = n.ID, n.State, n.Version
	out.Hash = n.Signatures[len(n.Signatures)-1].Hash
	return recorded("encounter.note-signed", signedEvent(n))
}

// CosignQueue returns the notes that wait for the actor's cosignature, those that
// have waited longest first; where the actor is an alternate, also those of
// cosigners who are absent.
func (p *Practice) CosignQueue(ctx context.Context, actor glabella.Actor) ([]encounter.Due, error) {
	return query(ctx, p, actor, access.NoteCosign, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]encounter.Due, error) {
		by, ok := actor.Staff()
		if !ok {
			return nil, staffRequired()
		}
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return nil, err
		}
		policy, err := chartPolicy(ctx, r.ChartPolicies(), site.ID)
		if err != nil {
			return nil, err
		}
		notes, err := r.Notes().All(ctx, storage.NoteQuery{State: encounter.NoteCosignPending})
		if err != nil {
			return nil, err
		}
		return encounter.Queue(notes, by, policy.Cosign, r.Now().In(site.zone)), nil
	})
}

// ConsultNote is the input of [Practice.ConsultNote].
type ConsultNote struct {
	Command
	Note      glabella.NoteID `json:"note"`
	Statement string          `json:"statement"` // what the consultant attests
}

// ConsultNote adds the actor's signature to a signed note as one who was
// consulted. It is not a cosignature.
func (p *Practice) ConsultNote(ctx context.Context, actor glabella.Actor, in ConsultNote) (NoteSigned, error) {
	return run(ctx, p, actor, access.NoteSign, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ConsultNote, out *NoteSigned) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		staff, err := w.Staff().Get(ctx, by)
		if err != nil {
			return failed(err)
		}
		policy, err := chartPolicy(ctx, w.ChartPolicies(), site.ID)
		if err != nil {
			return failed(err)
		}
		n, err := w.note(ctx, in.Note)
		if err != nil {
			return failed(err)
		}
		signature := w.signature(by, credentialOf(staff, site), in.Statement)
		if err := w.Require(encounter.CheckSignature(signature, policy.Sign, w.Now())); err != nil {
			return failed(err)
		}
		if n, err = n.Consult(signature); err != nil {
			return failed(err)
		}
		return w.putSigned(ctx, n, out)
	})
}

// NoteChanged is the receipt of commands on a note that are neither a signature
// nor an amendment.
type NoteChanged struct {
	Note    glabella.NoteID     `json:"note"`
	State   encounter.NoteState `json:"state"`
	Version uint64              `json:"version"`
}

// AskAboutNote is the input of [Practice.AskAboutNote].
type AskAboutNote struct {
	Command
	Note glabella.NoteID `json:"note"`
	Text string          `json:"text"`
}

// AskAboutNote asks the author something before cosigning. Until it is answered,
// the note is not cosigned.
func (p *Practice) AskAboutNote(ctx context.Context, actor glabella.Actor, in AskAboutNote) (NoteChanged, error) {
	return changeNote(ctx, p, actor, access.NoteCosign, in, in.Note, "ask", func(w *work, by glabella.StaffID, n encounter.Note) (encounter.Note, error) {
		return n.RequestInformation(encounter.Query{Text: in.Text, By: by, At: w.Now()})
	})
}

// AnswerAboutNote is the input of [Practice.AnswerAboutNote].
type AnswerAboutNote struct {
	Command
	Note  glabella.NoteID `json:"note"`
	Query int             `json:"query"` // its index
	Text  string          `json:"text"`
}

// AnswerAboutNote answers what the cosigner asked.
func (p *Practice) AnswerAboutNote(ctx context.Context, actor glabella.Actor, in AnswerAboutNote) (NoteChanged, error) {
	return changeNote(ctx, p, actor, access.NoteEdit, in, in.Note, "answer", func(w *work, by glabella.StaffID, n encounter.Note) (encounter.Note, error) {
		return n.Answer(in.Query, encounter.Reply{Text: in.Text, By: by, At: w.Now()})
	})
}

// LockNote is the input of [Practice.LockNote].
type LockNote struct {
	Command
	Note glabella.NoteID `json:"note"`
}

// LockNote closes a note. It can still be amended.
func (p *Practice) LockNote(ctx context.Context, actor glabella.Actor, in LockNote) (NoteChanged, error) {
	return changeNote(ctx, p, actor, access.NoteSign, in, in.Note, "lock", func(_ *work, _ glabella.StaffID, n encounter.Note) (encounter.Note, error) { return n.Lock() })
}

// RestrictNote is the input of [Practice.RestrictNote].
type RestrictNote struct {
	Command
	Note       glabella.NoteID    `json:"note"`
	Privacy    encounter.Privacy  `json:"privacy"`
	SharedWith []glabella.StaffID `json:"sharedWith"`
}

// RestrictNote changes who may read a note. Only those do who may read it.
func (p *Practice) RestrictNote(ctx context.Context, actor glabella.Actor, in RestrictNote) (NoteChanged, error) {
	return run(ctx, p, actor, access.NoteEdit, glabella.PatientID{}, in, func(ctx context.Context, w *work, in RestrictNote, out *NoteChanged) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		n, err := w.note(ctx, in.Note)
		if err != nil {
			return failed(err)
		}
		staff, err := w.Staff().Get(ctx, by)
		if err != nil {
			return failed(err)
		}
		if err := w.Require(encounter.MayRead(n, readerFor(staff, w.Rules()))); err != nil {
			return failed(err)
		}
		if n, err = n.Restrict(in.Privacy, in.SharedWith...); err != nil {
			return failed(err)
		}
		if n, err = w.Notes().Put(ctx, n); err != nil {
			return failed(err)
		}
		*out = NoteChanged{Note: n.ID, State: n.State, Version: n.Version}
		return recorded("encounter.note-changed", encounter.NoteChanged{Note: n.ID, Action: "restrict", State: n.State})
	})
}

// readerFor returns a member of staff as a reader of notes. Whoever may cosign
// answers for the notes of others.
func readerFor(s access.Staff, rules access.Rules) encounter.Reader {
	return encounter.Reader{Staff: s.ID, Discipline: disciplineOf(s), Supervisor: rules.May(s.Roles, access.NoteCosign)}
}

// changeNote carries out a command that changes one note.
func changeNote[In input](ctx context.Context, p *Practice, actor glabella.Actor, action access.Action, in In, id glabella.NoteID, name string,
	change func(w *work, by glabella.StaffID, n encounter.Note) (encounter.Note, error),
) (NoteChanged, error) {
	return run(ctx, p, actor, action, glabella.PatientID{}, in, func(ctx context.Context, w *work, _ In, out *NoteChanged) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		n, err := w.note(ctx, id)
		if err != nil {
			return failed(err)
		}
		if n, err = change(w, by, n); err != nil {
			return failed(err)
		}
		if n, err = w.Notes().Put(ctx, n); err != nil {
			return failed(err)
		}
		*out = NoteChanged{Note: n.ID, State: n.State, Version: n.Version}
		return recorded("encounter.note-changed", encounter.NoteChanged{Note: n.ID, Action: name, State: n.State})
	})
}

// AmendNote is the input of [Practice.AmendNote]. Which members an amendment has
// follows from its kind, see [encounter.Amendment].
type AmendNote struct {
	Command
	Note         glabella.NoteID            `json:"note"`
	Kind         encounter.AmendmentKind    `json:"kind"`
	Text         string                     `json:"text"`
	Reason       string                     `json:"reason"`
	Passage      encounter.Passage          `json:"passage,omitzero"`    // of a correction
	Replacement  string                     `json:"replacement"`         // of a correction; empty strikes the passage
	OccurredAt   time.Time                  `json:"occurredAt,omitzero"` // of a late entry
	RetractedFor encounter.RetractionReason `json:"retractedFor"`        // of a retraction
}

// NoteAmended is the receipt of [Practice.AmendNote].
type NoteAmended struct {
	Note    glabella.NoteID `json:"note"`
	Hash    string          `json:"hash"` // of the amendment
	Version uint64          `json:"version"`
}

// AmendNote adds to a signed note what is to be said later. The signed text
// itself never changes.
func (p *Practice) AmendNote(ctx context.Context, actor glabella.Actor, in AmendNote) (NoteAmended, error) {
	return run(ctx, p, actor, access.NoteAmend, glabella.PatientID{}, in, func(ctx context.Context, w *work, in AmendNote, out *NoteAmended) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		staff, err := w.Staff().Get(ctx, by)
		if err != nil {
			return failed(err)
		}
		n, err := w.note(ctx, in.Note)
		if err != nil {
			return failed(err)
		}
		a := encounter.Amendment{Kind: in.Kind, Text: in.Text, Reason: in.Reason, By: by, Credential: credentialOf(staff, site), At: w.Now(),
			Passage: in.Passage, Replacement: in.Replacement, OccurredAt: instantOrZero(in.OccurredAt), RetractedFor: in.RetractedFor}
		if n, err = n.Amend(a); err != nil {
			return failed(err)
		}
		if n, err = w.Notes().Put(ctx, n); err != nil {
			return failed(err)
		}
		hash := n.Amendments[len(n.Amendments)-1].Hash
		*out = NoteAmended{Note: n.ID, Hash: hash, Version: n.Version}
		return recorded("encounter.note-amended", encounter.NoteAmended{Note: n.ID, By: by, Kind: in.Kind, Hash: hash})
	})
}

// credentialOf returns the licence that a member of staff signs under: the first
// that holds at the site.
func credentialOf(s access.Staff, site place) encounter.Credential {
	for _, c := range s.Credentials {
		if c.Jurisdiction == site.Jurisdiction && c.ValidOn(site.today) {
			return encounter.Credential{Kind: c.Kind, Number: c.Number, Jurisdiction: c.Jurisdiction}
		}
	}
	return encounter.Credential{}
}

// names returns what a visit's note calls people, lots and containers by.
func (w *work) names(ctx context.Context, visit encounter.Encounter) (encounter.Names, error) {
	names := encounter.Names{Labels: map[glabella.Ref]string{}}
	site, err := w.Sites().Get(ctx, visit.Site)
	if err != nil {
		return names, err
	}
	names.Site = site.Name
	if names.Zone, err = site.Location(); err != nil {
		return names, err
	}
	pat, err := w.Patients().Get(ctx, visit.Patient)
	if err != nil {
		return names, err
	}
	names.Labels[pat.Ref()] = pat.Name().String()
	for _, proc := range visit.Procedures {
		performer, err := w.Staff().Get(ctx, proc.Performer)
		if err != nil {
			return names, err
		}
		names.Labels[performer.Ref()] = performer.Name
		for _, a := range proc.Administrations {
			c, err := w.container(ctx, a)
			if err != nil {
				return names, err
			}
			if !a.Lot.IsZero() {
				names.Labels[c.lot.Ref()] = c.lot.Number + ", expires " + c.lot.Expires.String()
			}
			if !a.Vial.IsZero() {
				names.Labels[c.vial.Ref()] = c.product.Name
			}
		}
	}
	return names, nil
}
