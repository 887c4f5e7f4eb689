package fhirconv

import (
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

// consentStatus returns the status of a consent. One that was accepted but not
// signed binds nobody yet, and is proposed.
func consentStatus(c consent.Consent) string {
	switch {
	case c.State() == consent.StateWithdrawn:
		return "inactive"
	case c.State() == consent.StateDeclined:
		return "rejected"
	case c.Signature == nil:
		return "proposed"
	default:
		return "active"
	}
}

func (b *builder) consents() {
	for i, c := range b.r.Consents {
		path := fmt.Sprintf("/consents/%d", i)
		b.owned(path, c.Patient)
		coded(b, path+"/decision", same(consent.Answers()), c.Decision)
		if c.Code == "" {
			b.issue(path+"/code", glabella.CodeRequired, "must be given")
		}
		subject := b.subject()
		form := r4.Coding{System: SystemConsentForm, Code: c.Code, Version: fmt.Sprint(c.Version)}
		out := r4.Consent{
			ID:         c.ID.String(),
			Meta:       meta(c.Meta),
			Status:     consentStatus(c),
			Scope:      concept(terminologyStart+"consentscope", "treatment", "Treatment"),
			Category:   []r4.CodeableConcept{r4.Concept(systemLOINC, "59284-0", "Consent Document")},
			Patient:    subject,
			DateTime:   r4.DateTime(instant(c.Informed)),
			PolicyRule: &r4.CodeableConcept{Coding: []r4.Coding{form}},
		}
		parts := []r4.Extension{textPart("language", c.Language), textPart("sha256", c.SHA256), timePart("informedAt", c.Informed)}
		if s := c.Signature; s != nil {
			out.DateTime = r4.DateTime(instant(s.At))
			parts = append(parts, codePart("method", s.Method), codePart("signedBy", s.By), textPart("authority", s.Authority), textPart("device", s.Device), textPart("evidence", s.EvidenceSHA256))
			at := path + "/signature"
			b.lose(!s.Signer.IsZero(), at+"/signer", LossNoElement, "who signed for the patient is not written")
			b.lose(s.NetworkAddress != "", at+"/networkAddress", LossNoElement, "the address of a signature is not written")
			b.lose(s.UserAgentSHA256 != "", at+"/userAgentSHA256", LossNoElement, "the program of a signature is not written")
			b.lose(s.Language != "", at+"/language", LossNoElement, "the language of the program is not written")
		}
		parts = append(parts,
			refPart("witness", b.ref(path+"/witness", c.Witness)),
			textPart("interpreter", c.Interpreter),
			refPart("encounter", b.ref(path+"/encounter", c.Encounter.Ref())),
			timePart("withdrawnAt", c.WithdrawnAt),
			textPart("withdrawnReason", c.WithdrawnReason),
			textPart("form", c.Form.String()),
		)
		b.lose(len(c.Initials) > 0, path+"/initials", LossNoElement, "marks on sections are not written")
		b.lose(len(c.Acknowledged) > 0, path+"/acknowledged", LossNoElement, "marks on sections are not written")
		b.lose(c.WitnessSignature != nil, path+"/witnessSignature", LossNoElement, "the signature of a witness is not written")
		b.lose(c.InterpreterLanguage != "", path+"/interpreterLanguage", LossNoElement, "the language of an interpreter is not written")
		b.lose(c.Capacity != nil, path+"/capacity", LossNoElement, "assessments of capacity are not written")
		b.lose(!c.Discussion.IsZero(), path+"/discussion", LossNoElement, "talks before a consent are not written")
		b.lose(!c.Delivery.IsZero(), path+"/delivery", LossNoElement, "forms that were sent are not written")
		b.lose(c.RenderedSHA256 != "", path+"/renderedSHA256", LossNoElement, "the hash of what was shown is not written")
		out.Extension = append(extension("consent", parts...), b.provenance(path+"/provenance", c.Provenance)...)
		if !c.WithdrawnAt.IsZero() {
			out.Provision = &r4.ConsentProvision{Period: period(string(out.DateTime), instant(c.WithdrawnAt))}
		}
		if content, ok := b.shown(c); ok {
			out.PolicyRule.Text = content.Title
			b.lose(len(content.Sections) > 0, path+"/form", LossBroader, "the sections of a text are written as headings")
			out.Source = &r4.Attachment{
				ContentType: "text/markdown",
				Language:    content.Language,
				Data:        base64.StdEncoding.EncodeToString([]byte(markdownOf(content))),
				Title:       content.Title,
			}
		} else {
			b.lose(true, path+"/form", LossUnresolved, "the text that was shown was not given")
		}
		b.add(path, &out)
	}
}

// markdownOf returns a text with its sections as Markdown.
func markdownOf(c consent.Content) string {
	out := c.Title + "\n\n" + c.Body
	for _, s := range c.Sections {
		out += "\n\n## " + s.Title + "\n\n" + s.Body
	}
	return out
}

// shown returns the very text that the patient was shown.
func (b *builder) shown(c consent.Consent) (consent.Content, bool) {
	for _, f := range b.r.Forms {
		if f.ID != c.Form {
			continue
		}
		i := slices.IndexFunc(f.Contents, func(t consent.Content) bool { return t.Language == c.Language && t.Hash() == c.SHA256 })
		if i >= 0 {
			return f.Contents[i], true
		}
	}
	return consent.Content{}, false
}

var noteStatus = map[encounter.NoteState]string{
	encounter.NoteDraft:         "preliminary",
	encounter.NoteSignedState:   "final",
	encounter.NoteCosignPending: "preliminary",
	encounter.NoteCosigned:      "final",
	encounter.NoteLocked:        "final",
}

// notes writes notes, and each amendment as a document that is appended to the
// note: the text that was signed stays as it was.
func (b *builder) notes() {
	for i, n := range b.r.Notes {
		path := fmt.Sprintf("/notes/%d", i)
		b.owned(path, n.Patient)
		subject := b.subject()
		out := r4.DocumentReference{
			ID:        n.ID.String(),
			Meta:      meta(n.Meta),
			Status:    "current",
			DocStatus: coded(b, path+"/state", noteStatus, n.State),
			Type:      concept(systemLOINC, "11506-3", "Progress note"),
			Subject:   subject,
			Date:      r4.Instant(instant(n.UpdatedAt)),
			Author:    b.refs(path+"/author", n.Author.Ref()),
			Content:   text(n.Text),
		}
		out.Extension = single("note-state", codePart("state", n.State))
		privacy := []r4.Extension{codePart("privacy", n.Privacy), textPart("discipline", n.Discipline)}
		for k, staff := range n.SharedWith {
			privacy = append(privacy, refPart("shared-with", b.ref(fmt.Sprintf("%s/sharedWith/%d", path, k), staff.Ref())))
		}
		out.Extension = append(out.Extension, extension("note-privacy", privacy...)...)
		out.Extension = append(out.Extension, single("cosigner", refPart("cosigner", b.ref(path+"/cosigner", n.Cosigner.Ref())))...)
		if encounters := b.refs(path+"/encounter", n.Encounter.Ref()); encounters != nil {
			out.Context = &r4.DocumentReferenceContext{Encounter: encounters}
		}
		for k, s := range n.Signatures {
			by := b.ref(fmt.Sprintf("%s/signatures/%d/by", path, k), s.By.Ref())
			switch s.Role {
			case encounter.AsAuthor:
				out.Date = r4.Instant(instant(s.At))
			case encounter.AsCosigner:
				out.Authenticator = by
			}
			parts := []r4.Extension{refPart("by", by), codePart("role", s.Role), timePart("at", s.At), textPart("sha256", s.Hash),
				codePart("method", s.Method), timePart("authenticated", s.AuthenticatedAt), textPart("assurance", s.Assurance), textPart("statement", s.Statement)}
			out.Extension = append(out.Extension, extension("note-signature", append(parts, credential(s.Credential)...)...)...)
		}
		var amendments []r4.DocumentReference
		for k, a := range n.Amendments {
			if out.DocStatus == "final" {
				out.DocStatus = "amended"
			}
			at := fmt.Sprintf("%s/amendments/%d", path, k)
			coded(b, at+"/kind", same(encounter.AmendmentKinds()), a.Kind)
			if a.Kind == encounter.Retraction {
				out.Status, out.DocStatus = "entered-in-error", "entered-in-error"
			}
			amendments = append(amendments, r4.DocumentReference{
				ID:          derived("amendment", n.ID.String(), fmt.Sprint(k)),
				Extension:   extension("note-amendment", amended(a)...),
				Status:      "current",
				DocStatus:   "final",
				Type:        out.Type,
				Subject:     subject,
				Date:        r4.Instant(instant(a.At)),
				Author:      b.refs(at+"/by", a.By.Ref()),
				RelatesTo:   []r4.DocumentReferenceRelatesTo{{Code: "appends", Target: &r4.Reference{Reference: urn(n.ID.String())}}},
				Description: a.Reason,
				Content:     text(a.Text),
				Context:     out.Context,
			})
		}
		b.add(path, &out)
		for k, a := range amendments {
			b.add(fmt.Sprintf("%s/amendments/%d", path, k), &a)
		}
	}
}

// amended returns what an amendment says beside its text.
func amended(a encounter.Amendment) []r4.Extension {
	parts := []r4.Extension{codePart("kind", a.Kind), textPart("sha256", a.Hash), textPart("follows", a.Previous), textPart("instead-of", a.Passage.Quote)}
	if a.Kind == encounter.Correction {
		parts = append(parts, intPart("start", a.Passage.Start), intPart("end", a.Passage.End), textPart("replacement", a.Replacement))
	}
	parts = append(parts, timePart("occurred", a.OccurredAt), codePart("retracted-for", a.RetractedFor))
	return append(parts, credential(a.Credential)...)
}

func text(s string) []r4.DocumentReferenceContent {
	return []r4.DocumentReferenceContent{{Attachment: &r4.Attachment{ContentType: "text/plain; charset=utf-8", Data: base64.StdEncoding.EncodeToString([]byte(s))}}}
}
