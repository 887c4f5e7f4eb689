package consent

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// PublicationState is where a publication stands.
type PublicationState string

// The states of a publication.
const (
	PublicationDraft       PublicationState = "draft"
	PublicationScheduled   PublicationState = "scheduled"
	PublicationLive        PublicationState = "live"
	PublicationTakedownDue PublicationState = "takedown-due"
	PublicationTakenDown   PublicationState = "taken-down"
	PublicationCancelled   PublicationState = "cancelled"
)

// PublicationMachine returns the state machine of a publication. One that is due
// to be taken down can be kept if the patient permits it anew.
func PublicationMachine() state.Machine[PublicationState] {
	return state.Machine[PublicationState]{Name: "publication", Arrows: []state.Arrow[PublicationState]{
		{From: PublicationDraft, Action: "schedule", To: PublicationScheduled},
		{From: PublicationScheduled, Action: "unschedule", To: PublicationDraft},
		{From: PublicationDraft, Action: "publish", To: PublicationLive},
		{From: PublicationScheduled, Action: "publish", To: PublicationLive},
		{From: PublicationDraft, Action: "cancel", To: PublicationCancelled},
		{From: PublicationScheduled, Action: "cancel", To: PublicationCancelled},
		{From: PublicationLive, Action: "require-takedown", To: PublicationTakedownDue},
		{From: PublicationTakedownDue, Action: "keep", To: PublicationLive},
		{From: PublicationLive, Action: "take-down", To: PublicationTakenDown},
		{From: PublicationTakedownDue, Action: "take-down", To: PublicationTakenDown},
	}}
}

// PublicationStates returns every state of a publication.
func PublicationStates() []PublicationState { return PublicationMachine().States() }

// Valid reports whether s is one of [PublicationStates].
func (s PublicationState) Valid() bool { return slices.Contains(PublicationStates(), s) }

// Copy is a copy of a published picture that is out of the practice's hands, such
// as one that somebody passed on, or a printed run.
type Copy struct {
	Where      string    `json:"where"` // address or reference
	FoundAt    time.Time `json:"foundAt"`
	InformedAt time.Time `json:"informedAt,omitzero"` // when its holder was asked to remove it
}

// Takedown is the task to take a publication down and the proof that it was done.
type Takedown struct {
	Cause          glabella.Code    `json:"cause,omitempty"` // why, such as "consent.photo.revoked"
	RequiredAt     time.Time        `json:"requiredAt,omitzero"`
	Owner          glabella.StaffID `json:"owner,omitzero"` // who is to do it
	DueOn          glabella.Date    `json:"dueOn,omitzero"` // the last day
	ConfirmedAt    time.Time        `json:"confirmedAt,omitzero"`
	ConfirmedBy    glabella.StaffID `json:"confirmedBy,omitzero"`
	Evidence       string           `json:"evidence,omitempty"` // reference, such as a screenshot's
	EvidenceSHA256 string           `json:"evidenceSHA256,omitempty"`
}

// Publication is one picture of a patient that is, was or is to be shown in one
// place. What the picture shows is kept with it, so that whether it may be shown
// can be decided again at any time.
type Publication struct {
	ID glabella.PublicationID `json:"id" validate:"required"`
	glabella.Meta
	Patient       glabella.PatientID       `json:"patient" validate:"required"`
	Photo         glabella.PhotoID         `json:"photo" validate:"required"`
	Derivative    string                   `json:"derivative" validate:"required"` // "sha256:" and 64 hexadecimal digits of the picture that is shown
	Regions       []string                 `json:"regions"`                        // codes of what it shows
	ShowsFace     bool                     `json:"showsFace,omitempty"`
	Deidentified  bool                     `json:"deidentified,omitempty"`
	Tagged        bool                     `json:"tagged,omitempty"`
	Remunerated   bool                     `json:"remunerated,omitempty"` // a third party pays for the marketing
	Purpose       PhotoPurpose             `json:"purpose" validate:"oneof=education publication marketing training-ai"`
	Channel       PublicationChannel       `json:"channel" validate:"oneof=website social print in-clinic advertising"`
	Platform      string                   `json:"platform,omitempty"` // code
	Where         string                   `json:"where,omitempty"`    // address or reference
	State         PublicationState         `json:"state" validate:"oneof=draft scheduled live takedown-due taken-down cancelled"`
	ScheduledFor  time.Time                `json:"scheduledFor,omitzero"`
	PublishedAt   time.Time                `json:"publishedAt,omitzero"`
	By            glabella.StaffID         `json:"by" validate:"required"` // who prepared it
	PublishedBy   glabella.StaffID         `json:"publishedBy,omitzero"`
	Permission    glabella.PermissionID    `json:"permission" validate:"required"` // that it relies on
	Authorization glabella.AuthorizationID `json:"authorization,omitzero"`
	CancelledAt   time.Time                `json:"cancelledAt,omitzero"`
	CancelledFor  glabella.Code            `json:"cancelledFor,omitempty"` // why, such as "consent.photo.revoked"
	Takedown      Takedown                 `json:"takedown,omitzero"`
	Copies        []Copy                   `json:"copies"` // that the practice cannot take down itself
	Provenance    glabella.Provenance      `json:"provenance"`
}

// Ref returns the reference to the publication.
func (p Publication) Ref() glabella.Ref { return p.ID.Ref() }

var digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// Validate reports everything that is wrong with the publication by itself.
func (p Publication) Validate() error {
	issues := check.Struct(p)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if p.Derivative != "" && !digestPattern.MatchString(p.Derivative) {
		add("/derivative", glabella.CodeFormat, "want sha256: and 64 hexadecimal digits")
	}
	if p.Platform != "" && !codePattern.MatchString(p.Platform) {
		add("/platform", glabella.CodeFormat, "a code is lower-case words joined by hyphens")
	}
	codeIssues(add, "/regions", p.Regions)
	if p.State.Valid() {
		shown := p.State == PublicationLive || p.State == PublicationTakedownDue || p.State == PublicationTakenDown
		if shown == p.PublishedAt.IsZero() || shown == p.PublishedBy.IsZero() {
			add("/publishedAt", glabella.CodeMismatch, "a publication was published, by someone, exactly when its state follows that")
		}
		if shown && strings.TrimSpace(p.Where) == "" {
			add("/where", glabella.CodeRequired, "what was published is somewhere")
		}
		if p.State == PublicationScheduled && p.ScheduledFor.IsZero() || p.State == PublicationDraft && !p.ScheduledFor.IsZero() {
			add("/scheduledFor", glabella.CodeMismatch, "a publication that is scheduled has a time, and a draft none")
		}
		if (p.State == PublicationCancelled) == p.CancelledAt.IsZero() {
			add("/cancelledAt", glabella.CodeMismatch, "a publication has a time of cancelling exactly when it is cancelled")
		}
		t := p.Takedown
		due := p.State == PublicationTakedownDue
		if due && (t.RequiredAt.IsZero() || t.Owner.IsZero() || t.DueOn.IsZero() || t.Cause == "") {
			add("/takedown", glabella.CodeRequired, "what is to be taken down has a cause, an owner and a day")
		}
		if !due && p.State != PublicationTakenDown && t != (Takedown{}) {
			add("/takedown", glabella.CodeMismatch, "only what is to be or was taken down has a takedown")
		}
		if done := p.State == PublicationTakenDown; done == t.ConfirmedAt.IsZero() || done == t.ConfirmedBy.IsZero() {
			add("/takedown/confirmedAt", glabella.CodeMismatch, "a takedown is confirmed, by someone, exactly when it is done")
		}
		if !t.ConfirmedAt.IsZero() && t.ConfirmedAt.Before(p.PublishedAt) {
			add("/takedown/confirmedAt", CodeOrder, "taken down before it was published")
		}
	}
	if h := p.Takedown.EvidenceSHA256; h != "" && !hashPattern.MatchString(h) {
		add("/takedown/evidenceSHA256", glabella.CodeFormat, "a hash is 64 lower-case hexadecimal digits")
	}
	for i, c := range p.Copies {
		at := fmt.Sprintf("/copies/%d", i)
		if strings.TrimSpace(c.Where) == "" {
			add(at+"/where", glabella.CodeRequired, "must be given")
		}
		if c.FoundAt.IsZero() {
			add(at+"/foundAt", glabella.CodeRequired, "must be given")
		}
		if !c.InformedAt.IsZero() && c.InformedAt.Before(c.FoundAt) {
			add(at+"/informedAt", CodeOrder, "its holder was informed before it was found")
		}
	}
	issues = append(issues, p.Provenance.Validate("/provenance")...)
	return glabella.Invalid("publication", issues...)
}

// Facts returns the facts with what the publication says of itself, for
// [MayPublish]; when, where the days are counted, and what the patient has answered
// stay as they are in f.
func (p Publication) Facts(f PublishFacts) PublishFacts {
	f.Patient, f.Photo, f.Regions = p.Patient, p.Photo, p.Regions
	f.ShowsFace, f.Deidentified, f.Tagged, f.Remunerated = p.ShowsFace, p.Deidentified, p.Tagged, p.Remunerated
	f.Purpose, f.Channel, f.Platform = p.Purpose, p.Channel, p.Platform
	return f
}

// next returns the publication in the state that the action leads to.
func (p Publication) next(action string) (Publication, error) {
	s, err := PublicationMachine().Next(p.State, action)
	if err != nil {
		return p, err
	}
	p.State = s
	return p, nil
}

// Schedule returns the draft scheduled for an instant. It is decided anew when it
// is published. What is no draft gives a [*glabella.TransitionError].
func (p Publication) Schedule(at time.Time) (Publication, error) {
	out, err := p.next("schedule")
	if err != nil {
		return p, err
	}
	if at.IsZero() {
		return p, glabella.Invalid("publication", glabella.Issue{Path: "/scheduledFor", Code: glabella.CodeRequired, Text: "must be given"})
	}
	out.ScheduledFor = instant(at)
	return out, nil
}

// Unschedule returns the publication as a draft again.
func (p Publication) Unschedule() (Publication, error) {
	out, err := p.next("unschedule")
	if err != nil {
		return p, err
	}
	out.ScheduledFor = time.Time{}
	return out, nil
}

// Publish returns the publication live at a place as of f.At, by a member of staff,
// with the permission that covers it. It asks [MayPublish] with [Publication.Facts], and gives a
// [*glabella.RefusedError] with all its reasons; a publication that has been
// published or cancelled gives a [*glabella.TransitionError].
func (p Publication) Publish(f PublishFacts, where string, by glabella.StaffID) (Publication, error) {
	out, err := p.next("publish")
	if err != nil {
		return p, err
	}
	facts := p.Facts(f)
	if err := glabella.Refuse(MayPublish(facts)); err != nil {
		return p, err
	}
	var issues []glabella.Issue
	if strings.TrimSpace(where) == "" {
		issues = append(issues, glabella.Issue{Path: "/where", Code: glabella.CodeRequired, Text: "what was published is somewhere"})
	}
	if by.IsZero() {
		issues = append(issues, glabella.Issue{Path: "/publishedBy", Code: glabella.CodeRequired, Text: "must be given"})
	}
	if err := glabella.Invalid("publication", issues...); err != nil {
		return p, err
	}
	out.PublishedAt, out.PublishedBy, out.Where = instant(f.At), by, where
	if best, _, _ := facts.nearest(); best != nil {
		out.Permission, out.Authorization = best.ID, best.Authorization
	}
	return out, nil
}

// Cancel returns the draft or scheduled publication cancelled for a cause, which
// may be empty.
func (p Publication) Cancel(at time.Time, cause glabella.Code) (Publication, error) {
	out, err := p.next("cancel")
	if err != nil {
		return p, err
	}
	out.CancelledAt, out.CancelledFor = instant(at), cause
	return out, nil
}

// RequireTakedown returns the live publication due to be taken down by owner, on
// dueOn at the latest.
func (p Publication) RequireTakedown(at time.Time, cause glabella.Code, owner glabella.StaffID, dueOn glabella.Date) (Publication, error) {
	out, err := p.next("require-takedown")
	if err != nil {
		return p, err
	}
	var issues []glabella.Issue
	if cause == "" {
		issues = append(issues, glabella.Issue{Path: "/takedown/cause", Code: glabella.CodeRequired, Text: "must be given"})
	}
	if owner.IsZero() {
		issues = append(issues, glabella.Issue{Path: "/takedown/owner", Code: glabella.CodeRequired, Text: "must be given"})
	}
	if dueOn.IsZero() {
		issues = append(issues, glabella.Issue{Path: "/takedown/dueOn", Code: glabella.CodeRequired, Text: "must be given"})
	}
	if err := glabella.Invalid("publication", issues...); err != nil {
		return p, err
	}
	out.Takedown = Takedown{Cause: cause, RequiredAt: instant(at), Owner: owner, DueOn: dueOn}
	return out, nil
}

// Keep returns the publication live again, if [MayPublish] allows it at f.At: the
// patient has permitted it anew before it was taken down. Otherwise it gives a
// [*glabella.RefusedError].
func (p Publication) Keep(f PublishFacts) (Publication, error) {
	out, err := p.next("keep")
	if err != nil {
		return p, err
	}
	if err := glabella.Refuse(MayPublish(p.Facts(f))); err != nil {
		return p, err
	}
	out.Takedown = Takedown{}
	return out, nil
}

// TakeDown returns the publication taken down, as somebody confirms with a
// reference to the evidence and its hash, which may both be empty.
func (p Publication) TakeDown(at time.Time, by glabella.StaffID, evidence, evidenceSHA256 string) (Publication, error) {
	out, err := p.next("take-down")
	if err != nil {
		return p, err
	}
	if by.IsZero() || at.Before(p.PublishedAt) {
		return p, glabella.Invalid("publication", glabella.Issue{Path: "/takedown/confirmedAt", Code: CodeOrder, Text: "a takedown is confirmed by someone after it was published"})
	}
	out.Takedown.ConfirmedAt, out.Takedown.ConfirmedBy = instant(at), by
	out.Takedown.Evidence, out.Takedown.EvidenceSHA256 = evidence, evidenceSHA256
	return out, nil
}

// Found returns the publication with one more copy that the practice cannot take
// down itself; one that is known is not added again.
func (p Publication) Found(c Copy) Publication {
	if slices.ContainsFunc(p.Copies, func(k Copy) bool { return k.Where == c.Where }) {
		return p
	}
	c.FoundAt = instant(c.FoundAt)
	p.Copies = append(slices.Clone(p.Copies), c)
	return p
}
