package practice

import (
	"context"
	"iter"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// circumstances finds what the access policy asks about a patient's record: whether
// it is restricted, whether the member of staff takes part in the care, and whether
// they have opened the record in an emergency. All records of one person are one.
//
// Who takes part in the care is whom the patient prefers, who has or had an
// appointment with them, and who performed or performs a visit or a part of one.
func circumstances(ctx context.Context, tx storage.Tx, a storage.Asked) (access.Circumstances, error) {
	var c access.Circumstances
	members, err := membersOf(ctx, tx, a.Patient)
	if err != nil {
		return c, err
	}
	by, staff := a.Actor.Staff()
	for _, id := range members {
		p, err := tx.Patients().Get(ctx, id)
		if ok, err := found(err); err != nil {
			return c, err
		} else if !ok {
			continue
		}
		c.Restricted = c.Restricted || p.Restricted
		c.Relationship = c.Relationship || staff && p.PreferredProvider == by
	}
	if !staff || c.Relationship || !a.Rules.AsksRelationship(a.Action, c.Restricted) {
		return c, nil
	}
	for _, id := range members {
		if c.Relationship, err = caresFor(ctx, tx, by, id); c.Relationship || err != nil {
			return c, err
		}
	}
	for _, id := range members {
		opened, err := drain(tx.Emergencies().List(ctx, storage.EmergencyQuery{Patient: id, By: by}))
		if err != nil {
			return c, err
		}
		for _, e := range opened {
			if e.InForce(a.Now) {
				c.Emergency = e.Emergency()
				c.Emergency.Patient = a.Patient
				return c, nil
			}
		}
	}
	return c, nil
}

// caresFor reports whether a member of staff takes part in the care of a patient.
func caresFor(ctx context.Context, tx storage.Tx, by glabella.StaffID, id glabella.PatientID) (bool, error) {
	booked, err := drain(tx.Appointments().List(ctx, storage.AppointmentQuery{Page: storage.Page{Limit: 1}, Patient: id, Provider: by}))
	if err != nil || len(booked) > 0 {
		return len(booked) > 0, err
	}
	visits, err := drain(tx.Encounters().List(ctx, storage.EncounterQuery{Patient: id}))
	return slices.ContainsFunc(visits, func(v encounter.Encounter) bool {
		return v.Provider == by || slices.ContainsFunc(v.Procedures, func(p encounter.Procedure) bool { return p.Performer == by })
	}), err
}

// membersOf returns the records of the person that a record belongs to.
func membersOf(ctx context.Context, tx storage.Tx, id glabella.PatientID) ([]glabella.PatientID, error) {
	var merges []patient.Merge
	seen := map[glabella.PatientID]bool{}
	for next := []glabella.PatientID{id}; len(next) > 0; next = next[1:] {
		if seen[next[0]] {
			continue
		}
		seen[next[0]] = true
		found, err := drain(tx.Merges().List(ctx, storage.MergeQuery{Patient: next[0]}))
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if !slices.ContainsFunc(merges, func(known patient.Merge) bool { return known.ID == m.ID }) {
				merges = append(merges, m)
				next = append(next, m.Survivor, m.Merged)
			}
		}
	}
	if len(merges) == 0 {
		return []glabella.PatientID{id}, nil
	}
	return patient.Members(id, merges)
}

func drain[T any](list iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for v, err := range list {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
