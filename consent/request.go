package consent

import (
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/money"
)

// RequestKind is what a patient asks for.
type RequestKind string

// The kinds of request.
const (
	RequestAccess     RequestKind = "access"     // to see or get their records, 45 CFR 164.524
	RequestAmendment  RequestKind = "amendment"  // of their records, 45 CFR 164.526
	RequestAccounting RequestKind = "accounting" // of disclosures, 45 CFR 164.528
)

// RequestKinds returns every kind of request.
func RequestKinds() []RequestKind {
	return []RequestKind{RequestAccess, RequestAmendment, RequestAccounting}
}

// Valid reports whether k is one of [RequestKinds].
func (k RequestKind) Valid() bool { return slices.Contains(RequestKinds(), k) }

// extensionDays is by how much a practice may extend the time to act, once, for
// each kind of request.
const extensionDays = 30

// Days returns the calendar days from receipt within which a practice acts on a
// request, and the paragraph that says so; 0 for an unknown kind.
func (k RequestKind) Days() (int, string) {
	switch k {
	case RequestAccess:
		return 30, "45 CFR 164.524(b)(2)(i)"
	case RequestAmendment:
		return 60, "45 CFR 164.526(b)(2)(i)"
	case RequestAccounting:
		return 60, "45 CFR 164.528(c)(1)"
	}
	return 0, ""
}

// RequestState is where a request stands.
type RequestState string

// The states of a request.
const (
	RequestReceived  RequestState = "received"
	RequestExtended  RequestState = "extended"
	RequestFulfilled RequestState = "fulfilled"
	RequestDenied    RequestState = "denied"
	RequestWithdrawn RequestState = "withdrawn" // by the patient
)

// RequestMachine returns the state machine of a request. A part of it can be
// denied before the rest is fulfilled; a denial that a reviewer does not uphold
// opens it again.
func RequestMachine() state.Machine[RequestState] {
	m := state.Machine[RequestState]{Name: "request", Arrows: []state.Arrow[RequestState]{
		{From: RequestReceived, Action: "extend", To: RequestExtended},
	}}
	for _, from := range []RequestState{RequestReceived, RequestExtended} {
		m.Arrows = append(m.Arrows,
			state.Arrow[RequestState]{From: from, Action: "fulfil", To: RequestFulfilled},
			state.Arrow[RequestState]{From: from, Action: "deny", To: RequestDenied},
			state.Arrow[RequestState]{From: from, Action: "deny-part", To: from},
			state.Arrow[RequestState]{From: from, Action: "withdraw", To: RequestWithdrawn},
		)
	}
	m.Arrows = append(m.Arrows, state.Arrow[RequestState]{From: RequestDenied, Action: "overturn", To: RequestReceived})
	return m
}

// RequestStates returns every state of a request.
func RequestStates() []RequestState { return RequestMachine().States() }

// Valid reports whether s is one of [RequestStates].
func (s RequestState) Valid() bool { return slices.Contains(RequestStates(), s) }

// Open reports whether the practice still has to act.
func (s RequestState) Open() bool { return s == RequestReceived || s == RequestExtended }

// Codes of issues with requests.
const (
	// CodeRequestDue says that the day by which a request is due is not that of the law.
	CodeRequestDue glabella.Code = "consent.request.due"
	// CodeRequestExtension says that a request is extended too late, for too long or without a reason.
	CodeRequestExtension glabella.Code = "consent.request.extension"
	// CodeRequestDenial says that a request is denied for a reason that the law does not give for its kind.
	CodeRequestDenial glabella.Code = "consent.request.denial"
	// CodeRequestReview says that a denial cannot be reviewed, or not by this person.
	CodeRequestReview glabella.Code = "consent.request.review"
	// CodeRequestFormat says that records are given in another form than the patient asked for without their agreement.
	CodeRequestFormat glabella.Code = "consent.request.format"
	// CodeRequestPeriod says that an accounting is asked for a time of more than six years before the request.
	CodeRequestPeriod glabella.Code = "consent.request.period"
	// CodeRequestStatement says that a statement does not fit the denial.
	CodeRequestStatement glabella.Code = "consent.request.statement"
	// CodeRequestOverdue says that the practice has not acted on a request in time.
	CodeRequestOverdue glabella.Code = "consent.request.overdue"
	// CodeRequestNear says that the time to act on a request is about to end.
	CodeRequestNear glabella.Code = "consent.request.near"
)

// Extension is the one extension of the time to act, of which the patient is told
// in writing before that time ends.
type Extension struct {
	NotifiedOn glabella.Date    `json:"notifiedOn" validate:"required"` // when the written statement went out
	Reason     string           `json:"reason" validate:"required"`     // code of the reason for the delay
	Until      glabella.Date    `json:"until" validate:"required"`      // the day by which the practice will act
	By         glabella.StaffID `json:"by" validate:"required"`
}

// Fulfilment is how a practice met a request.
type Fulfilment struct {
	On     glabella.Date    `json:"on" validate:"required"`
	By     glabella.StaffID `json:"by" validate:"required"`
	Format string           `json:"format,omitempty"` // code of the form in which records were given
	Agreed bool             `json:"agreed,omitempty"` // the patient agreed to that form; the one asked for is not readily producible
	Fee    money.Amount     `json:"fee"`              // reasonable and based on cost, 45 CFR 164.524(c)(4)
	Notes  []glabella.Ref   `json:"notes"`            // notes and other records that were amended
	Told   []Party          `json:"told"`             // who was told of an amendment, 45 CFR 164.526(c)(3)
}

// Request is what a patient asked for under their rights to see, amend and
// account for their records, and the clock that runs since.
type Request struct {
	ID glabella.RequestID `json:"id" validate:"required"`
	glabella.Meta
	Patient    glabella.PatientID `json:"patient" validate:"required"`
	Kind       RequestKind        `json:"kind" validate:"oneof=access amendment accounting"`
	ReceivedOn glabella.Date      `json:"receivedOn" validate:"required"` // at the practice, in its zone
	By         SignerRole         `json:"by" validate:"oneof=patient guardian representative"`
	Signer     Signer             `json:"signer,omitzero"`  // who asked, if not the patient
	Format     string             `json:"format,omitempty"` // code of the form that was asked for, such as pdf or paper
	Records    []glabella.Ref     `json:"records"`          // what it is about; none are all
	From       glabella.Date      `json:"from,omitzero"`    // first day of the accounting
	Until      glabella.Date      `json:"until,omitzero"`   // its last day
	Text       string             `json:"text,omitempty"`   // in the patient's words
	State      RequestState       `json:"state" validate:"oneof=received extended fulfilled denied withdrawn"`
	DueOn      glabella.Date      `json:"dueOn" validate:"required"` // without an extension
	Extension  *Extension         `json:"extension,omitempty"`
	Denial     *Denial            `json:"denial,omitempty"` // of all of it, or of a part
	Fulfilment *Fulfilment        `json:"fulfilment,omitempty"`
	EndedOn    glabella.Date      `json:"endedOn,omitzero"` // when it was withdrawn

	Provenance glabella.Provenance `json:"provenance"`
}

// NewRequest returns the request with its state and the day by which the practice
// has to act.
func NewRequest(r Request) Request {
	days, _ := r.Kind.Days()
	r.State, r.DueOn = RequestReceived, r.ReceivedOn.AddDays(days)
	return r
}

// Ref returns the reference to the request.
func (r Request) Ref() glabella.Ref { return r.ID.Ref() }

// Due returns the last day on which the practice acts in time: that of the
// extension if there is one.
func (r Request) Due() glabella.Date {
	if r.Extension != nil {
		return r.Extension.Until
	}
	return r.DueOn
}

// Validate reports everything that is wrong with the request by itself.
func (r Request) Validate() error {
	issues := check.Struct(r)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	days := []struct {
		path string
		day  glabella.Date
	}{{"/receivedOn", r.ReceivedOn}, {"/dueOn", r.DueOn}, {"/from", r.From}, {"/until", r.Until}, {"/endedOn", r.EndedOn}}
	for _, d := range days {
		if !d.day.IsZero() && !d.day.Valid() {
			add(d.path, glabella.CodeFormat, "not a day that exists")
		}
	}
	if n, _ := r.Kind.Days(); n > 0 && r.DueOn != r.ReceivedOn.AddDays(n) {
		add("/dueOn", CodeRequestDue, fmt.Sprintf("due %d days after receipt", n))
	}
	if r.Format != "" && !codePattern.MatchString(r.Format) {
		add("/format", glabella.CodeFormat, "not a code")
	}
	if r.By == SignerPatient && !r.Signer.IsZero() {
		add("/signer", glabella.CodeMismatch, "the patient needs no other signer")
	}
	if r.Kind != RequestAccounting && (!r.From.IsZero() || !r.Until.IsZero()) {
		add("/from", glabella.CodeMismatch, "only an accounting is of a time")
	}
	if !r.From.IsZero() && r.From.Before(r.ReceivedOn.Add(glabella.Period{Years: -6})) {
		add("/from", CodeRequestPeriod, "an accounting goes back six years")
	}
	if !r.From.IsZero() && !r.Until.IsZero() && r.Until.Before(r.From) {
		add("/until", CodeOrder, "ends before it begins")
	}
	issues = append(issues, r.stateIssues()...)
	if r.Extension != nil {
		issues = append(issues, r.extensionIssues(*r.Extension)...)
	}
	if r.Denial != nil {
		issues = append(issues, r.Denial.issues(r.Kind, r.ReceivedOn)...)
	}
	if f := r.Fulfilment; f != nil {
		issues = append(issues, r.fulfilmentIssues(*f)...)
	}
	issues = append(issues, r.Provenance.Validate("/provenance")...)
	return glabella.Invalid("request", issues...)
}

func (r Request) stateIssues() []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: glabella.CodeMismatch, Text: text})
	}
	if !r.State.Valid() {
		return nil
	}
	if r.State == RequestExtended && r.Extension == nil || r.State == RequestReceived && r.Extension != nil && !r.overturned() {
		add("/extension", "a request that waits is extended exactly when it has an extension")
	}
	if (r.State == RequestFulfilled) != (r.Fulfilment != nil) {
		add("/fulfilment", "a request is fulfilled exactly when it says how")
	}
	whole := r.Denial != nil && !r.Denial.Partial && !r.overturned()
	if (r.State == RequestDenied) != whole {
		add("/denial", "a request is denied exactly when all of it is")
	}
	if (r.State == RequestWithdrawn) == r.EndedOn.IsZero() {
		add("/endedOn", "a request has the day of its withdrawal exactly when it is withdrawn")
	}
	if !r.EndedOn.IsZero() && r.EndedOn.Before(r.ReceivedOn) {
		issues = append(issues, glabella.Issue{Path: "/endedOn", Code: CodeOrder, Text: "withdrawn before it was received"})
	}
	return issues
}

// overturned reports whether a reviewer did not uphold the denial.
func (r Request) overturned() bool {
	return r.Denial != nil && r.Denial.Review != nil && !r.Denial.Review.DecidedOn.IsZero() && !r.Denial.Review.Upheld
}

func (r Request) extensionIssues(e Extension) []glabella.Issue {
	var issues []glabella.Issue
	add := func(path, text string) {
		issues = append(issues, glabella.Issue{Path: "/extension" + path, Code: CodeRequestExtension, Text: text})
	}
	if e.NotifiedOn.Before(r.ReceivedOn) || e.NotifiedOn.After(r.DueOn) {
		add("/notifiedOn", "the patient is told in writing after receipt and before the request is due")
	}
	if !e.Until.After(r.DueOn) || e.Until.After(r.DueOn.AddDays(extensionDays)) {
		add("/until", fmt.Sprintf("an extension is by 1 to %d days", extensionDays))
	}
	if !codePattern.MatchString(e.Reason) {
		add("/reason", "an extension has a reason, as a code")
	}
	return issues
}

func (r Request) fulfilmentIssues(f Fulfilment) []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: "/fulfilment" + path, Code: code, Text: text})
	}
	if f.On.Before(r.ReceivedOn) {
		add("/on", CodeOrder, "fulfilled before it was received")
	}
	if r.Kind == RequestAccess {
		switch {
		case !codePattern.MatchString(f.Format):
			add("/format", glabella.CodeRequired, "access has a form, as a code")
		case r.Format != "" && f.Format != r.Format && !f.Agreed:
			add("/format", CodeRequestFormat, "records are given in the form that was asked for, or one that the patient agreed to")
		}
	}
	if r.Kind == RequestAmendment && len(f.Notes) == 0 {
		add("/notes", glabella.CodeRequired, "an amendment names what was amended")
	}
	if r.Kind == RequestAmendment && !f.Fee.IsZero() {
		add("/fee", glabella.CodeMismatch, "an amendment has no fee")
	}
	return issues
}

// Extend returns the request extended once. A statement that comes too late, says
// no reason or goes beyond 30 days gives a [*glabella.ValidationError]; a request
// that is not waiting or was extended before a [*glabella.TransitionError].
func (r Request) Extend(e Extension) (Request, error) {
	next, err := RequestMachine().Next(r.State, "extend")
	if err == nil && r.Extension != nil {
		err = &glabella.TransitionError{Machine: "request", From: string(r.State), Action: "extend"}
	}
	if err != nil {
		return r, err
	}
	if err := glabella.Invalid("request", r.extensionIssues(e)...); err != nil {
		return r, err
	}
	r.State, r.Extension = next, &e
	return r, nil
}

// Fulfil returns the request fulfilled, late or not. A fulfilment that does not
// fit gives a [*glabella.ValidationError], one that has ended a
// [*glabella.TransitionError].
func (r Request) Fulfil(f Fulfilment) (Request, error) {
	next, err := RequestMachine().Next(r.State, "fulfil")
	if err != nil {
		return r, err
	}
	if err := glabella.Invalid("request", r.fulfilmentIssues(f)...); err != nil {
		return r, err
	}
	f.Notes, f.Told = slices.Clone(f.Notes), slices.Clone(f.Told)
	r.State, r.Fulfilment = next, &f
	return r, nil
}

// Withdraw returns the request withdrawn by the patient; one that has ended gives
// a [*glabella.TransitionError].
func (r Request) Withdraw(on glabella.Date) (Request, error) {
	next, err := RequestMachine().Next(r.State, "withdraw")
	if err != nil {
		return r, err
	}
	r.State, r.EndedOn = next, on
	return r, nil
}

// Timely reports whether the practice acted in time, or still can today.
func (r Request) Timely(today glabella.Date) bool {
	on := today
	switch r.State {
	case RequestFulfilled:
		on = r.Fulfilment.On
	case RequestDenied:
		on = r.Denial.On
	case RequestWithdrawn:
		on = r.EndedOn
	}
	return !on.After(r.Due())
}

// FreeAccounting reports whether the practice gives the accounting that r asks
// for without charge: no other accounting was given to the patient in the twelve
// months before (45 CFR 164.528(c)(2)).
func FreeAccounting(requests []Request, r Request) bool {
	since := r.ReceivedOn.Add(glabella.Period{Years: -1})
	return !slices.ContainsFunc(requests, func(o Request) bool {
		return o.ID != r.ID && o.Patient == r.Patient && o.Kind == RequestAccounting && o.State == RequestFulfilled &&
			o.Fulfilment.On.After(since) && !o.ReceivedOn.After(r.ReceivedOn)
	})
}
