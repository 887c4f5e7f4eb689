package consent

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// Channel is the way by which a form reaches a patient.
type Channel string

// The channels.
const (
	ChannelEmail  Channel = "email"
	ChannelSMS    Channel = "sms"
	ChannelPortal Channel = "portal"
	ChannelOnsite Channel = "onsite" // on a device of the practice
)

// Channels returns every channel.
func Channels() []Channel { return []Channel{ChannelEmail, ChannelSMS, ChannelPortal, ChannelOnsite} }

// Valid reports whether c is one of [Channels].
func (c Channel) Valid() bool { return slices.Contains(Channels(), c) }

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	DeliverySent       DeliveryState = "sent"
	DeliveryOpened     DeliveryState = "opened"
	DeliveryCompleted  DeliveryState = "completed"
	DeliveryExpired    DeliveryState = "expired"
	DeliveryRevoked    DeliveryState = "revoked"
	DeliverySuperseded DeliveryState = "superseded" // a newer one asks for one of its forms
)

// DeliveryMachine returns the state machine of a delivery. It can be opened as
// often as the patient likes until it ends.
func DeliveryMachine() state.Machine[DeliveryState] {
	m := state.Machine[DeliveryState]{Name: "delivery", Arrows: []state.Arrow[DeliveryState]{
		{From: DeliverySent, Action: "open", To: DeliveryOpened},
		{From: DeliveryOpened, Action: "open", To: DeliveryOpened},
		{From: DeliveryOpened, Action: "complete", To: DeliveryCompleted},
	}}
	for _, from := range []DeliveryState{DeliverySent, DeliveryOpened} {
		m.Arrows = append(m.Arrows,
			state.Arrow[DeliveryState]{From: from, Action: "expire", To: DeliveryExpired},
			state.Arrow[DeliveryState]{From: from, Action: "revoke", To: DeliveryRevoked},
			state.Arrow[DeliveryState]{From: from, Action: "supersede", To: DeliverySuperseded},
		)
	}
	return m
}

// DeliveryStates returns every state of a delivery.
func DeliveryStates() []DeliveryState { return DeliveryMachine().States() }

// Valid reports whether s is one of [DeliveryStates].
func (s DeliveryState) Valid() bool { return slices.Contains(DeliveryStates(), s) }

// FormVersion is a version of a form that was sent.
type FormVersion struct {
	Form    glabella.FormID `json:"form" validate:"required"`
	Code    string          `json:"code" validate:"required"`
	Version int             `json:"formVersion" validate:"min=1"`
}

// Delivery is a set of forms that was sent to a patient to be signed. Whoever
// holds its token may open it; of the token only the hash is stored.
type Delivery struct {
	ID glabella.DeliveryID `json:"id" validate:"required"`
	glabella.Meta
	Patient     glabella.PatientID   `json:"patient" validate:"required"`
	Forms       []FormVersion        `json:"forms" validate:"min=1,max=50,dive"`
	Language    string               `json:"language" validate:"required"`
	Channel     Channel              `json:"channel" validate:"oneof=email sms portal onsite"`
	TokenSHA256 string               `json:"tokenSHA256" validate:"required"`
	SentAt      time.Time            `json:"sentAt" validate:"required"`
	ExpiresAt   time.Time            `json:"expiresAt" validate:"required"` // it cannot be opened from then on
	State       DeliveryState        `json:"state" validate:"oneof=sent opened completed expired revoked superseded"`
	Opens       int                  `json:"opens,omitempty" validate:"gte=0"`
	OpenedAt    time.Time            `json:"openedAt,omitzero"` // for the first time
	EndedAt     time.Time            `json:"endedAt,omitzero"`  // when it was completed, expired, revoked or superseded
	CompletedBy []glabella.ConsentID `json:"completedBy"`       // the patient's answers
	NextID      glabella.DeliveryID  `json:"next,omitzero"`     // the delivery that superseded it
	Encounter   glabella.EncounterID `json:"encounter,omitzero"`
	Provenance  glabella.Provenance  `json:"provenance"`
}

// Ref returns the reference to the delivery.
func (d Delivery) Ref() glabella.Ref { return d.ID.Ref() }

// Validate reports everything that is wrong with the delivery by itself.
func (d Delivery) Validate() error {
	issues := check.Struct(d)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if tag, err := language.Parse(d.Language); d.Language != "" && (err != nil || tag == language.Und) {
		add("/language", glabella.CodeFormat, "not a BCP 47 language tag")
	}
	if d.TokenSHA256 != "" && !hashPattern.MatchString(d.TokenSHA256) {
		add("/tokenSHA256", glabella.CodeFormat, "a hash is 64 lower-case hexadecimal digits")
	}
	for i, f := range d.Forms {
		if slices.ContainsFunc(d.Forms[:i], func(g FormVersion) bool { return g.Code == f.Code }) {
			add(fmt.Sprintf("/forms/%d/code", i), glabella.CodeDuplicate, "a delivery has one version of each form")
		}
	}
	if !d.SentAt.IsZero() && !d.ExpiresAt.IsZero() && !d.ExpiresAt.After(d.SentAt) {
		add("/expiresAt", CodeOrder, "expires before it was sent")
	}
	if d.State.Valid() {
		if ended := d.State != DeliverySent && d.State != DeliveryOpened; ended == d.EndedAt.IsZero() {
			add("/endedAt", glabella.CodeMismatch, "a delivery has an end exactly when its state is an end")
		}
		opened := d.Opens > 0
		must := d.State == DeliveryOpened || d.State == DeliveryCompleted
		if opened == d.OpenedAt.IsZero() || opened && d.State == DeliverySent || !opened && must {
			add("/opens", glabella.CodeMismatch, "a delivery counts its openings, has the time of the first, and stands where they led")
		}
		if (d.State == DeliveryCompleted) != (len(d.CompletedBy) > 0) {
			add("/completedBy", glabella.CodeMismatch, "a delivery is completed exactly when it has answers")
		}
		if (d.State == DeliverySuperseded) == d.NextID.IsZero() {
			add("/next", glabella.CodeMismatch, "a delivery has a successor exactly when it is superseded")
		}
	}
	issues = append(issues, d.Provenance.Validate("/provenance")...)
	return glabella.Invalid("delivery", issues...)
}

// NewToken returns a token for a delivery and the hash that is stored. The token
// is random in base64url without padding, 43 characters that fit into an address.
// The random bytes come from a source that nobody can guess; they are never used
// twice.
func NewToken(random [32]byte) (token, hash string) {
	token = base64.RawURLEncoding.EncodeToString(random[:])
	return token, TokenHash(token)
}

// TokenHash returns the hex SHA-256 of a token, by which a delivery is found.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// holds reports whether the token is that of the delivery, in a time that does
// not depend on where they differ.
func (d Delivery) holds(token string) bool {
	return subtle.ConstantTimeCompare([]byte(TokenHash(token)), []byte(d.TokenSHA256)) == 1
}

// StateAt returns where the delivery stands at the instant t: what is still open
// is expired from ExpiresAt on, whether or not that was recorded.
func (d Delivery) StateAt(t time.Time) DeliveryState {
	if (d.State == DeliverySent || d.State == DeliveryOpened) && !t.Before(d.ExpiresAt) {
		return DeliveryExpired
	}
	return d.State
}

// Active reports whether the delivery can be opened at the instant t.
func (d Delivery) Active(t time.Time) bool {
	s := d.StateAt(t)
	return s == DeliverySent || s == DeliveryOpened
}

// Redeem returns the delivery opened once more, by whoever holds the token. A
// token that is not its own, a delivery that has ended and an instant before it
// was sent give a [*glabella.RefusedError] with the reasons of
// [EvaluateDelivery].
func (d Delivery) Redeem(token string, now time.Time) (Delivery, error) {
	if err := glabella.Refuse(EvaluateDelivery(DeliveryFacts{Delivery: d, Token: token, At: now})); err != nil {
		return d, err
	}
	next, err := DeliveryMachine().Next(d.State, "open")
	if err != nil {
		return d, err
	}
	d.State = next
	d.Opens++
	if d.OpenedAt.IsZero() {
		d.OpenedAt = instant(now)
	}
	return d, nil
}

// Complete returns the delivery completed by the patient's answers: one for each
// of its forms, in its version and after it was sent. Answers that do not fit
// give a [*glabella.ValidationError]; a delivery that has ended, or one of whose
// forms a material version has been published since, a
// [*glabella.RefusedError]; one that was never opened a
// [*glabella.TransitionError].
func (d Delivery) Complete(now time.Time, forms []Form, answers ...Consent) (Delivery, error) {
	if err := glabella.Refuse(EvaluateDelivery(DeliveryFacts{Delivery: d, Signing: true, Forms: forms, At: now})); err != nil {
		return d, err
	}
	next, err := DeliveryMachine().Next(d.State, "complete")
	if err != nil {
		return d, err
	}
	var issues []glabella.Issue
	for i, f := range d.Forms {
		if !slices.ContainsFunc(answers, func(c Consent) bool { return c.Form == f.Form && c.Code == f.Code && c.Version == f.Version }) {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/forms/%d", i), Code: CodeDeliveryAnswer, Text: "a form of the delivery is not answered"})
		}
	}
	completed := make([]glabella.ConsentID, 0, len(answers))
	for i, c := range answers {
		at := fmt.Sprintf("/completedBy/%d", i)
		known := slices.ContainsFunc(d.Forms, func(f FormVersion) bool {
			return c.Form == f.Form && c.Code == f.Code && c.Version == f.Version
		})
		switch {
		case c.Patient != d.Patient:
			issues = append(issues, glabella.Issue{Path: at, Code: CodeDeliveryPatient, Text: "an answer is of another patient"})
		case !known || slices.Contains(completed, c.ID):
			issues = append(issues, glabella.Issue{Path: at, Code: CodeDeliveryAnswer, Text: "an answer is not to a form of the delivery"})
		case c.givenAt().Before(d.SentAt) || c.givenAt().After(now):
			issues = append(issues, glabella.Issue{Path: at, Code: CodeOrder, Text: "answered before it was sent or later than now"})
		}
		completed = append(completed, c.ID)
	}
	if err := glabella.Invalid("delivery", issues...); err != nil {
		return d, err
	}
	d.State, d.EndedAt, d.CompletedBy = next, instant(now), completed
	return d, nil
}

// Expire returns the delivery expired. It is refused with a
// [*glabella.RefusedError] before its time, and with a
// [*glabella.TransitionError] if it has ended in another way.
func (d Delivery) Expire(now time.Time) (Delivery, error) {
	if d.Active(now) {
		return d, glabella.Refuse(glabella.Decide(d.reason(CodeDeliveryRunning, "the delivery has not expired yet").
			With("until", d.ExpiresAt.UTC().Format(time.RFC3339)).WithFix("revoke it instead")))
	}
	return d.end("expire", now)
}

// Revoke returns the delivery revoked: its token opens nothing any more. One that
// has ended gives a [*glabella.TransitionError].
func (d Delivery) Revoke(now time.Time) (Delivery, error) { return d.end("revoke", now) }

// Supersede returns the delivery superseded by another. One that has ended gives
// a [*glabella.TransitionError].
func (d Delivery) Supersede(by glabella.DeliveryID, now time.Time) (Delivery, error) {
	out, err := d.end("supersede", now)
	if err != nil {
		return d, err
	}
	out.NextID = by
	return out, nil
}

func (d Delivery) end(action string, now time.Time) (Delivery, error) {
	next, err := DeliveryMachine().Next(d.State, action)
	if err != nil {
		return d, err
	}
	d.State, d.EndedAt = next, instant(now)
	return d, nil
}

// Superseding returns the deliveries among existing that a new one ends, each
// superseded as of its SentAt: those of the same patient that are open and ask
// for one of its forms in any version. With them written, at most one token is
// open for a form of a patient.
func Superseding(d Delivery, existing []Delivery) []Delivery {
	var out []Delivery
	for _, old := range existing {
		if old.ID == d.ID || old.Patient != d.Patient || !old.Active(d.SentAt) {
			continue
		}
		if !slices.ContainsFunc(old.Forms, func(f FormVersion) bool {
			return slices.ContainsFunc(d.Forms, func(g FormVersion) bool { return g.Code == f.Code })
		}) {
			continue
		}
		if next, err := old.Supersede(d.ID, d.SentAt); err == nil {
			out = append(out, next)
		}
	}
	return out
}

func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
