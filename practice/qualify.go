package practice

import (
	"context"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/storage"
)

// QualifyStaff is the input of [Practice.QualifyStaff].
type QualifyStaff struct {
	Command
	Staff       glabella.StaffID    `json:"staff"`
	Credentials []access.Credential `json:"credentials"` // one with the number of another replaces it
	Trainings   []access.Training   `json:"trainings"`   // one of a course replaces the one before
}

// StaffQualified is the receipt of [Practice.QualifyStaff].
type StaffQualified struct {
	Staff   glabella.StaffID `json:"staff"`
	Version uint64           `json:"version"`
}

// staffQualified is its event.
type staffQualified struct {
	Staff       glabella.StaffID `json:"staff"`
	Credentials int              `json:"credentials"`
	Trainings   []string         `json:"trainings"` // courses
}

// CodeQualifyOwn says that nobody records their own credentials and trainings.
const CodeQualifyOwn glabella.Code = "practice.staff.own-qualification"

// QualifyStaff records credentials and trainings of a member of staff. Nobody does so
// for themselves.
func (p *Practice) QualifyStaff(ctx context.Context, actor glabella.Actor, in QualifyStaff) (StaffQualified, error) {
	return run(ctx, p, actor, access.StaffQualify, glabella.PatientID{}, in, func(ctx context.Context, w *work, in QualifyStaff, out *StaffQualified) (storage.Outcome, error) {
		if by, ok := actor.Staff(); ok && by == in.Staff {
			return failed(glabella.Refuse(glabella.Decide(glabella.Denied(CodeQualifyOwn, "nobody records their own qualification").For(in.Staff.Ref()).WithFix("have somebody else record it"))))
		}
		s, err := w.Staff().Get(ctx, in.Staff)
		if err != nil {
			return failed(err)
		}
		if err := w.expect(s.Ref(), s.Version); err != nil {
			return failed(err)
		}
		told := staffQualified{Staff: s.ID, Credentials: len(in.Credentials), Trainings: []string{}}
		s.Credentials, s.Trainings = slices.Clone(s.Credentials), slices.Clone(s.Trainings)
		for _, c := range in.Credentials {
			s.Credentials = append(slices.DeleteFunc(s.Credentials, func(old access.Credential) bool {
				return old.Kind == c.Kind && old.Number == c.Number && old.Jurisdiction == c.Jurisdiction
			}), c)
		}
		for _, t := range in.Trainings {
			s.Trainings = append(slices.DeleteFunc(s.Trainings, func(old access.Training) bool { return old.Course == t.Course }), t)
			told.Trainings = append(told.Trainings, t.Course)
		}
		if s, err = w.Staff().Put(ctx, s); err != nil {
			return failed(err)
		}
		*out = StaffQualified{Staff: s.ID, Version: s.Version}
		return recorded("staff.qualified", told)
	})
}
