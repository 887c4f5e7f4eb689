package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/storage"
)

// CodeCosigner says that the cosigner has no credential with which the site's
// jurisdiction lets them cosign.
const CodeCosigner glabella.Code = "practice.cosigner.credential"

// SignNote is the input of [Practice.SignNote].
type SignNote struct {
	Command
	Encounter glabella.EncounterID `json:"encounter"`
	Remarks   string               `json:"remarks"`           // what the author adds to the rendered facts
	Cosigner  glabella.StaffID     `json:"cosigner,omitzero"` // demanded where the site's policy has the author's notes cosigned
}

// NoteSigned is the receipt of [Practice.SignNote] and [Practice.CosignNote].
type NoteSigned struct {
	Note    glabella.NoteID     `json:"note"`
	State   encounter.NoteState `json:"state"`
	Hash    string              `json:"hash"` // of the text that was signed
	Version uint64              `json:"version"`
}

// SignNote renders the note of a visit from what was charted, adds the author's
// remarks, and signs it. Where the site's policy has the author's notes cosigned,
// it waits for the cosigner's signature.
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
		names, err := w.names(ctx, visit)
		if err != nil {
			return failed(err)
		}
		text, err := encounter.RenderNote(visit, p.treatments, names, in.Remarks)
		if err != nil {
			return failed(err)
		}
		if in.Cosigner.IsZero() && site.Policy.NeedsCosign(author.Kinds(site.Jurisdiction, site.today)) {
			return failed(glabella.Invalid("note", glabella.Issue{Path: "/cosigner", Code: glabella.CodeRequired, Text: "the site's policy has this author's notes cosigned"}))
		}
		n := encounter.Note{ID: glabella.NoteID(w.NewUUID()), Encounter: visit.ID, Patient: visit.Patient, Author: by, State: encounter.NoteDraft, Text: text}
		signature := encounter.Signature{By: by, At: w.Now(), Credential: credentialOf(author, site)}
		if n, err = n.Sign(signature, in.Cosigner); err != nil {
			return failed(err)
		}
		return w.putNote(ctx, n, out)
	})
}

// CosignNote is the input of [Practice.CosignNote].
type CosignNote struct {
	Command
	Note glabella.NoteID `json:"note"`
	// Alternate lets a cosigner sign whom the note was not sent to, in the named
	// one's absence.
	Alternate bool `json:"alternate"`
}

// CosignNote adds the actor's signature to a note that waits for it. The actor
// holds a credential that may examine at the site.
func (p *Practice) CosignNote(ctx context.Context, actor glabella.Actor, in CosignNote) (NoteSigned, error) {
	return run(ctx, p, actor, access.NoteCosign, glabella.PatientID{}, in, func(ctx context.Context, w *work, in CosignNote, out *NoteSigned) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		cosigner, err := w.Staff().Get(ctx, by)
		if err != nil {
			return failed(err)
		}
		n, err := w.note(ctx, in.Note)
		if err != nil {
			return failed(err)
		}
		credential, ok := cosigner.Credential(site.Policy.Examiners, site.Jurisdiction, site.today)
		if !ok {
			return failed(&glabella.RefusedError{Decision: glabella.Decide(glabella.Denied(CodeCosigner, "the cosigner has no valid credential that may examine here").For(by.Ref()).
				With("jurisdiction", site.Jurisdiction).WithFix("have a clinician cosign who may examine").CitedFrom(site.Policy.ExaminersSource))})
		}
		signature := encounter.Signature{By: by, At: w.Now(), Credential: encounter.Credential{Kind: credential.Kind, Number: credential.Number, Jurisdiction: credential.Jurisdiction}}
		if n, err = n.Cosign(signature, in.Alternate); err != nil {
			return failed(err)
		}
		return w.putNote(ctx, n, out)
	})
}

func (w *work) putNote(ctx context.Context, n encounter.Note, out *NoteSigned) (storage.Outcome, error) {
	n, err := w.Notes().Put(ctx, n)
	if err != nil {
		return failed(err)
	}
	last := n.Signatures[len(n.Signatures)-1]
	*out = NoteSigned{Note: n.ID, State: n.State, Hash: last.Hash, Version: n.Version}
	return recorded("encounter.note-signed", encounter.NoteSigned{Note: n.ID, Encounter: n.Encounter, By: last.By, Role: last.Role, State: n.State, Hash: last.Hash})
}

// AmendNote is the input of [Practice.AmendNote].
type AmendNote struct {
	Command
	Note   glabella.NoteID         `json:"note"`
	Kind   encounter.AmendmentKind `json:"kind"`
	Text   string                  `json:"text"`
	Reason string                  `json:"reason"`
}

// NoteAmended is the receipt of [Practice.AmendNote].
type NoteAmended struct {
	Note    glabella.NoteID `json:"note"`
	Hash    string          `json:"hash"` // of the amendment's text
	Version uint64          `json:"version"`
}

// AmendNote adds to a signed note what is to be said later. The signed text
// itself never changes.
func (p *Practice) AmendNote(ctx context.Context, actor glabella.Actor, in AmendNote) (NoteAmended, error) {
	return run(ctx, p, actor, access.NoteAmend, glabella.PatientID{}, in, func(ctx context.Context, w *work, in AmendNote, out *NoteAmended) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		n, err := w.note(ctx, in.Note)
		if err != nil {
			return failed(err)
		}
		if n, err = n.Amend(encounter.Amendment{Kind: in.Kind, Text: in.Text, Reason: in.Reason, By: by, At: w.Now()}); err != nil {
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
			names.Labels[c.lot.Ref()] = c.lot.Number + ", expires " + c.lot.Expires.String()
			names.Labels[c.vial.Ref()] = c.product.Name
		}
	}
	return names, nil
}
