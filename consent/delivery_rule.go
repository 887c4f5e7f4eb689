package consent

import (
	"strconv"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of what keeps a delivery from being opened or answered.
const (
	// CodeDeliveryToken says that a token is not that of the delivery.
	CodeDeliveryToken glabella.Code = "consent.delivery.token"
	// CodeDeliveryPatient says that a delivery or an answer is of another patient.
	CodeDeliveryPatient glabella.Code = "consent.delivery.patient"
	// CodeDeliveryEarly says that a delivery is opened before it was sent.
	CodeDeliveryEarly glabella.Code = "consent.delivery.early"
	// CodeDeliveryExpired says that a delivery has expired.
	CodeDeliveryExpired glabella.Code = "consent.delivery.expired"
	// CodeDeliveryRevoked says that the practice has revoked a delivery.
	CodeDeliveryRevoked glabella.Code = "consent.delivery.revoked"
	// CodeDeliverySuperseded says that a newer delivery asks for the same form.
	CodeDeliverySuperseded glabella.Code = "consent.delivery.superseded"
	// CodeDeliveryCompleted says that a delivery has been answered.
	CodeDeliveryCompleted glabella.Code = "consent.delivery.completed"
	// CodeDeliveryRunning says that a delivery has not expired yet.
	CodeDeliveryRunning glabella.Code = "consent.delivery.running"
	// CodeDeliveryForm says that a form that was sent is not known or no longer in force.
	CodeDeliveryForm glabella.Code = "consent.delivery.form"
	// CodeDeliveryMaterial says that a material version of a form has been published since it was sent.
	CodeDeliveryMaterial glabella.Code = "consent.delivery.material"
	// CodeDeliveryAnswer says that a form of a delivery is not answered, or that an answer is to another form.
	CodeDeliveryAnswer glabella.Code = "consent.delivery.answer"
)

// DeliveryFacts are what [EvaluateDelivery] decides on.
type DeliveryFacts struct {
	Delivery Delivery
	Token    string             // compared unless it is empty and the forms are being signed
	Patient  glabella.PatientID // who is known to be there; zero is whoever holds the token
	Signing  bool               // whether the forms are being signed, not only opened
	Forms    []Form             // every version of the practice's forms; looked at when signing
	At       time.Time
}

// EvaluateDelivery decides whether a delivery may be opened, or its forms signed,
// at the instant At. A material version that was published after the forms were
// sent ends that: the patient is to be sent the new text.
func EvaluateDelivery(f DeliveryFacts) glabella.Decision {
	d := f.Delivery
	var reasons []glabella.Reason
	add := func(code glabella.Code, text, fix string) {
		reasons = append(reasons, d.reason(code, text).WithFix(fix))
	}
	if (f.Token != "" || !f.Signing) && !d.holds(f.Token) {
		add(CodeDeliveryToken, "the token is not that of the delivery", "open the address that was sent")
	}
	if !f.Patient.IsZero() && f.Patient != d.Patient {
		add(CodeDeliveryPatient, "the delivery is of another patient", "send the patient their own forms")
	}
	if f.At.Before(d.SentAt) {
		add(CodeDeliveryEarly, "the delivery has not been sent", "check the clock")
	}
	switch d.StateAt(f.At) {
	case DeliverySent, DeliveryOpened:
	case DeliveryExpired:
		add(CodeDeliveryExpired, "the delivery has expired", "send the forms again")
	case DeliverySuperseded:
		add(CodeDeliverySuperseded, "a newer delivery asks for the same form", "open the newest address that was sent")
	case DeliveryCompleted:
		add(CodeDeliveryCompleted, "the delivery has been answered", "send the forms again if they are to be signed anew")
	default:
		add(CodeDeliveryRevoked, "the delivery has been revoked", "send the forms again")
	}
	if f.Signing {
		for _, sent := range d.Forms {
			reasons = append(reasons, f.against(sent)...)
		}
	}
	return glabella.Decide(reasons...)
}

// against returns what keeps a form that was sent from being signed.
func (f DeliveryFacts) against(sent FormVersion) []glabella.Reason {
	var reasons []glabella.Reason
	add := func(r glabella.Reason, form Form) {
		reasons = append(reasons, r.For(form.Ref()).With("form", sent.Code).With("version", strconv.Itoa(sent.Version)).WithFix("send the version in force"))
	}
	known := false
	for _, form := range f.Forms {
		if form.Code != sent.Code {
			continue
		}
		if form.ID == sent.Form && form.Version == sent.Version {
			known = form.InForce(f.At)
		}
		if form.Material && form.Version > sent.Version && form.InForce(f.At) {
			add(f.Delivery.reason(CodeDeliveryMaterial, "a material version of a form has been published since it was sent").
				With("newVersion", strconv.Itoa(form.Version)), form)
		}
	}
	if !known {
		add(f.Delivery.reason(CodeDeliveryForm, "a form that was sent is not known or no longer in force"), Form{})
	}
	return reasons
}

func (d Delivery) reason(code glabella.Code, text string) glabella.Reason {
	return glabella.Denied(code, text).For(d.Ref()).CitedFrom("practice policy: forms are signed from the newest delivery while it is open")
}
