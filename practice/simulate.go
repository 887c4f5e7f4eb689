package practice

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/scheduling"
	"github.com/glabella-ehr/glabella/storage"
)

// SimulatePolicy is the question of [Practice.SimulatePolicy].
type SimulatePolicy struct {
	Policy access.Policy // that is proposed
	From   time.Time     // the zero time is the beginning of the journal
	To     time.Time     // from this instant on nothing is asked; the zero time is now
}

// PolicySimulation says what a proposed policy would have changed.
type PolicySimulation struct {
	Asked       int                // decisions of the journal that were made again
	Left        int                // entries that no policy decides on, such as security events
	Otherwise   int                // of those asked, how many the policy in force would decide otherwise today than was decided then
	Differences []PolicyDifference // in the order of the journal
}

// PolicyDifference is an entry of the journal on which two policies differ.
type PolicyDifference struct {
	Seq     uint64
	At      time.Time
	Actor   glabella.Actor
	Action  access.Action
	Subject glabella.Ref
	Old     glabella.Decision // of the policy in force
	New     glabella.Decision // of the proposed one
}

// Outcome reports whether the two let through different things, and not only for
// different reasons.
func (d PolicyDifference) Outcome() bool {
	return d.Old.Permits(access.CodeBreakGlass) != d.New.Permits(access.CodeBreakGlass)
}

// SimulatePolicy decides again on what the journal holds, by the policy in force and
// by a proposed one, and returns where they differ. Nothing is changed.
//
// Staff have the roles, credentials and trainings that were on record at the time;
// who took part in a patient's care, and what was opened in an emergency, is as of
// then too. Whether a record is restricted is as of now, and that somebody may not
// decide on what they did themselves is not asked: the journal does not say who did
// what went before.
func (p *Practice) SimulatePolicy(ctx context.Context, actor glabella.Actor, q SimulatePolicy) (PolicySimulation, error) {
	proposed, err := q.Policy.Compile()
	if err != nil {
		return PolicySimulation{}, err
	}
	return query(ctx, p, actor, access.AuditRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (PolicySimulation, error) {
		past, err := pastOf(ctx, r)
		if err != nil {
			return PolicySimulation{}, err
		}
		out := PolicySimulation{Differences: []PolicyDifference{}}
		for e, err := range r.Journal().Entries(ctx, 0, 0) {
			if err != nil {
				return out, err
			}
			rec, err := audit.ParseRecord(e.Bytes)
			if err != nil {
				return out, err
			}
			if rec.At.Before(q.From) || !q.To.IsZero() && !rec.At.Before(q.To) {
				continue
			}
			if !access.Action(rec.Action).Valid() {
				out.Left++
				continue
			}
			f, err := past.facts(ctx, rec)
			if err != nil {
				return out, err
			}
			out.Asked++
			f.Rules = r.Rules()
			if now := access.Authorize(f); now.Permits(access.CodeBreakGlass) == (rec.Outcome == audit.Denied) {
				out.Otherwise++
			}
			for _, d := range access.Simulate(r.Rules(), proposed, []access.Facts{f}) {
				out.Differences = append(out.Differences, PolicyDifference{Seq: rec.Seq, At: rec.At, Actor: rec.Actor, Action: f.Action, Subject: rec.Subject, Old: d.Old, New: d.New})
			}
		}
		return out, nil
	})
}

// past answers what an access policy asks, as of an earlier instant. What it reads is
// shown to nobody, and so is not noted as read.
type past struct {
	r        *storage.Reading
	merges   []patient.Merge
	sites    map[glabella.SiteID]config.Site
	patients map[glabella.PatientID]patient.Patient
	staff    map[glabella.StaffID][]access.Staff // versions, oldest first
	records  map[glabella.PatientID]*pastRecord  // of one person, by any of their records
}

// pastRecord is what is asked about one person.
type pastRecord struct {
	restricted  bool
	preferred   []glabella.StaffID
	since       map[glabella.StaffID]time.Time // since when they take part in the care
	emergencies []access.BreakGlass
}

// unseen returns the records that a query selects, without noting them.
func unseen[ID, T, Q any, P storage.Entity[T]](ctx context.Context, s storage.Seen[ID, T, Q, P], q Q) ([]T, error) {
	var all []T
	_, err := s.Select(ctx, q, func(found []T) []T { all = found; return nil })
	return all, err
}

func pastOf(ctx context.Context, r *storage.Reading) (*past, error) {
	p := &past{r: r, sites: map[glabella.SiteID]config.Site{}, patients: map[glabella.PatientID]patient.Patient{}, staff: map[glabella.StaffID][]access.Staff{}, records: map[glabella.PatientID]*pastRecord{}}
	sites, err := unseen(ctx, r.Sites(), storage.SiteQuery{})
	if err != nil {
		return nil, err
	}
	for _, s := range sites {
		p.sites[s.ID] = s
	}
	patients, err := unseen(ctx, r.Patients(), storage.PatientQuery{})
	if err != nil {
		return nil, err
	}
	for _, who := range patients {
		p.patients[who.ID] = who
	}
	p.merges, err = unseen(ctx, r.Merges(), storage.MergeQuery{})
	return p, err
}

// facts returns what was to be decided on when a record of the journal was written.
func (p *past) facts(ctx context.Context, rec audit.Record) (access.Facts, error) {
	f := access.Facts{Actor: rec.Actor, Action: access.Action(rec.Action), Site: rec.Actor.Site, Now: rec.At, On: glabella.DateOf(rec.At)}
	if site, ok := p.sites[f.Site]; ok {
		zone, err := site.Location()
		if err != nil {
			return f, err
		}
		f.Jurisdiction, f.On = site.Jurisdiction, glabella.DateOf(rec.At.In(zone))
	}
	id, staff := rec.Actor.Staff()
	if staff {
		s, err := p.staffAt(ctx, id, rec.At)
		if err != nil {
			return f, err
		}
		f.Staff = s
	}
	if rec.Subject.Kind != (glabella.PatientID{}).Kind() {
		return f, nil
	}
	of, err := glabella.ParseID[glabella.PatientID](rec.Subject.ID)
	if err != nil {
		return f, err
	}
	record, err := p.record(ctx, of)
	if err != nil {
		return f, err
	}
	f.Patient, f.Restricted = of, record.restricted
	if staff {
		since, known := record.since[id]
		f.Relationship = slices.Contains(record.preferred, id) || known && !since.After(rec.At)
		for _, e := range record.emergencies {
			if e.By == id && !rec.At.Before(e.From) && rec.At.Before(e.Until) {
				f.Emergency = e.Emergency()
				f.Emergency.Patient = of
			}
		}
	}
	return f, nil
}

// staffAt returns a member of staff as on record at an instant, nil of one who was
// not.
func (p *past) staffAt(ctx context.Context, id glabella.StaffID, at time.Time) (*access.Staff, error) {
	versions, ok := p.staff[id]
	if !ok {
		for s, err := range p.r.Staff().History(ctx, id) {
			if errors.Is(err, glabella.ErrNotFound) {
				break
			} else if err != nil {
				return nil, err
			}
			versions = append(versions, s)
		}
		p.staff[id] = versions
	}
	for i := len(versions) - 1; i >= 0; i-- {
		if !versions[i].UpdatedAt.After(at) {
			return &versions[i], nil
		}
	}
	return nil, nil
}

// record returns what is asked about the person of a record.
func (p *past) record(ctx context.Context, id glabella.PatientID) (*pastRecord, error) {
	if known, ok := p.records[id]; ok {
		return known, nil
	}
	members, err := patient.Members(id, p.merges)
	if err != nil {
		return nil, err
	}
	out := &pastRecord{since: map[glabella.StaffID]time.Time{}}
	add := func(who glabella.StaffID, at time.Time) {
		if first, ok := out.since[who]; !ok || at.Before(first) {
			out.since[who] = at
		}
	}
	for _, id := range members {
		p.records[id] = out
		if who, ok := p.patients[id]; ok {
			out.restricted = out.restricted || who.Restricted
			out.preferred = append(out.preferred, who.PreferredProvider)
		}
		booked, err := unseen(ctx, p.r.Appointments(), storage.AppointmentQuery{Patient: id})
		if err != nil {
			return nil, err
		}
		visits, err := unseen(ctx, p.r.Encounters(), storage.EncounterQuery{Patient: id})
		if err != nil {
			return nil, err
		}
		careOf(booked, visits, add)
		opened, err := unseen(ctx, p.r.Emergencies(), storage.EmergencyQuery{Patient: id})
		if err != nil {
			return nil, err
		}
		out.emergencies = append(out.emergencies, opened...)
	}
	return out, nil
}

// careOf says who takes part in the care by appointments and visits, and since when.
func careOf(booked []scheduling.Appointment, visits []encounter.Encounter, add func(glabella.StaffID, time.Time)) {
	for _, a := range booked {
		add(a.Provider, a.CreatedAt)
	}
	for _, v := range visits {
		add(v.Provider, v.CreatedAt)
		for _, proc := range v.Procedures {
			add(proc.Performer, proc.PerformedAt)
		}
	}
}
