package access

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of reasons for which an actor may not do something.
const (
	// CodeActor says that the actor cannot be held to account: no kind, identity or purpose.
	CodeActor glabella.Code = "access.actor.invalid"
	// CodeAction says that there is no such action.
	CodeAction glabella.Code = "access.action.unknown"
	// CodeStaffUnknown says that the practice has no such member of staff.
	CodeStaffUnknown glabella.Code = "access.staff.unknown"
	// CodeTerminated says that the member of staff no longer works here.
	CodeTerminated glabella.Code = "access.staff.terminated"
	// CodeRole says that none of the actor's roles is granted the action.
	CodeRole glabella.Code = "access.role.forbidden"
	// CodeSite says that the member of staff does not work at the site.
	CodeSite glabella.Code = "access.site.forbidden"
	// CodeNotOwn says that a patient asked for someone else's record.
	CodeNotOwn glabella.Code = "access.patient.not-own"
	// CodeLicenceMissing says that the member of staff has no credential of a kind that is demanded.
	CodeLicenceMissing glabella.Code = "access.licence.missing"
	// CodeLicenceExpired says that the credential that is demanded has expired or is not yet valid.
	CodeLicenceExpired glabella.Code = "access.licence.expired"
	// CodeLicenceJurisdiction says that the credential that is demanded does not hold in the site's jurisdiction.
	CodeLicenceJurisdiction glabella.Code = "access.licence.jurisdiction"
	// CodeTrainingMissing says that the member of staff has not completed a training that is demanded.
	CodeTrainingMissing glabella.Code = "access.training.missing"
	// CodeTrainingExpired says that a training that is demanded is out of date.
	CodeTrainingExpired glabella.Code = "access.training.expired"
	// CodeAuthLevel says that the actor is not authenticated strongly enough.
	CodeAuthLevel glabella.Code = "access.auth.level"
	// CodeAuthStale says that the actor's last proof of identity is too long ago.
	CodeAuthStale glabella.Code = "access.auth.stale"
	// CodeTreatmentUnlisted says that the policy does not say who may perform the treatment.
	CodeTreatmentUnlisted glabella.Code = "access.treatment.unlisted"
)

// Facts are what an access decision is made on.
type Facts struct {
	Policy       Policy
	Actor        glabella.Actor
	Staff        *Staff // the actor's record, nil if there is none; another's counts as none
	Action       Action
	Site         glabella.SiteID
	Jurisdiction string             // of the site
	On           glabella.Date      // the day at the site
	Now          time.Time          // for the age of the authentication
	Patient      glabella.PatientID // whose record it is, if it is one patient's
}

// Authorize decides whether an actor may do something. It gives every reason
// against it.
func Authorize(f Facts) glabella.Decision {
	var reasons []glabella.Reason
	if f.Actor.Validate() != nil {
		reasons = append(reasons, glabella.Denied(CodeActor, "the actor is not fully named").WithFix("name the actor's kind, identity and purpose"))
	}
	if !f.Action.Valid() {
		reasons = append(reasons, glabella.Denied(CodeAction, "there is no such action").With("action", string(f.Action)))
	}
	requirement := f.Policy.Actions[f.Action]
	var roles []Role
	switch f.Actor.Kind {
	case glabella.ActorStaff:
		if id, ok := f.Actor.Staff(); f.Staff == nil || !ok || f.Staff.ID != id {
			reasons = append(reasons, glabella.Denied(CodeStaffUnknown, "the practice has no such member of staff").For(f.Actor.Ref()).WithFix("record the member of staff"))
			break
		}
		roles = f.Staff.Roles
		reasons = append(reasons, f.Staff.against(f.Site, f.On)...)
		reasons = append(reasons, requirement.against(*f.Staff, f.Jurisdiction, f.On)...)
	case glabella.ActorPatient:
		roles = []Role{Patient}
		if f.Patient.IsZero() || f.Patient.String() != f.Actor.ID {
			reasons = append(reasons, glabella.Denied(CodeNotOwn, "a patient sees their own record only").For(f.Actor.Ref()))
		}
	case glabella.ActorSystem:
		roles = []Role{System}
	}
	if f.Actor.Kind != glabella.ActorStaff {
		// Only staff hold licences and trainings.
		reasons = append(reasons, requirement.against(Staff{}, f.Jurisdiction, f.On)...)
	}
	if !f.Policy.May(roles, f.Action) {
		reasons = append(reasons, glabella.Denied(CodeRole, "none of the actor's roles is granted the action").For(f.Actor.Ref()).
			With("action", string(f.Action)).WithFix("have someone do it whose role is granted it, or change the policy"))
	}
	if auth := f.Actor.Auth; auth.Level < requirement.MinLevel {
		reasons = append(reasons, glabella.Denied(CodeAuthLevel, "the action demands a stronger authentication").
			With("level", strconv.Itoa(requirement.MinLevel)).WithFix("authenticate again at the demanded level").CitedFrom("NIST SP 800-63B"))
	}
	if age, since := requirement.MaxAuthAge, f.Now.Sub(f.Actor.Auth.At); age > 0 && (f.Actor.Auth.At.IsZero() || since > age || since < -clockSkew) {
		reasons = append(reasons, glabella.Denied(CodeAuthStale, "the action demands a fresh authentication").With("age", age.String()).WithFix("authenticate again"))
	}
	return glabella.Decide(reasons...)
}

// clockSkew is how far the host's clock may be ahead of the library's. A proof of
// identity from later than that is no proof.
const clockSkew = time.Minute

// against returns what speaks against the member of staff acting at a site. A
// day that is not known is held against them.
func (s Staff) against(site glabella.SiteID, on glabella.Date) []glabella.Reason {
	var reasons []glabella.Reason
	if !s.TerminatedOn.IsZero() && (on.IsZero() || !on.Before(s.TerminatedOn)) {
		reasons = append(reasons, glabella.Denied(CodeTerminated, "the member of staff no longer works here").For(s.Ref()).With("since", s.TerminatedOn.String()))
	}
	if len(s.Sites) > 0 && !slices.Contains(s.Sites, site) {
		reasons = append(reasons, glabella.Denied(CodeSite, "the member of staff does not work at this site").For(s.Ref(), site.Ref()).WithFix("act at one of their sites, or add the site to their record"))
	}
	return reasons
}

// TreatmentFacts are what the decision on who performs a treatment is made on.
type TreatmentFacts struct {
	Policy       Policy
	Performer    Staff
	Treatment    string // code of the template
	Site         glabella.SiteID
	Jurisdiction string
	On           glabella.Date // the day of the treatment, at the site
}

// AuthorizeTreatment decides whether a member of staff may perform a treatment:
// the credentials and trainings that the policy demands for it. A treatment for
// which the policy says nothing is denied. It gives every reason against it.
func AuthorizeTreatment(f TreatmentFacts) glabella.Decision {
	reasons := f.Performer.against(f.Site, f.On)
	requirement, listed := f.Policy.Treatments[f.Treatment]
	if !listed {
		reasons = append(reasons, glabella.Denied(CodeTreatmentUnlisted, "the policy does not say who may perform the treatment").
			With("treatment", f.Treatment).WithFix("add the treatment to the policy"))
	}
	return glabella.Decide(append(reasons, requirement.against(f.Performer, f.Jurisdiction, f.On)...)...)
}

// against returns what the member of staff lacks of the requirement.
func (r Requirement) against(s Staff, jurisdiction string, on glabella.Date) []glabella.Reason {
	var reasons []glabella.Reason
	if len(r.Credentials) > 0 {
		if reason, lacks := r.licence(s, jurisdiction, on); lacks {
			reasons = append(reasons, reason.For(s.Ref()).With("kinds", strings.Join(r.Credentials, ", ")).CitedFrom(r.Source))
		}
	}
	for _, course := range r.Trainings {
		completed := func(t Training) bool { return t.Course == course && !t.Completed.After(on) }
		switch {
		case slices.ContainsFunc(s.Trainings, func(t Training) bool {
			return completed(t) && (t.ValidTo.IsZero() || !on.After(t.ValidTo))
		}):
		case slices.ContainsFunc(s.Trainings, completed):
			reasons = append(reasons, glabella.Denied(CodeTrainingExpired, "a training that is demanded is out of date").For(s.Ref()).
				With("course", course).WithFix("renew the training").CitedFrom(r.Source))
		default:
			reasons = append(reasons, glabella.Denied(CodeTrainingMissing, "a training that is demanded has not been completed").For(s.Ref()).
				With("course", course).WithFix("complete the training").CitedFrom(r.Source))
		}
	}
	return reasons
}

// licence says how the member of staff comes short of the credentials that are
// demanded. The nearest miss is named: out of date here, then valid elsewhere,
// then none at all.
func (r Requirement) licence(s Staff, jurisdiction string, on glabella.Date) (glabella.Reason, bool) {
	if _, ok := s.Credential(r.Credentials, jurisdiction, on); ok {
		return glabella.Reason{}, false
	}
	elsewhere := false
	for _, c := range s.Credentials {
		switch {
		case !slices.Contains(r.Credentials, c.Kind):
		case c.HoldsIn(jurisdiction):
			return glabella.Denied(CodeLicenceExpired, "the credential is not valid on this day").
				With("kind", c.Kind).With("day", on.String()).WithFix("renew the credential"), true
		default:
			elsewhere = true
		}
	}
	if elsewhere {
		return glabella.Denied(CodeLicenceJurisdiction, "the credential does not hold in this jurisdiction").With("jurisdiction", jurisdiction).WithFix("have someone do it who is licensed here"), true
	}
	return glabella.Denied(CodeLicenceMissing, "there is no credential of a kind that may do this").With("jurisdiction", jurisdiction).WithFix("have someone do it who is licensed for it"), true
}
