package practice

import (
	"context"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// person is a patient under all merges: the record that they go by, and every
// record of them, that one first.
type person struct {
	survivor glabella.PatientID
	members  []glabella.PatientID
	merges   []patient.Merge
}

// personOf returns the person of a record.
func personOf(ctx context.Context, merges storage.SeenMerges, id glabella.PatientID) (person, error) {
	who := person{survivor: id, members: []glabella.PatientID{id}}
	seen := map[glabella.PatientID]bool{}
	for next := []glabella.PatientID{id}; len(next) > 0; next = next[1:] {
		if seen[next[0]] {
			continue
		}
		seen[next[0]] = true
		found, err := merges.All(ctx, storage.MergeQuery{Patient: next[0]})
		if err != nil {
			return who, err
		}
		for _, m := range found {
			if !slices.ContainsFunc(who.merges, func(known patient.Merge) bool { return known.ID == m.ID }) {
				who.merges = append(who.merges, m)
				next = append(next, m.Survivor, m.Merged)
			}
		}
	}
	if len(who.merges) == 0 {
		return who, nil
	}
	var err error
	if who.members, err = patient.Members(id, who.merges); err != nil {
		return who, err
	}
	who.survivor = who.members[0]
	return who, nil
}

// view returns what the person looks like.
func (who person) view(ctx context.Context, patients storage.SeenPatients) (patient.Patient, error) {
	survivor, err := patients.Get(ctx, who.survivor)
	if err != nil || len(who.members) == 1 {
		return survivor, err
	}
	var merged []patient.Patient
	for _, id := range who.members[1:] {
		p, err := patients.Get(ctx, id)
		if err != nil {
			return survivor, err
		}
		merged = append(merged, p)
	}
	return patient.View(survivor, merged, who.merges)
}

// across returns what list finds of each record of the person.
func across[T any](who person, list func(id glabella.PatientID) ([]T, error)) ([]T, error) {
	if len(who.members) == 1 {
		return list(who.members[0])
	}
	var out []T
	for _, id := range who.members {
		part, err := list(id)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

// facts returns the records of a person that are selected by patient.
func facts[ID, T any, P storage.Entity[T]](ctx context.Context, who person, of storage.Seen[ID, T, storage.FactQuery, P]) ([]T, error) {
	return across(who, func(id glabella.PatientID) ([]T, error) { return of.All(ctx, storage.FactQuery{Patient: id}) })
}
