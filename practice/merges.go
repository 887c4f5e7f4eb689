package practice

import (
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// MergePatients is the input of [Practice.MergePatients].
type MergePatients struct {
	Command
	Survivor glabella.PatientID    `json:"survivor"` // the record that the patient goes by from now on
	Merged   glabella.PatientID    `json:"merged"`
	Reason   patient.MergeReason   `json:"reason"`
	Choices  []patient.MergeChoice `json:"choices"` // where the chart is not to show the usual
}

// PatientsLinked is the receipt of the commands on merges.
type PatientsLinked struct {
	Merge   glabella.MergeID   `json:"merge"`
	State   patient.MergeState `json:"state"`
	Version uint64             `json:"version"`
}

// MergePatients says that two records are of one person. It is a link: neither
// record is changed, visits, consents, money and stock keep the record that they
// were recorded of, and [Practice.UnmergePatients] takes it back. Charts, rules
// and prepaid units are from then on those of the person.
func (p *Practice) MergePatients(ctx context.Context, actor glabella.Actor, in MergePatients) (PatientsLinked, error) {
	return run(ctx, p, actor, access.PatientMerge, in.Survivor, in, func(ctx context.Context, w *work, in MergePatients, out *PatientsLinked) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		facts := patient.MergeFacts{}
		if facts.Survivor, err = w.Patients().Get(ctx, in.Survivor); err != nil {
			return failed(err)
		}
		if facts.Merged, err = w.Patients().Get(ctx, in.Merged); err != nil {
			return failed(err)
		}
		facts.Restricted = facts.Survivor.Restricted != facts.Merged.Restricted
		for _, id := range []glabella.PatientID{in.Survivor, in.Merged} {
			who, err := personOf(ctx, w.Merges().Seen, id)
			if err != nil {
				return failed(err)
			}
			for _, m := range who.merges {
				if !slices.ContainsFunc(facts.Merges, func(known patient.Merge) bool { return known.ID == m.ID }) {
					facts.Merges = append(facts.Merges, m)
				}
			}
		}
		if facts.OpenVisits, err = w.openVisits(ctx, in.Survivor, in.Merged); err != nil {
			return failed(err)
		}
		for _, record := range []patient.Patient{facts.Survivor, facts.Merged} {
			if record.Held() {
				facts.LegalHolds = append(facts.LegalHolds, record.ID)
			}
		}
		match := patient.Score(facts.Survivor, facts.Merged)
		facts.Match = &match
		if err := w.Require(patient.MayMerge(facts)); err != nil {
			return failed(err)
		}
		m := patient.Merge{ID: glabella.MergeID(w.NewUUID()), Survivor: in.Survivor, Merged: in.Merged, State: patient.MergeLinked, At: w.Now(), By: by,
			Reason: in.Reason, Choices: slices.Clone(in.Choices), Provenance: w.entered()}
		return w.link(ctx, m, out)
	})
}

// KeepApart is the input of [Practice.KeepApart].
type KeepApart struct {
	Command
	A glabella.PatientID `json:"a"`
	B glabella.PatientID `json:"b"`
}

// KeepApart says that two records that look alike are of different people:
// [Practice.FindDuplicates] does not name them again. Records that are linked are
// unmerged instead.
func (p *Practice) KeepApart(ctx context.Context, actor glabella.Actor, in KeepApart) (PatientsLinked, error) {
	return run(ctx, p, actor, access.PatientMerge, in.A, in, func(ctx context.Context, w *work, in KeepApart, out *PatientsLinked) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		for _, id := range []glabella.PatientID{in.A, in.B} {
			if _, err := w.Patients().Get(ctx, id); err != nil {
				return failed(err)
			}
		}
		who, err := personOf(ctx, w.Merges().Seen, in.A)
		if err != nil {
			return failed(err)
		}
		if slices.Contains(who.members, in.B) {
			return failed(glabella.Invalid("merge", glabella.Issue{Path: "/b", Code: CodeLinked, Text: "the records are linked; take the merge back"}))
		}
		return w.link(ctx, patient.Apart(glabella.MergeID(w.NewUUID()), in.A, in.B, by, w.entered(), w.Now()), out)
	})
}

// CodeLinked says that two records are of one person already.
const CodeLinked glabella.Code = "practice.patient.linked"

// UnmergePatients is the input of [Practice.UnmergePatients].
type UnmergePatients struct {
	Command
	Merge  glabella.MergeID      `json:"merge"`
	Reason patient.UnmergeReason `json:"reason"`
}

// UnmergePatients takes a merge back. Both records are what they were before. What
// was recorded of the survivor since then stays there; it is named in a warning,
// for somebody to say whose it is.
func (p *Practice) UnmergePatients(ctx context.Context, actor glabella.Actor, in UnmergePatients) (PatientsLinked, error) {
	return run(ctx, p, actor, access.PatientMerge, glabella.PatientID{}, in, func(ctx context.Context, w *work, in UnmergePatients, out *PatientsLinked) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		m, err := w.Merges().Get(ctx, in.Merge)
		if err != nil {
			return failed(err)
		}
		w.Concerns(m.Survivor)
		if err := w.expect(m.Ref(), m.Version); err != nil {
			return failed(err)
		}
		facts := patient.UnmergeFacts{Merge: m}
		if facts.OpenVisits, err = w.openVisits(ctx, m.Survivor, m.Merged); err != nil {
			return failed(err)
		}
		for _, id := range []glabella.PatientID{m.Survivor, m.Merged} {
			record, err := w.Patients().Get(ctx, id)
			if err != nil {
				return failed(err)
			}
			if record.Held() {
				facts.LegalHolds = append(facts.LegalHolds, id)
			}
		}
		if facts.Recorded, err = w.recordedSince(ctx, m.Survivor, m.At); err != nil {
			return failed(err)
		}
		if err := w.Require(patient.MayUnmerge(facts)); err != nil {
			return failed(err)
		}
		if m, err = m.Unlink(by, in.Reason, w.Now()); err != nil {
			return failed(err)
		}
		return w.link(ctx, m, out)
	})
}

func (w *work) link(ctx context.Context, m patient.Merge, out *PatientsLinked) (storage.Outcome, error) {
	m, err := w.Merges().Put(ctx, m)
	if err != nil {
		return failed(err)
	}
	*out = PatientsLinked{Merge: m.ID, State: m.State, Version: m.Version}
	return recorded("patient."+string(m.State), patient.Linked{Merge: m.ID, Survivor: m.Survivor, Merged: m.Merged, State: m.State})
}

// openVisits returns which of the patients have a visit under way.
func (w *work) openVisits(ctx context.Context, ids ...glabella.PatientID) ([]glabella.PatientID, error) {
	var out []glabella.PatientID
	for _, id := range ids {
		visits, err := w.Encounters().All(ctx, storage.EncounterQuery{Patient: id})
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(visits, func(v encounter.Encounter) bool {
			return v.State == encounter.Present || v.State == encounter.InProgress
		}) {
			out = append(out, id)
		}
	}
	return out, nil
}

// recordedSince returns what was recorded of a patient since an instant.
func (w *work) recordedSince(ctx context.Context, id glabella.PatientID, since time.Time) ([]glabella.Ref, error) {
	all := storage.FactQuery{Patient: id}
	var out []glabella.Ref
	for _, err := range []error{
		newer(ctx, w.Encounters().Seen, storage.EncounterQuery{Patient: id}, since, &out),
		newer(ctx, w.Allergies().Seen, all, since, &out),
		newer(ctx, w.Medications().Seen, all, since, &out),
		newer(ctx, w.Consents().Seen, all, since, &out),
		newer(ctx, w.Discussions().Seen, all, since, &out), newer(ctx, w.Deliveries().Seen, all, since, &out),
		newer(ctx, w.Permissions().Seen, all, since, &out), newer(ctx, w.Publications().Seen, all, since, &out),
		newer(ctx, w.ContactConsents().Seen, all, since, &out), newer(ctx, w.Directives().Seen, all, since, &out),
		newer(ctx, w.Restrictions().Seen, all, since, &out), newer(ctx, w.Authorizations().Seen, all, since, &out),
		newer(ctx, w.Requests().Seen, all, since, &out),
		newer(ctx, w.Clearances().Seen, all, since, &out),
		newer(ctx, w.Photos().Seen, storage.PhotoQuery{Patient: id}, since, &out),
		newer(ctx, w.Invoices().Seen, storage.InvoiceQuery{Patient: id}, since, &out),
		newer(ctx, w.Credits().Seen, storage.CreditQuery{Patient: all.Patient}, since, &out), newer(ctx, w.GiftCards().Seen, all, since, &out), newer(ctx, w.Estimates().Seen, all, since, &out), newer(ctx, w.Disclosures().Seen, all, since, &out),
	} {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// newer adds the records that were first stored after an instant.
func newer[ID, T, Q any, P storage.Entity[T]](ctx context.Context, of storage.Seen[ID, T, Q, P], q Q, since time.Time, out *[]glabella.Ref) error {
	all, err := of.All(ctx, q)
	for i := range all {
		if record := P(&all[i]); record.Stamp().CreatedAt.After(since) {
			*out = append(*out, record.Ref())
		}
	}
	return err
}
