package billing

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// EstimateMethod is how a patient was given an estimate.
type EstimateMethod string

// The methods of 45 CFR 149.610(e): in writing, as the patient asks.
const (
	EstimateOnPaper    EstimateMethod = "paper"
	EstimateElectronic EstimateMethod = "electronic"
)

// EstimateMethods returns every method.
func EstimateMethods() []EstimateMethod { return []EstimateMethod{EstimateOnPaper, EstimateElectronic} }

// Valid reports whether m is one of [EstimateMethods].
func (m EstimateMethod) Valid() bool { return slices.Contains(EstimateMethods(), m) }

// EstimateLine is one item or service that is expected.
type EstimateLine struct {
	Service  string           `json:"service"` // code of the price list
	Name     string           `json:"name"`
	Codes    []string         `json:"codes"`    // of HCPCS, or CPT codes that the host supplies
	Provider glabella.StaffID `json:"provider"` // whose charge it is
	Quantity quantity.Number  `json:"quantity"`
	Amount   money.Amount     `json:"amount"` // what is expected to be charged, with tax
}

// Estimate is a good faith estimate of what will be charged to a patient who is
// uninsured or pays themselves: 45 CFR 149.610. It is never changed; what changes is
// estimated anew.
type Estimate struct {
	ID glabella.EstimateID `json:"id" validate:"required"`
	glabella.Meta
	Patient      glabella.PatientID     `json:"patient" validate:"required"`
	Site         glabella.SiteID        `json:"site" validate:"required"`
	Appointment  glabella.AppointmentID `json:"appointment,omitzero"` // that it is for; none of one that was only asked for
	AskedOn      glabella.Date          `json:"askedOn"`              // when it was booked, or the patient asked
	For          glabella.Date          `json:"for,omitzero"`         // the day of the service, if there is one yet
	Diagnoses    []string               `json:"diagnoses"`            // ICD-10-CM, where there are any
	Lines        []EstimateLine         `json:"lines" validate:"min=1"`
	Total        money.Amount           `json:"total"`
	Method       EstimateMethod         `json:"method"`
	By           glabella.StaffID       `json:"by" validate:"required"` // who gave it
	At           time.Time              `json:"at" validate:"required"`
	ValidThrough glabella.Date          `json:"validThrough"`
}

// Codes of issues with estimates, and of what is found when they are compared.
const (
	// CodeEstimateTotal says that the lines of an estimate do not sum to its total.
	CodeEstimateTotal glabella.Code = "billing.estimate.total"
	// CodeEstimateExcess says that a provider has billed substantially more than was estimated, so that the patient may dispute the bill.
	CodeEstimateExcess glabella.Code = "billing.estimate.excess"
	// CodeEstimateDue says that a good faith estimate is to be given by a day.
	CodeEstimateDue glabella.Code = "billing.estimate.due"
)

var (
	diagnosisForm = regexp.MustCompile(`^[A-TV-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$`) // ICD-10-CM
	serviceForm   = regexp.MustCompile(`^([A-Z][0-9]{4}|[0-9]{4}[0-9A-Z])$`)        // HCPCS level II, and the form of CPT
)

// Ref returns the reference to the estimate.
func (e Estimate) Ref() glabella.Ref { return e.ID.Ref() }

// Validate reports everything that is wrong with the estimate as a record.
func (e Estimate) Validate() error {
	issues := check.Struct(e)
	add := func(wrong bool, path string, code glabella.Code, text string) {
		if wrong {
			issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
		}
	}
	add(!e.Method.Valid(), "/method", glabella.CodeUnknownValue, "not a way to give an estimate")
	add(!e.AskedOn.Valid(), "/askedOn", glabella.CodeRequired, "must be given")
	add(!e.ValidThrough.Valid(), "/validThrough", glabella.CodeRequired, "must be given")
	add(!e.For.IsZero() && e.For.Before(e.AskedOn), "/for", glabella.CodeOutOfRange, "what is over is not estimated")
	for i, d := range e.Diagnoses {
		add(!diagnosisForm.MatchString(d), fmt.Sprintf("/diagnoses/%d", i), glabella.CodeFormat, "not a code of ICD-10-CM")
	}
	sum, s := money.New(0, e.Total.Currency()), summer{}
	for i, l := range e.Lines {
		path := fmt.Sprintf("/lines/%d", i)
		add(l.Service == "", path+"/service", glabella.CodeRequired, "must be given")
		add(l.Provider.IsZero(), path+"/provider", glabella.CodeRequired, "an estimate says whose charge it is")
		add(l.Quantity.Sign() <= 0, path+"/quantity", glabella.CodeOutOfRange, "of more than nothing")
		add(l.Amount.Sign() < 0, path+"/amount", glabella.CodeOutOfRange, "is not negative")
		for k, c := range l.Codes {
			add(!serviceForm.MatchString(c), fmt.Sprintf("%s/codes/%d", path, k), glabella.CodeFormat, "not a code of a service")
		}
		s.add(&sum, l.Amount)
	}
	add(s.err != nil || sum != e.Total, "/total", CodeEstimateTotal, "the lines do not sum to the total")
	return glabella.Invalid("estimate", issues...)
}

// Source of the clocks and of the threshold.
const (
	estimateClock  = "45 CFR 149.610(b)(1)"
	estimateExcess = "45 CFR 149.620"
)

// EstimateRequest says when an estimate was caused, by booking or by asking.
type EstimateRequest struct {
	On       glabella.Date            // when it was booked, or the patient asked what it costs
	For      glabella.Date            // the day of the service; zero if it is not booked
	Holidays func(glabella.Date) bool // days beside the weekend on which the practice is closed; nil has none
}

// business reports whether a day is one on which business is done.
func (r EstimateRequest) business(d glabella.Date) bool {
	w := d.Start(time.UTC).Weekday()
	return w != time.Saturday && w != time.Sunday && (r.Holidays == nil || !r.Holidays(d))
}

// after returns the nth business day after a day.
func (r EstimateRequest) after(d glabella.Date, n int) glabella.Date {
	for n > 0 {
		if d = d.AddDays(1); r.business(d) {
			n--
		}
	}
	return d
}

// Due returns the day by which the estimate is to be given, and false if none is due
// by law: of what is booked at least ten business days ahead, or asked for, within
// three business days; of what is booked at least three ahead, within one; of what is
// booked later than that none, unless the patient asks. See 45 CFR 149.610(b)(1).
func (r EstimateRequest) Due() (glabella.Date, bool) {
	switch {
	case r.For.IsZero(), !r.For.Before(r.after(r.On, 10)):
		return r.after(r.On, 3), true
	case !r.For.Before(r.after(r.On, 3)):
		return r.after(r.On, 1), true
	}
	return glabella.Date{}, false
}

// EstimateDue warns of an estimate that is not given yet.
func EstimateDue(due, today glabella.Date, refs ...glabella.Ref) glabella.Reason {
	return glabella.Warned(CodeEstimateDue, "a good faith estimate is to be given").For(refs...).With("by", due.String()).With("late", fmt.Sprint(today.After(due))).
		WithFix("give the patient a written estimate").CitedFrom(estimateClock)
}

// substantial is how much more than the estimate of a provider lets the patient
// dispute the bill: 45 CFR 149.620.
var substantial = money.New(40000, money.USD)

// EstimateCompared is what one provider has billed beside what was estimated.
type EstimateCompared struct {
	Provider  glabella.StaffID `json:"provider"`
	Estimated money.Amount     `json:"estimated"`
	Billed    money.Amount     `json:"billed"`
	Over      money.Amount     `json:"over"`       // negative if it is less
	Disputed  bool             `json:"disputable"` // at least USD 400 more than estimated
}

// Compare returns what invoices charge beside what was estimated, by provider, and
// warns of each who bills substantially more. Lines that correct others count as the
// rest; tips, and credits that pay, do not change what is charged.
func (e Estimate) Compare(invoices ...Invoice) ([]EstimateCompared, glabella.Decision, error) {
	zero, s := money.New(0, e.Total.Currency()), summer{}
	var out []EstimateCompared
	of := func(who glabella.StaffID) *EstimateCompared {
		i := slices.IndexFunc(out, func(c EstimateCompared) bool { return c.Provider == who })
		if i < 0 {
			i, out = len(out), append(out, EstimateCompared{Provider: who, Estimated: zero, Billed: zero, Over: zero})
		}
		return &out[i]
	}
	for _, l := range e.Lines {
		s.add(&of(l.Provider).Estimated, l.Amount)
	}
	for _, inv := range invoices {
		for _, l := range inv.Lines {
			s.add(&of(l.Provider).Billed, l.Total)
		}
	}
	var reasons []glabella.Reason
	for i := range out {
		c := &out[i]
		s.add(&c.Over, c.Billed)
		s.add(&c.Over, c.Estimated.Neg())
		if more, err := c.Over.Cmp(substantial); err == nil && more >= 0 {
			c.Disputed = true
			reasons = append(reasons, glabella.Warned(CodeEstimateExcess, "the bill is substantially more than was estimated").For(e.Ref(), c.Provider.Ref()).
				With("over", c.Over.String()).WithFix("explain the difference to the patient, or correct the bill").CitedFrom(estimateExcess))
		}
	}
	slices.SortFunc(out, func(a, b EstimateCompared) int { return bytes.Compare(a.Provider[:], b.Provider[:]) })
	return out, glabella.Decide(reasons...), s.err
}
