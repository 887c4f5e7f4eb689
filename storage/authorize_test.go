package storage_test

import (
	"context"
	"errors"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
)

// conditional is the world with a policy under which the front desk registers those
// it takes care of, and nobody registers what they did themselves before.
func conditional(t *testing.T, cares func(glabella.PatientID) bool) (*world, *storage.Store) {
	t.Helper()
	w := newWorld(t, memory.New())
	policy := access.DefaultPolicy()
	policy.Grants[access.FrontDesk] = nil
	policy.Rules = append(policy.Rules, access.Rule{ID: "own-patients", Effect: access.EffectPermit, Roles: []access.Role{access.FrontDesk}, Actions: []access.Action{access.PatientRegister, access.PatientRead},
		When: []access.Condition{{Kind: access.ConditionRelationship}}})
	policy.Actions[access.PatientRegister] = access.Requirement{Distinct: true}
	return w, storage.NewStore(w.backend, &storage.Env{Policy: &policy, Circumstances: func(_ context.Context, _ storage.Tx, a storage.Asked) (access.Circumstances, error) {
		return access.Circumstances{Relationship: cares(a.Patient)}, nil
	}})
}

func hasReason(err error, code glabella.Code) bool {
	var d *glabella.DeniedError
	return errors.As(err, &d) && d.Decision.Has(code)
}

func TestAccessIsDecidedAgainForWhomACommandTurnsOutToConcern(t *testing.T) {
	t.Parallel()
	mine, other := glabella.DeriveID[glabella.PatientID]("mine"), glabella.DeriveID[glabella.PatientID]("other")
	w, s := conditional(t, func(id glabella.PatientID) bool { return id == mine })
	does := func(doneBy []glabella.StaffID, concerns ...glabella.PatientID) error {
		_, err := s.Update(t.Context(), w.desk, func(ctx context.Context, k *storage.Work) (storage.Outcome, error) {
			for _, id := range concerns {
				k.Concerns(id)
			}
			k.DoneBy(doneBy...)
			return storage.Recorded(), nil
		})
		return err
	}
	if err := does(nil, mine); err != nil {
		t.Errorf("for one's own patient: %v", err)
	}
	for name, concerns := range map[string][]glabella.PatientID{"another's patient": {other}, "one's own and another's": {mine, other}, "nobody's": nil} {
		if err := does(nil, concerns...); !hasReason(err, access.CodeCondition) {
			t.Errorf("for %s: %v, want denied by %s", name, err, access.CodeCondition)
		}
	}
	self, _ := w.desk.Actor.Staff()
	if err := does([]glabella.StaffID{self}, mine); !hasReason(err, access.CodeSamePerson) {
		t.Errorf("what follows from one's own: %v, want denied by %s", err, access.CodeSamePerson)
	}
	if err := does([]glabella.StaffID{glabella.DeriveID[glabella.StaffID]("somebody")}, mine); err != nil {
		t.Errorf("what follows from another's: %v", err)
	}
	reads := w.desk
	reads.Action = access.PatientRead
	if err := s.View(t.Context(), reads, func(_ context.Context, r *storage.Reading) error { r.Concerns(other); return nil }); !hasReason(err, access.CodeCondition) {
		t.Errorf("a query for another's patient: %v, want denied by %s", err, access.CodeCondition)
	}
	failure := errors.New("disk full")
	if err := s.View(t.Context(), reads, func(context.Context, *storage.Reading) error { return failure }); !hasReason(err, access.CodeCondition) {
		t.Errorf("a failure tells who is not known to have access: %v", err)
	}
	reads.Patient = mine
	if err := s.View(t.Context(), reads, func(context.Context, *storage.Reading) error { return failure }); !errors.Is(err, failure) {
		t.Errorf("the failure of who has access: %v", err)
	}
}
