package practice

import (
	"context"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// ProposeChanges is the input of [Practice.ProposeChanges].
type ProposeChanges struct {
	Command
	Patient glabella.PatientID  `json:"patient"`
	Intake  patient.Intake      `json:"intake"`
	Source  glabella.Provenance `json:"source"` // where the intake comes from; the author and time of recording are filled in
}

// ChangesProposed is the receipt of [Practice.ProposeChanges] and
// [Practice.ReviewProposal].
type ChangesProposed struct {
	Proposal glabella.ProposalID   `json:"proposal,omitzero"` // zero if the record has it all
	State    patient.ProposalState `json:"state,omitempty"`
	Changes  []patient.ChangePart  `json:"changes"` // what is proposed, in order
	Open     []int                 `json:"open"`    // the places of those that wait for a decision
	Version  uint64                `json:"version"`
}

func proposed(p patient.Proposal) ChangesProposed {
	out := ChangesProposed{Proposal: p.ID, State: p.State, Version: p.Version}
	for i, c := range p.Changes {
		out.Changes = append(out.Changes, c.Part)
		if c.Verdict == "" {
			out.Open = append(out.Open, i)
		}
	}
	return out
}

// ProposeChanges takes an intake of a patient who is registered: what of it the
// record does not have becomes a proposal, which changes nothing until somebody
// accepts it, or a rule does ([Options.AutoAccept]). Allergies, medications and
// conditions count for screening from now on.
func (p *Practice) ProposeChanges(ctx context.Context, actor glabella.Actor, in ProposeChanges) (ChangesProposed, error) {
	return run(ctx, p, actor, access.PatientPropose, in.Patient, in, func(ctx context.Context, w *work, in ProposeChanges, out *ChangesProposed) (storage.Outcome, error) {
		from := in.Source
		from.Author, from.RecordedAt = actor.Ref(), w.Now()
		made, err := w.propose(ctx, in.Patient, in.Intake, from)
		if err != nil {
			return failed(err)
		}
		if made.ID.IsZero() {
			return recorded("patient.proposed", patient.Proposed{Patient: in.Patient})
		}
		*out = proposed(made)
		return recorded("patient.proposed", patient.Proposed{Proposal: made.ID, Patient: in.Patient, State: made.State, Changes: len(made.Changes)})
	})
}

// propose stores what an intake would change, with what the practice's rules
// accept taken over. It returns the zero Proposal if the record has it all.
func (w *work) propose(ctx context.Context, id glabella.PatientID, in patient.Intake, from glabella.Provenance) (patient.Proposal, error) {
	who, err := personOf(ctx, w.Merges().Seen, id)
	if err != nil {
		return patient.Proposal{}, err
	}
	seen, err := who.view(ctx, w.Patients().Seen)
	if err != nil {
		return patient.Proposal{}, err
	}
	if in.Contacts, in.Addresses, err = w.normal(ctx, in.Contacts, in.Addresses); err != nil {
		return patient.Proposal{}, err
	}
	// What the intake says must be right by itself: it is built as a record.
	if len(in.Names) == 0 {
		in.Names = seen.Names[:1]
	}
	ids := patient.IntakeIDs{Patient: id}
	for range in.Allergies {
		ids.Allergies = append(ids.Allergies, glabella.AllergyID(w.NewUUID()))
	}
	for range in.Medications {
		ids.Medications = append(ids.Medications, glabella.MedicationID(w.NewUUID()))
	}
	if _, err := in.Build(ids, from); err != nil {
		return patient.Proposal{}, err
	}
	allergies, err := facts(ctx, who, w.Allergies().Seen)
	if err != nil {
		return patient.Proposal{}, err
	}
	medications, err := facts(ctx, who, w.Medications().Seen)
	if err != nil {
		return patient.Proposal{}, err
	}
	made := patient.Proposal{ID: glabella.ProposalID(w.NewUUID()), Patient: id, State: patient.ProposalPending, Intake: in, Changes: patient.Compare(seen, allergies, medications, in), Provenance: from}
	if len(made.Changes) == 0 {
		return patient.Proposal{}, nil
	}
	accepted := map[int]patient.ChangeVerdict{}
	for i, c := range made.Changes {
		if slices.Contains(w.p.autoAccept, c.Part) {
			accepted[i] = patient.ChangeAccepted
		}
	}
	return w.decide(ctx, made, accepted, autoAcceptRule, "")
}

// autoAcceptRule is what a change that nobody looked at names as its rule.
const autoAcceptRule = "auto-accept"

// decide stores a proposal with verdicts on changes, and what was accepted.
func (w *work) decide(ctx context.Context, made patient.Proposal, verdicts map[int]patient.ChangeVerdict, rule, reason string) (patient.Proposal, error) {
	if len(verdicts) > 0 {
		var err error
		if made, err = made.Decide(verdicts, w.actor.Ref(), rule, reason, w.Now()); err != nil {
			return made, err
		}
		var places []int
		for i, v := range verdicts {
			if v == patient.ChangeAccepted {
				places = append(places, i)
			}
		}
		slices.Sort(places)
		record, err := w.Patients().Get(ctx, made.Patient)
		if err != nil {
			return made, err
		}
		adopted, err := made.Adopt(record, places, func() glabella.AllergyID { return glabella.AllergyID(w.NewUUID()) }, func() glabella.MedicationID { return glabella.MedicationID(w.NewUUID()) })
		if err != nil {
			return made, err
		}
		if adopted.Changed {
			if _, err := w.Patients().Put(ctx, adopted.Patient); err != nil {
				return made, err
			}
		}
		if err := w.putFacts(ctx, patient.Built{Allergies: adopted.Allergies, Medications: adopted.Medications}); err != nil {
			return made, err
		}
	}
	return w.Proposals().Put(ctx, made)
}

// ReviewProposal is the input of [Practice.ReviewProposal].
type ReviewProposal struct {
	Command
	Proposal glabella.ProposalID `json:"proposal"`
	Accept   []int               `json:"accept"`  // places of changes
	Decline  []int               `json:"decline"` // places of changes
	Reason   string              `json:"reason"`  // why they are declined, a code of the practice's own
}

// ReviewProposal accepts or declines changes that were proposed. What is accepted
// is on the record from then on, as reported by whom it was; what is not decided
// waits on.
func (p *Practice) ReviewProposal(ctx context.Context, actor glabella.Actor, in ReviewProposal) (ChangesProposed, error) {
	return run(ctx, p, actor, access.PatientReview, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ReviewProposal, out *ChangesProposed) (storage.Outcome, error) {
		made, err := w.Proposals().Get(ctx, in.Proposal)
		if err != nil {
			return failed(err)
		}
		w.Concerns(made.Patient)
		if err := w.expect(made.Ref(), made.Version); err != nil {
			return failed(err)
		}
		if len(in.Decline) > 0 {
			if err := reasonCode("/reason", in.Reason); err != nil {
				return failed(err)
			}
		}
		verdicts := map[int]patient.ChangeVerdict{}
		for _, i := range in.Accept {
			verdicts[i] = patient.ChangeAccepted
		}
		for _, i := range in.Decline {
			if verdicts[i] != "" {
				return failed(glabella.Invalid("review", glabella.Issue{Path: "/decline", Code: glabella.CodeDuplicate, Text: "a change is accepted and declined at once"}))
			}
			verdicts[i] = patient.ChangeDeclined
		}
		if len(verdicts) == 0 {
			return failed(glabella.Invalid("review", glabella.Issue{Path: "/accept", Code: glabella.CodeRequired, Text: "nothing is decided"}))
		}
		if made, err = w.decide(ctx, made, verdicts, "", in.Reason); err != nil {
			return failed(err)
		}
		*out = proposed(made)
		return recorded("patient.proposal-reviewed", patient.Proposed{Proposal: made.ID, Patient: made.Patient, State: made.State, Changes: len(verdicts)})
	})
}
