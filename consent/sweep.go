package consent

import (
	"cmp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// StepKind is what is to be done about a publication that is not permitted any
// more.
type StepKind string

// The kinds of step.
const (
	StepCancel   StepKind = "cancel"    // it is not published
	StepTakeDown StepKind = "take-down" // a task for its owner
	StepCopies   StepKind = "copies"    // its copies are out of the practice's hands; their holders are asked
)

// StepKinds returns every kind of step.
func StepKinds() []StepKind { return []StepKind{StepCancel, StepTakeDown, StepCopies} }

// Valid reports whether k is one of [StepKinds].
func (k StepKind) Valid() bool { return slices.Contains(StepKinds(), k) }

// Step is one thing to do about a publication.
type Step struct {
	Kind        StepKind
	Publication glabella.PublicationID
	Owner       glabella.StaffID  // of a takedown
	DueOn       glabella.Date     // of a takedown, the last day
	Copies      []Copy            // of [StepCopies]: whose holders have not been asked yet
	Decision    glabella.Decision // why it is not permitted any more
	// Relied says that it was permitted when it was published, by what is known now.
	// What was done until the permission ended stays covered (45 CFR 164.508(b)(5)).
	Relied bool
}

// Cause returns the code of the first reason.
func (s Step) Cause() glabella.Code {
	if len(s.Decision.Reasons) == 0 {
		return ""
	}
	return s.Decision.Reasons[0].Code
}

// SweepFacts are what [Sweep] looks at. Publish holds the instant of the sweep, the
// zone, and what the patient has answered by then, the change included; what
// publications say of themselves is filled in from them.
type SweepFacts struct {
	Publish      PublishFacts
	Publications []Publication
	Retracted    []glabella.PhotoID // photographs that are not to be used any more
	// Owner is who takes down; zero is whoever published it.
	Owner glabella.StaffID
	// TakedownDays is how many days that may take, by the practice's policy; 0 is to
	// be done on the same day.
	TakedownDays int
}

// Sweep lists what is to be done after an answer of a patient has changed: a
// permission or an authorization was revoked or replaced, or has expired. Drafts
// and scheduled publications that are not permitted any more are cancelled, live
// ones become tasks, and copies that are out of the practice's hands are listed,
// also those of publications that are being or were taken down. A publication that
// is still permitted, or will be once its permission begins, gets no step. A sweep
// can be repeated: once its steps were applied, the next one is empty but for
// copies.
func Sweep(f SweepFacts) []Step {
	var out []Step
	for i := range f.Publications {
		p := &f.Publications[i]
		kind := StepCopies
		switch p.State {
		case PublicationDraft, PublicationScheduled:
			kind = StepCancel
		case PublicationLive:
			kind = StepTakeDown
		case PublicationCancelled:
			continue
		}
		now := p.Facts(f.Publish)
		now.Retracted = slices.Contains(f.Retracted, p.Photo)
		d := MayPublish(now)
		if d.Outcome != glabella.Deny || kind == StepCancel && onlyEarly(d) {
			continue
		}
		step := Step{Kind: kind, Publication: p.ID, Decision: d}
		if kind != StepCancel {
			then := p.Facts(f.Publish)
			then.At = p.PublishedAt
			step.Relied = MayPublish(then).Allowed()
		}
		if kind == StepTakeDown {
			take := step
			take.Owner = cmp.Or(f.Owner, p.PublishedBy)
			take.DueOn = local(f.Publish.At, f.Publish.Zone).AddDays(max(f.TakedownDays, 0))
			out = append(out, take)
		} else if kind == StepCancel {
			out = append(out, step)
		}
		if left := p.unasked(); kind != StepCancel && len(left) > 0 {
			step.Kind, step.Copies = StepCopies, left
			out = append(out, step)
		}
	}
	return out
}

// unasked returns the copies whose holders have not been asked to remove them.
func (p *Publication) unasked() []Copy {
	var out []Copy
	for _, c := range p.Copies {
		if c.InformedAt.IsZero() {
			out = append(out, c)
		}
	}
	return out
}

// onlyEarly reports whether nothing stands against it but that it has not begun.
func onlyEarly(d glabella.Decision) bool {
	return !slices.ContainsFunc(d.Reasons, func(r glabella.Reason) bool { return r.Code != CodePhotoEarly })
}

// Informed returns the publication with the holder of a copy asked to remove it.
func (p Publication) Informed(where string, at time.Time) Publication {
	p.Copies = slices.Clone(p.Copies)
	for i := range p.Copies {
		if p.Copies[i].Where == where && p.Copies[i].InformedAt.IsZero() {
			p.Copies[i].InformedAt = instant(at)
		}
	}
	return p
}

// Apply returns the publication as the step leaves it at the instant at: cancelled,
// or due to be taken down. A step on copies changes nothing; see
// [Publication.Informed]. A step of another publication gives a
// [*glabella.ValidationError], one that does not fit its state a
// [*glabella.TransitionError].
func (p Publication) Apply(s Step, at time.Time) (Publication, error) {
	if s.Publication != p.ID {
		return p, glabella.Invalid("publication", glabella.Issue{Path: "/id", Code: glabella.CodeMismatch, Text: "the step is about another publication"})
	}
	switch s.Kind {
	case StepCancel:
		return p.Cancel(at, s.Cause())
	case StepTakeDown:
		return p.RequireTakedown(at, s.Cause(), s.Owner, s.DueOn)
	default:
		return p, nil
	}
}

// SweepProgress says how far a sweep has come. The numbers are of publications, but
// for copies.
type SweepProgress struct {
	Cancelled int
	TakenDown int // confirmed
	Due       int // to be taken down, the overdue ones included
	Overdue   int // their last day has passed
	Waiting   int // that no step has been applied to yet
	Asked     int // copies whose holders were asked to remove them
	Unasked   int // copies whose holders are still to be asked
}

// Done reports whether nothing is left that the practice can do: everything is
// cancelled or confirmed as taken down, and the holders of copies were asked.
func (s SweepProgress) Done() bool { return s.Due == 0 && s.Waiting == 0 && s.Unasked == 0 }

// Progress says how far a sweep has come, by its steps and the publications as they
// are now. A publication that was kept on a new permission, or is not among
// publications, is counted as waiting.
func Progress(steps []Step, publications []Publication, today glabella.Date) SweepProgress {
	var out SweepProgress
	var seen []glabella.PublicationID
	for _, s := range steps {
		if slices.Contains(seen, s.Publication) {
			continue
		}
		seen = append(seen, s.Publication)
		i := slices.IndexFunc(publications, func(p Publication) bool { return p.ID == s.Publication })
		if i < 0 {
			out.Waiting++
			continue
		}
		p := &publications[i]
		switch p.State {
		case PublicationCancelled:
			out.Cancelled++
		case PublicationTakenDown:
			out.TakenDown++
		case PublicationTakedownDue:
			out.Due++
			if today.After(p.Takedown.DueOn) {
				out.Overdue++
			}
		default:
			out.Waiting++
		}
		unasked := len(p.unasked())
		out.Unasked += unasked
		out.Asked += len(p.Copies) - unasked
	}
	return out
}
