package practice

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// commonSurname is how many patients may have a surname before it says nothing.
const commonSurname = 3

// carers are the roles whose part in a patient's care is on record.
var carers = []access.Role{access.MedicalDirector, access.Physician, access.NP, access.PA, access.NurseInjector, access.LaserTechnician, access.Aesthetician}

// touch is something in a patient's care, and who took part in it.
type touch struct {
	at  time.Time
	ref glabella.Ref
	who []glabella.StaffID
}

// careFacts is what the practice's records say of the people in the journal, as they
// were when they were read. What the practice has no records of, such as a rota or
// where its staff live, is answered as unknown.
type careFacts struct {
	audit.NoFacts
	staff    map[glabella.StaffID]access.Staff
	surnames map[string]int // how many patients have it
	patients map[glabella.PatientID]patient.Patient
	place    map[glabella.PatientID]int // in the list by name
	touches  map[glabella.PatientID][]touch
	reviewed map[uint64]bool // entries of the journal whose emergency was reviewed
}

// careFactsOf reads the facts.
func careFactsOf(ctx context.Context, r *storage.Reading) (*careFacts, error) {
	f := &careFacts{
		staff: map[glabella.StaffID]access.Staff{}, surnames: map[string]int{}, patients: map[glabella.PatientID]patient.Patient{}, place: map[glabella.PatientID]int{},
		touches: map[glabella.PatientID][]touch{}, reviewed: map[uint64]bool{},
	}
	staff, err := r.Staff().All(ctx, storage.StaffQuery{})
	if err != nil {
		return nil, err
	}
	for _, s := range staff {
		f.staff[s.ID] = s
	}
	patients, err := r.Patients().All(ctx, storage.PatientQuery{})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(patients, func(a, b patient.Patient) int {
		return cmp.Or(strings.Compare(patient.FoldName(a.Name().Family), patient.FoldName(b.Name().Family)), strings.Compare(a.ID.String(), b.ID.String()))
	})
	for i, p := range patients {
		f.patients[p.ID], f.place[p.ID] = p, i
		f.surnames[patient.FoldName(p.Name().Family)]++
		f.touches[p.ID] = append(f.touches[p.ID], touch{p.CreatedAt, p.Ref(), nil})
	}
	if err := f.care(ctx, r); err != nil {
		return nil, err
	}
	return f, f.emergencies(ctx, r)
}

// care reads what happened in the care of patients.
func (f *careFacts) care(ctx context.Context, r *storage.Reading) error {
	add := func(id glabella.PatientID, at time.Time, ref glabella.Ref, who ...glabella.StaffID) {
		if !at.IsZero() {
			f.touches[id] = append(f.touches[id], touch{at, ref, who})
		}
	}
	booked, err := r.Appointments().All(ctx, storage.AppointmentQuery{})
	if err != nil {
		return err
	}
	for _, a := range booked {
		add(a.Patient, a.Start, a.Ref(), a.Provider)
	}
	visits, err := r.Encounters().All(ctx, storage.EncounterQuery{})
	if err != nil {
		return err
	}
	for _, v := range visits {
		who := []glabella.StaffID{v.Provider}
		for _, p := range v.Procedures {
			who = append(who, p.Performer)
		}
		add(v.Patient, v.ArrivedAt, v.Ref(), who...)
		add(v.Patient, v.CompletedAt, v.Ref(), who...)
	}
	notes, err := r.Notes().All(ctx, storage.NoteQuery{})
	if err != nil {
		return err
	}
	for _, n := range notes {
		add(n.Patient, n.UpdatedAt, n.Ref(), n.Author, n.Cosigner)
	}
	invoices, err := r.Invoices().All(ctx, storage.InvoiceQuery{})
	if err != nil {
		return err
	}
	for _, i := range invoices {
		add(i.Patient, i.IssuedAt, i.Ref())
	}
	return nil
}

// emergencies reads which accesses in an emergency were reviewed, by the numbers of
// their entries in the journal.
func (f *careFacts) emergencies(ctx context.Context, r *storage.Reading) error {
	opened, err := r.Emergencies().All(ctx, storage.EmergencyQuery{})
	if err != nil {
		return err
	}
	done := map[glabella.Ref]bool{}
	for _, b := range opened {
		done[b.Ref()] = b.State == access.BreakGlassReviewed
	}
	if len(done) == 0 {
		return nil
	}
	for e, err := range r.Journal().Entries(ctx, 0, 0) {
		if err != nil {
			return err
		}
		rec, err := audit.ParseRecord(e.Bytes)
		if err != nil {
			return err
		}
		for _, reason := range rec.Reasons {
			if reason.Code == access.CodeBreakGlass && slices.ContainsFunc(reason.Refs, func(ref glabella.Ref) bool { return done[ref] }) {
				f.reviewed[e.Seq] = true
			}
		}
	}
	return nil
}

func surnameOf(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	return patient.FoldName(words[len(words)-1])
}

// Relationship implements [audit.Facts]. The front desk, the billers and whoever
// else takes no part in the care are linked to a patient by anything that happens.
func (f *careFacts) Relationship(user glabella.StaffID, id glabella.PatientID, from, to time.Time) ([]glabella.Ref, bool) {
	carer := slices.ContainsFunc(f.staff[user].Roles, func(r access.Role) bool { return slices.Contains(carers, r) })
	var out []glabella.Ref
	for _, t := range f.touches[id] {
		if !t.at.Before(from) && t.at.Before(to) && (!carer || slices.Contains(t.who, user)) {
			out = append(out, t.ref)
		}
	}
	if p, ok := f.patients[id]; ok && p.PreferredProvider == user {
		out = append(out, p.Ref())
	}
	return out, true
}

// SameSurname implements [audit.Facts].
func (f *careFacts) SameSurname(user glabella.StaffID, id glabella.PatientID) bool {
	name := surnameOf(f.staff[user].Name)
	return name != "" && name == patient.FoldName(f.patients[id].Name().Family) && f.surnames[name] <= commonSurname
}

// SamePerson implements [audit.Facts]: the names are the same.
func (f *careFacts) SamePerson(user glabella.StaffID, id glabella.PatientID) bool {
	p, ok := f.patients[id]
	name := patient.FoldName(f.staff[user].Name)
	return ok && name != "" && name == patient.FoldName(p.DisplayName())
}

// Coworker implements [audit.Facts]: somebody of the staff has the patient's name.
func (f *careFacts) Coworker(id glabella.PatientID) bool {
	for user := range f.staff {
		if f.SamePerson(user, id) {
			return true
		}
	}
	return false
}

// Prominent implements [audit.Facts]: the record is restricted.
func (f *careFacts) Prominent(id glabella.PatientID) bool { return f.patients[id].Restricted }

// LastEvent implements [audit.Facts].
func (f *careFacts) LastEvent(id glabella.PatientID, before time.Time) (time.Time, bool) {
	var last time.Time
	for _, t := range f.touches[id] {
		if t.at.Before(before) && t.at.After(last) {
			last = t.at
		}
	}
	return last, !last.IsZero()
}

// Terminated implements [audit.Facts].
func (f *careFacts) Terminated(user glabella.StaffID, at time.Time) bool {
	day := f.staff[user].TerminatedOn
	return !day.IsZero() && glabella.DateOf(at).After(day)
}

// Follows implements [audit.Facts]: by name.
func (f *careFacts) Follows(a, b glabella.PatientID) bool {
	i, ok := f.place[a]
	j, also := f.place[b]
	return ok && also && j > i && j <= i+2
}

// Reviewed implements [audit.Facts].
func (f *careFacts) Reviewed(seq uint64) bool { return f.reviewed[seq] }
