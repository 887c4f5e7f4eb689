package access

import (
	"cmp"
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
	// CodeRule says that a rule of the policy denies the action.
	CodeRule glabella.Code = "access.rule.denied"
	// CodeCondition says that a rule of the policy permits the action only under a condition that is not met.
	CodeCondition glabella.Code = "access.rule.condition"
	// CodeBreakGlass says that the record is read in an emergency although a rule denies it; the access will be reviewed.
	CodeBreakGlass glabella.Code = "access.break-glass.in-use"
	// CodeBreakGlassVoid says that the emergency that is claimed does not open this record to this actor now.
	CodeBreakGlassVoid glabella.Code = "access.break-glass.void"
	// CodeSamePerson says that the actor did what went before, and another person has to do this.
	CodeSamePerson glabella.Code = "access.duties.same-person"
	// CodeTreatmentUnlisted says that the policy does not say who may perform the treatment.
	CodeTreatmentUnlisted glabella.Code = "access.treatment.unlisted"
)

// Facts are what an access decision is made on.
type Facts struct {
	Rules        Rules // of the policy in force
	Actor        glabella.Actor
	Staff        *Staff // the actor's record, nil if there is none; another's counts as none
	Action       Action
	Site         glabella.SiteID
	Jurisdiction string             // of the site
	On           glabella.Date      // the day at the site
	Now          time.Time          // for the age of the authentication
	Patient      glabella.PatientID // whose record it is, if it is one patient's

	Relationship bool               // the actor takes part in the patient's care
	Restricted   bool               // the patient's record is restricted
	Emergency    *Emergency         // the record was opened in an emergency, nil if it was not
	DoneBy       []glabella.StaffID // who did what went before and may be kept from this: who counted, who wrote
}

// Circumstances are the facts about a patient's record that rules may ask for.
type Circumstances struct {
	Relationship bool // the actor takes part in the patient's care
	Restricted   bool // the patient's record is restricted
	Emergency    *Emergency
}

// In returns the facts with the circumstances.
func (f Facts) In(c Circumstances) Facts {
	f.Relationship, f.Restricted, f.Emergency = c.Relationship, c.Restricted, c.Emergency
	return f
}

// RolesOf returns the roles that an actor acts in. A member of staff who is not on
// record has none.
func RolesOf(a glabella.Actor, s *Staff) []Role {
	switch {
	case a.Kind == glabella.ActorPatient:
		return []Role{Patient}
	case a.Kind == glabella.ActorSystem:
		return []Role{System}
	case a.Kind == glabella.ActorStaff && s != nil:
		return slices.Clone(s.Roles)
	}
	return nil
}

// Authorize decides whether an actor may do something. It gives every reason
// against it. Where there is none, as nearly always, it allocates nothing.
func Authorize(f Facts) glabella.Decision {
	ruling := f.Rules.ruling(f.Action)
	if f.clear(ruling) {
		return glabella.Decision{Outcome: glabella.Allow}
	}
	return glabella.Decide(f.reasons(ruling)...)
}

// clear reports whether a member of staff may do it and there is nothing to be
// said. It asks what reasons asks, in the order that is the quickest.
func (f *Facts) clear(r *ruling) bool {
	s, day := f.Staff, ordinal(f.On)
	return s != nil && f.Actor.Kind == glabella.ActorStaff && f.permitted(r, setOf(s.Roles...)) && names(f.Actor.ID, &s.ID) && f.Actor.Purpose.Valid() &&
		!s.gone(day) && s.worksAt(f.Site) && r.demands.licensed(s, f.Jurisdiction, day) && r.demands.trained(s, day) &&
		f.Actor.Auth.Level >= r.demands.MinLevel && r.demands.fresh(&f.Actor.Auth, f.Now) && r.demands.separate(s, f.DoneBy)
}

// permitted reports whether the action is granted to one of the roles or
// permitted by a rule, and no rule denies it. Emergencies do not count.
func (f *Facts) permitted(r *ruling, roles roleSet) bool {
	if len(r.rules) == 0 {
		return r.granted&roles != 0
	}
	permits, denies := f.weigh(r, roles, false)
	return (r.granted&roles != 0 || permits != nil) && denies == nil
}

// reasons returns everything that speaks against it.
func (f *Facts) reasons(ruling *ruling) []glabella.Reason {
	var reasons []glabella.Reason
	if f.Actor.Validate() != nil {
		reasons = append(reasons, glabella.Denied(CodeActor, "the actor is not fully named").WithFix("name the actor's kind, identity and purpose"))
	}
	if !f.Action.Valid() {
		reasons = append(reasons, glabella.Denied(CodeAction, "there is no such action").With("action", string(f.Action)))
	}
	roles, who := f.acting(&reasons)
	if who != nil {
		reasons = append(reasons, ruling.demands.against(who, f.Jurisdiction, f.On)...)
	}
	reasons = append(reasons, f.ruled(ruling, roles)...)
	if f.Actor.Kind == glabella.ActorStaff && who != nil && !ruling.demands.separate(who, f.DoneBy) {
		reasons = append(reasons, glabella.Denied(CodeSamePerson, "another person has to do this").For(f.Actor.Ref()).WithFix("have someone do it who did not do what went before").CitedFrom(ruling.demands.Source))
	}
	if level := ruling.demands.MinLevel; f.Actor.Auth.Level < level {
		reasons = append(reasons, glabella.Denied(CodeAuthLevel, "the action demands a stronger authentication").
			With("level", strconv.Itoa(level)).WithFix("authenticate again at the demanded level").CitedFrom("NIST SP 800-63B"))
	}
	if !ruling.demands.fresh(&f.Actor.Auth, f.Now) {
		reasons = append(reasons, glabella.Denied(CodeAuthStale, "the action demands a fresh authentication").With("age", ruling.demands.MaxAuthAge.String()).WithFix("authenticate again"))
	}
	return reasons
}

// ruled returns what the grants and rules of the policy say against those in the
// roles. If an emergency lifts it, that is a warning.
func (f *Facts) ruled(r *ruling, roles roleSet) []glabella.Reason {
	if f.permitted(r, roles) {
		return nil
	}
	if f.Emergency != nil {
		permits, denies := f.weigh(r, roles, true)
		if denies == nil && (r.granted&roles != 0 || permits != nil) {
			if f.lifts() {
				if _, denies = f.weigh(r, roles, false); denies == nil {
					denies = permits
				}
				return []glabella.Reason{glabella.Warned(CodeBreakGlass, "the record is read in an emergency, against a rule").For(f.Actor.Ref(), f.Emergency.Grant.Ref(), f.Patient.Ref()).
					With("reason", f.Emergency.Reason).With("rule", denies.ID).WithFix("have the access reviewed").CitedFrom("45 CFR 164.312(a)(2)(ii)")}
			}
			return append(f.against(r, roles), glabella.Denied(CodeBreakGlassVoid, "the emergency does not open this record").For(f.Actor.Ref(), f.Emergency.Grant.Ref(), f.Patient.Ref()).
				WithFix("open the record for the emergency again, stating the reason"))
		}
	}
	return f.against(r, roles)
}

// against returns a reason for each rule that denies. Without a grant, it returns
// what the rules that permit lack, or that there is none.
func (f *Facts) against(r *ruling, roles roleSet) []glabella.Reason {
	var reasons, near []glabella.Reason
	permitted := r.granted&roles != 0
	for _, rule := range r.rules {
		if rule.roles&roles == 0 {
			continue
		}
		switch lacks := rule.lacks(f, false); {
		case rule.Effect == EffectDeny && lacks == nil:
			reasons = append(reasons, glabella.Denied(CodeRule, "a rule denies the action").For(f.Actor.Ref()).
				With("action", string(f.Action)).With("rule", rule.ID).WithFix(rule.remedy()).CitedFrom(rule.Source))
		case rule.Effect == EffectPermit && lacks == nil:
			permitted = true
		case rule.Effect == EffectPermit:
			near = append(near, glabella.Denied(CodeCondition, "a rule permits the action only under a condition").For(f.Actor.Ref()).
				With("action", string(f.Action)).With("condition", lacks.name()).With("rule", rule.ID).WithFix(cmp.Or(lacks.remedy(true), "have someone do it for whom the condition holds")).CitedFrom(rule.Source))
		}
	}
	switch {
	case permitted:
		return reasons
	case len(near) > 0:
		return append(reasons, near...)
	}
	return append(reasons, glabella.Denied(CodeRole, "none of the actor's roles is granted the action").For(f.Actor.Ref()).
		With("action", string(f.Action)).WithFix("have someone do it whose role is granted it, or change the policy"))
}

// own reports whether the actor is the patient whose record it is.
func (f *Facts) own() bool {
	return f.Actor.Kind == glabella.ActorPatient && !f.Patient.IsZero() && f.Patient.String() == f.Actor.ID
}

// Explain is [Authorize] and names the rule that decided: the first that denies
// the action, or else the first that permits it. It names none where no rule has a
// part in it: where the action is granted to a role, or something else speaks
// against it.
func Explain(f Facts) (d glabella.Decision, rule string) {
	d = Authorize(f)
	for _, r := range d.Reasons {
		if r.Code == CodeRule || r.Code == CodeBreakGlass {
			return d, r.Args["rule"]
		}
	}
	if d.Outcome == glabella.Deny {
		return d, ""
	}
	ruling := f.Rules.ruling(f.Action)
	var none []glabella.Reason
	roles, _ := f.acting(&none)
	if ruling.granted&roles == 0 {
		if permits, _ := f.weigh(ruling, roles, false); permits != nil {
			return d, permits.ID
		}
	}
	return d, ""
}

// nobody stands for who holds neither licences nor trainings: whoever is not
// staff.
var nobody Staff

// acting returns the roles that the actor acts in, and whose licences and
// trainings count. It adds what speaks against the actor, whatever the action. A
// member of staff who is not on record has no role, and is asked for nothing
// more.
func (f *Facts) acting(reasons *[]glabella.Reason) (roleSet, *Staff) {
	switch f.Actor.Kind {
	case glabella.ActorStaff:
		if id, ok := f.Actor.Staff(); f.Staff == nil || !ok || f.Staff.ID != id {
			*reasons = append(*reasons, glabella.Denied(CodeStaffUnknown, "the practice has no such member of staff").For(f.Actor.Ref()).WithFix("record the member of staff"))
			return 0, nil
		}
		*reasons = append(*reasons, f.Staff.against(f.Site, f.On)...)
		return setOf(f.Staff.Roles...), f.Staff
	case glabella.ActorPatient:
		if !f.own() {
			*reasons = append(*reasons, glabella.Denied(CodeNotOwn, "a patient sees their own record only").For(f.Actor.Ref()))
		}
		return setOf(Patient), &nobody
	case glabella.ActorSystem:
		return setOf(System), &nobody
	}
	return 0, &nobody
}

// against returns what speaks against the member of staff acting at a site. A
// day that is not known is held against them.
func (s *Staff) against(site glabella.SiteID, on glabella.Date) []glabella.Reason {
	var reasons []glabella.Reason
	if s.gone(ordinal(on)) {
		reasons = append(reasons, glabella.Denied(CodeTerminated, "the member of staff no longer works here").For(s.Ref()).With("since", s.TerminatedOn.String()))
	}
	if !s.worksAt(site) {
		reasons = append(reasons, glabella.Denied(CodeSite, "the member of staff does not work at this site").For(s.Ref(), site.Ref()).WithFix("act at one of their sites, or add the site to their record"))
	}
	return reasons
}

func (s *Staff) gone(day int) bool {
	since := ordinal(s.TerminatedOn)
	return since != 0 && (day == 0 || day >= since)
}

func (s *Staff) worksAt(site glabella.SiteID) bool {
	for i := range s.Sites {
		if s.Sites[i] == site {
			return true
		}
	}
	return len(s.Sites) == 0
}

// TreatmentFacts are what the decision on who performs a treatment is made on.
type TreatmentFacts struct {
	Rules        Rules // of the policy in force
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
	if demands := f.Rules.treatment(f.Treatment); demands != nil {
		reasons = append(reasons, demands.against(&f.Performer, f.Jurisdiction, f.On)...)
	} else {
		reasons = append(reasons, glabella.Denied(CodeTreatmentUnlisted, "the policy does not say who may perform the treatment").
			With("treatment", f.Treatment).WithFix("add the treatment to the policy"))
	}
	return glabella.Decide(reasons...)
}

// against returns what the member of staff lacks of the requirement.
func (r *demands) against(s *Staff, jurisdiction string, on glabella.Date) []glabella.Reason {
	var reasons []glabella.Reason
	if !r.licensed(s, jurisdiction, ordinal(on)) {
		reasons = append(reasons, r.licence(s, jurisdiction, on).For(s.Ref()).With("kinds", strings.Join(r.Credentials, ", ")).CitedFrom(r.Source))
	}
	for _, course := range r.Trainings {
		switch done, current := s.trained(course, ordinal(on)); {
		case current:
		case done:
			reasons = append(reasons, glabella.Denied(CodeTrainingExpired, "a training that is demanded is out of date").For(s.Ref()).
				With("course", course).WithFix("renew the training").CitedFrom(r.Source))
		default:
			reasons = append(reasons, glabella.Denied(CodeTrainingMissing, "a training that is demanded has not been completed").For(s.Ref()).
				With("course", course).WithFix("complete the training").CitedFrom(r.Source))
		}
	}
	return reasons
}

// licence says how the member of staff, who has no credential that is demanded,
// comes short of it. The nearest miss is named: out of date here, then valid
// elsewhere, then none at all.
func (r *demands) licence(s *Staff, jurisdiction string, on glabella.Date) glabella.Reason {
	elsewhere := false
	for _, c := range s.Credentials {
		switch {
		case !r.takes(c.Kind):
		case c.HoldsIn(jurisdiction):
			return glabella.Denied(CodeLicenceExpired, "the credential is not valid on this day").
				With("kind", c.Kind).With("day", on.String()).WithFix("renew the credential")
		default:
			elsewhere = true
		}
	}
	if elsewhere {
		return glabella.Denied(CodeLicenceJurisdiction, "the credential does not hold in this jurisdiction").With("jurisdiction", jurisdiction).WithFix("have someone do it who is licensed here")
	}
	return glabella.Denied(CodeLicenceMissing, "there is no credential of a kind that may do this").With("jurisdiction", jurisdiction).WithFix("have someone do it who is licensed for it")
}
