package practice

import (
	"cmp"
	"context"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// people is the index of patients in memory.
type people struct {
	*patient.Index
	records *storage.Derived
}

func newPeople() *people {
	x := patient.NewIndex()
	return &people{Index: x, records: storage.NewDerived(storage.From(storage.Tx.Patients, x.Put))}
}

// catchUp takes up what was written since the last question.
func (p *Practice) catchUp(ctx context.Context) error {
	if p.people == nil {
		return nil
	}
	return p.people.records.CatchUp(ctx, p.store)
}

// Found is a patient that a search found.
type Found struct {
	Patient patient.Patient
	Score   int             // the higher the better, within one search
	Matched []patient.Field // by what
}

// FindPatients returns the patients that a search means, the best first: by names
// as they are typed, initials, digits of a phone number, birth date, email or an
// identity in some system. Each patient that is handed out is journaled as read.
func (p *Practice) FindPatients(ctx context.Context, actor glabella.Actor, q patient.Query) ([]Found, error) {
	if err := p.catchUp(ctx); err != nil {
		return nil, err
	}
	return query(ctx, p, actor, access.PatientSearch, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]Found, error) {
		if p.people == nil {
			return findStored(ctx, r, q)
		}
		return peopleOf(ctx, r, p.people.Search(q))
	})
}

// peopleOf returns the people whose records a search has found, each once.
func peopleOf(ctx context.Context, r *storage.Reading, hits []patient.Hit) ([]Found, error) {
	var out []Found
	for _, hit := range hits {
		who, err := personOf(ctx, r.Merges(), hit.Patient)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(f Found) bool { return f.Patient.ID == who.survivor }) {
			continue
		}
		seen, err := who.view(ctx, r.Patients())
		if err != nil {
			return nil, err
		}
		out = append(out, Found{seen, hit.Score, hit.Matched})
	}
	return out, nil
}

// maxCandidates is how many search keys are looked at for one word of a search.
const maxCandidates = 2000

// findStored searches by the keys in the store.
func findStored(ctx context.Context, r *storage.Reading, q patient.Query) ([]Found, error) {
	for _, key := range q.Keys() {
		var hits []patient.Hit
		if _, err := r.Patients().Select(ctx, storage.PatientQuery{Page: storage.Page{Limit: maxCandidates}, SearchKey: key}, func(all []patient.Patient) []patient.Patient {
			hits = patient.Rank(q, all)
			return nil // those that are found are read below
		}); err != nil {
			return nil, err
		}
		if len(hits) > 0 {
			return peopleOf(ctx, r, hits)
		}
	}
	return nil, nil
}

// CodePatientDuplicate says that a patient is probably registered already under another identity.
const CodePatientDuplicate glabella.Code = "practice.patient.duplicate"

// similar returns the registered patients who may be the same person, the
// likeliest first.
func (p *Practice) similar(ctx context.Context, patients storage.SeenPatients, who patient.Patient) ([]patient.Candidate, error) {
	const most = 5
	if p.people != nil {
		return p.people.Duplicates(who, most), nil
	}
	var out []patient.Candidate
	for _, key := range duplicateKeys(who) {
		if _, err := patients.Select(ctx, storage.PatientQuery{Page: storage.Page{Limit: maxCandidates}, SearchKey: key}, func(all []patient.Patient) []patient.Patient {
			for _, other := range all {
				if match := patient.Score(who, other); match.Likelihood != patient.Unlikely && other.ID != who.ID &&
					!slices.ContainsFunc(out, func(c patient.Candidate) bool { return c.Patient == other.ID }) {
					out = append(out, patient.Candidate{Patient: other.ID, Match: match})
				}
			}
			return nil // nobody is shown them
		}); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b patient.Candidate) int {
		return cmp.Or(cmp.Compare(b.Match.Weight, a.Match.Weight), cmp.Compare(a.Patient.String(), b.Patient.String()))
	})
	return out[:min(len(out), most)], nil
}

// duplicateKeys returns the search keys that a record of the same person has in
// most cases: the birth date, the phone numbers and the addresses of email.
func duplicateKeys(p patient.Patient) []string {
	var keys []string
	if !p.BirthDate.IsZero() {
		keys = append(keys, patient.Query{BirthDate: p.BirthDate}.Keys()...)
	}
	for _, c := range p.Contacts {
		for _, key := range (patient.Query{Text: c.Value}).Keys() {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// Twins are two patients who may be one person recorded twice.
type Twins struct {
	A, B  patient.Patient
	Match patient.Match
}

// FindDuplicates returns the pairs of patients who may be one person recorded
// twice, the likeliest first and at most limit of them, for somebody to look at
// and merge, or to keep apart ([Practice.KeepApart]); limit 0 is 20. It needs the index of patients, see [Options.NoIndex].
func (p *Practice) FindDuplicates(ctx context.Context, actor glabella.Actor, limit int) ([]Twins, error) {
	if err := p.catchUp(ctx); err != nil {
		return nil, err
	}
	return query(ctx, p, actor, access.PatientMerge, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]Twins, error) {
		if p.people == nil {
			return nil, glabella.ErrUnimplemented
		}
		if limit <= 0 {
			limit = 20
		}
		var out []Twins
		for _, pair := range p.people.AllDuplicates() {
			who, err := personOf(ctx, r.Merges(), pair.A)
			if err != nil {
				return nil, err
			}
			if slices.Contains(who.members, pair.B) {
				continue // known to be one
			}
			if patient.KnownApart(who.merges, pair.A, pair.B) {
				continue
			}
			a, err := r.Patients().Get(ctx, pair.A)
			if err != nil {
				return nil, err
			}
			b, err := r.Patients().Get(ctx, pair.B)
			if err != nil {
				return nil, err
			}
			if out = append(out, Twins{a, b, pair.Match}); len(out) == limit {
				break
			}
		}
		return out, nil
	})
}
