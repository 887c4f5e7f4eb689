package practice_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/scheduling"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// expire lets the nurse's licence end on the day before the clinic's first.
func (c *clinic) expire() {
	c.t.Helper()
	nurse, _ := c.Nurse.Staff()
	var member access.Staff
	if err := c.backend.View(c.t.Context(), func(ctx context.Context, tx storage.Tx) (err error) {
		member, err = tx.Staff().Get(ctx, nurse)
		return err
	}); err != nil {
		c.t.Fatal(err)
	}
	member.Credentials[0].ValidTo = glabella.DateOf(opening).AddDays(-1)
	setup := glabella.SystemActor("test")
	setup.Site = c.Site.ID
	must[practice.SetUpDone](c.t)(c.SetUp(c.t.Context(), setup, practice.SetUp{Staff: []access.Staff{member}}))
}

func TestBadInputLeavesAnErrorAJournalRecordAndNothingElse(t *testing.T) {
	t.Parallel()
	chart := func(c *clinic, v practicetest.Visit, change func(in *practice.ChartTreatment)) error {
		in := practicetest.Chart(v)
		if change != nil {
			change(&in)
		}
		_, err := c.ChartTreatment(c.t.Context(), c.Nurse, in)
		return err
	}
	receive := func(c *clinic, scan string) error {
		in := delivery("B1")
		in.Lines[1].Scan = scan
		_, err := c.ReceiveStock(c.t.Context(), c.Store, in)
		return err
	}
	reconstitute := practice.OpenVial{Lot: "A1", DiluentLot: "S1", DiluentVolume: quantity.MustParse("2.5 mL")}
	for _, tt := range []struct {
		name    string
		prepare func(c *clinic) practicetest.Visit
		do      func(c *clinic, v practicetest.Visit) error
		code    glabella.Code
		path    string // of an issue; "" is a decision
		outcome audit.Outcome
	}{
		{
			name: "a lot that was never received",
			do: func(c *clinic, _ practicetest.Visit) error {
				_, err := c.OpenVial(c.t.Context(), c.Nurse, practice.OpenVial{Lot: "NONE"})
				return err
			},
			code: practice.CodeLotUnknown, path: "/lot", outcome: audit.Failed,
		},
		{
			name: "a diluent of a lot that was never received",
			prepare: func(c *clinic) practicetest.Visit {
				must[practice.Received](c.t)(c.ReceiveStock(c.t.Context(), c.Store, delivery("A1")))
				return practicetest.Visit{}
			},
			do: func(c *clinic, _ practicetest.Visit) error {
				in := reconstitute
				in.DiluentLot = "NONE"
				_, err := c.OpenVial(c.t.Context(), c.Nurse, in)
				return err
			},
			code: practice.CodeLotUnknown, path: "/diluentLot", outcome: audit.Failed,
		},
		{
			name: "an expired lot",
			prepare: func(c *clinic) practicetest.Visit {
				must[practice.Received](c.t)(c.ReceiveStock(c.t.Context(), c.Store, delivery("A1")))
				c.clock.advance(6 * 366 * 24 * time.Hour)
				return practicetest.Visit{}
			},
			do: func(c *clinic, _ practicetest.Visit) error {
				_, err := c.OpenVial(c.t.Context(), c.Nurse, reconstitute)
				return err
			},
			code: inventory.CodeLotExpired, outcome: audit.Refused,
		},
		{
			name: "a wrong check digit",
			do: func(c *clinic, _ practicetest.Visit) error {
				return receive(c, "]d201"+practicetest.SalineGTIN[:13]+"0"+"1731123110S1")
			},
			code: inventory.CodeScanCheckDigit, path: "/lines/1/scan", outcome: audit.Failed,
		},
		{
			name: "a product that the catalogue does not have",
			do:   func(c *clinic, _ practicetest.Visit) error { return receive(c, "]d201095011015300031731123110S1") },
			code: practice.CodeProductUnknown, path: "/lines/1/scan", outcome: audit.Failed,
		},
		{
			name:    "a point without a side",
			prepare: func(c *clinic) practicetest.Visit { return c.arrive(arrival{}) },
			do: func(c *clinic, v practicetest.Visit) error {
				return chart(c, v, func(in *practice.ChartTreatment) { in.Maps[0].Points[1].Side = "" })
			},
			code: glabella.CodeRequired, path: "/maps/0/points/1/side", outcome: audit.Failed,
		},
		{
			name:    "a point on the other side of the face than it says",
			prepare: func(c *clinic) practicetest.Visit { return c.arrive(arrival{}) },
			do: func(c *clinic, v practicetest.Visit) error {
				return chart(c, v, func(in *practice.ChartTreatment) { in.Maps[0].Points[1].Side = glabella.SideLeft })
			},
			code: treatment.CodePointSide, path: "/maps/0/points/1/side", outcome: audit.Failed,
		},
		{
			name:    "a product that no template knows",
			prepare: func(c *clinic) practicetest.Visit { return c.arrive(arrival{}) },
			do: func(c *clinic, v practicetest.Visit) error {
				return chart(c, v, func(in *practice.ChartTreatment) { in.Product = "quicksilver" })
			},
			code: glabella.CodeUnknownValue, path: "/product", outcome: audit.Failed,
		},
		{
			name:    "a service that is not on the price list",
			prepare: func(c *clinic) practicetest.Visit { return practicetest.Visit{Patient: c.register()} },
			do: func(c *clinic, v practicetest.Visit) error {
				in := c.booking(v.Patient, opening.Add(time.Hour))
				in.Service = "bloodletting"
				_, err := c.BookAppointment(c.t.Context(), c.Desk, in)
				return err
			},
			code: billing.CodeNoPrice, path: "/service", outcome: audit.Failed,
		},
		{
			name:    "a reason to cancel in free text",
			prepare: func(c *clinic) practicetest.Visit { return c.arrive(arrival{}) },
			do: func(c *clinic, v practicetest.Visit) error {
				_, err := c.CancelVisit(c.t.Context(), c.Nurse, practice.CancelVisit{Encounter: v.Encounter, Reason: "The patient rang."})
				return err
			},
			code: glabella.CodeFormat, path: "/reason", outcome: audit.Failed,
		},
		{
			name:    "points that do not add up to the total",
			prepare: func(c *clinic) practicetest.Visit { return c.arrive(arrival{}) },
			do: func(c *clinic, v practicetest.Visit) error {
				return chart(c, v, func(in *practice.ChartTreatment) {
					in.Total = quantity.MustParse("60 [arb'U]{onabotulinumtoxinA}")
				})
			},
			code: treatment.CodePointsSum, path: "/total", outcome: audit.Failed,
		},
		{
			name:    "a treatment that is none",
			prepare: func(c *clinic) practicetest.Visit { return c.arrive(arrival{}) },
			do: func(c *clinic, v practicetest.Visit) error {
				return chart(c, v, func(in *practice.ChartTreatment) { in.Treatment = "bloodletting" })
			},
			code: practice.CodeTreatmentUnknown, path: "/treatment", outcome: audit.Failed,
		},
		{
			name: "a consent that is not signed",
			prepare: func(c *clinic) practicetest.Visit {
				return c.arrive(arrival{consent: func(in *practice.RecordConsent) { in.Signature = nil }})
			},
			do:   func(c *clinic, v practicetest.Visit) error { return chart(c, v, nil) },
			code: consent.CodeUnsigned, outcome: audit.Refused,
		},
		{
			name: "a consent that was declined",
			prepare: func(c *clinic) practicetest.Visit {
				return c.arrive(arrival{consent: func(in *practice.RecordConsent) { in.Decision = consent.Declined }})
			},
			do:   func(c *clinic, v practicetest.Visit) error { return chart(c, v, nil) },
			code: consent.CodeDeclined, outcome: audit.Refused,
		},
		{
			name: "a consent that was withdrawn",
			prepare: func(c *clinic) practicetest.Visit {
				v := c.arrive(arrival{})
				seen := must[practice.Chart](c.t)(c.Chart(c.t.Context(), c.Nurse, v.Patient))
				c.clock.advance(time.Minute)
				must[practice.ConsentRecorded](c.t)(c.WithdrawConsent(c.t.Context(), c.Nurse, practice.WithdrawConsent{Consent: seen.Consents[0].ID, Reason: "changed-mind"}))
				return v
			},
			do:   func(c *clinic, v practicetest.Visit) error { return chart(c, v, nil) },
			code: consent.CodeWithdrawn, outcome: audit.Refused,
		},
		{
			name: "an injector whose licence has expired charts",
			prepare: func(c *clinic) practicetest.Visit {
				v := c.arrive(arrival{})
				c.expire()
				return v
			},
			do:   func(c *clinic, v practicetest.Visit) error { return chart(c, v, nil) },
			code: access.CodeLicenceExpired, outcome: audit.Refused,
		},
		{
			name: "an injector whose licence has expired opens a vial",
			prepare: func(c *clinic) practicetest.Visit {
				v := c.arrive(arrival{})
				c.expire()
				return v
			},
			do: func(c *clinic, _ practicetest.Visit) error {
				_, err := c.OpenVial(c.t.Context(), c.Nurse, reconstitute)
				return err
			},
			code: access.CodeLicenceExpired, outcome: audit.Denied,
		},
		{
			name: "more than is left in the container is charted in two parts",
			prepare: func(c *clinic) practicetest.Visit {
				return must[practicetest.Visit](c.t)(c.Prepare(c.t.Context(), 1)) // 64 of 100 units are charted
			},
			do: func(c *clinic, v practicetest.Visit) error {
				return chart(c, v, func(in *practice.ChartTreatment) {
					in.Acknowledge = []glabella.Code{treatment.CodeSessionTotal, treatment.CodeCumulative}
				})
			},
			code: inventory.CodeUsageOpened, outcome: audit.Refused,
		},
		{
			name: "a container beyond its time of use is charted",
			prepare: func(c *clinic) practicetest.Visit {
				v := c.arrive(arrival{})
				c.clock.advance(25 * time.Hour)
				return v
			},
			do:   func(c *clinic, v practicetest.Visit) error { return chart(c, v, nil) },
			code: inventory.CodeVialBeyondUse, outcome: audit.Refused,
		},
		{
			name: "a container of another lot than was charted",
			prepare: func(c *clinic) practicetest.Visit {
				v := c.arrive(arrival{})
				v.Lot = must[practice.Received](c.t)(c.ReceiveStock(c.t.Context(), c.Store, delivery("A2"))).Lines[0].Lot
				return v
			},
			do:   func(c *clinic, v practicetest.Visit) error { return chart(c, v, nil) },
			code: inventory.CodeLotMismatch, outcome: audit.Refused,
		},
		{
			name: "a vial of another patient",
			prepare: func(c *clinic) practicetest.Visit {
				first := must[practicetest.Visit](c.t)(c.Visit(c.t.Context(), 1))
				v := c.arrive(arrival{})
				v.Vial, v.Lot = first.Vial, first.Lot
				return v
			},
			do:   func(c *clinic, v practicetest.Visit) error { return chart(c, v, nil) },
			code: inventory.CodeVialOtherPatient, outcome: audit.Refused,
		},
		{
			name: "overlapping appointments",
			prepare: func(c *clinic) practicetest.Visit {
				v := practicetest.Visit{Patient: c.register()}
				must[practice.Booked](c.t)(c.BookAppointment(c.t.Context(), c.Desk, c.booking(c.register(), opening.Add(time.Hour))))
				return v
			},
			do: func(c *clinic, v practicetest.Visit) error {
				_, err := c.BookAppointment(c.t.Context(), c.Desk, c.booking(v.Patient, opening.Add(time.Hour+time.Second)))
				return err
			},
			code: scheduling.CodeOverlapProvider, outcome: audit.Refused,
		},
		{
			name: "a payment of more than is due",
			prepare: func(c *clinic) practicetest.Visit {
				v := must[practicetest.Visit](c.t)(c.Prepare(c.t.Context(), 1))
				must[practice.VisitCompleted](c.t)(c.CompleteVisit(c.t.Context(), c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
				return v
			},
			do: func(c *clinic, v practicetest.Visit) error {
				_, err := c.CheckOut(c.t.Context(), c.Desk, practice.CheckOut{Encounter: v.Encounter, Payments: []practice.Payment{{Kind: billing.Card, Amount: money.MustParse("USD 212.18")}}})
				return err
			},
			code: billing.CodeOverpaid, outcome: audit.Refused,
		},
		{
			name:    "a second checkout",
			prepare: func(c *clinic) practicetest.Visit { return must[practicetest.Visit](c.t)(c.Visit(c.t.Context(), 1)) },
			do: func(c *clinic, v practicetest.Visit) error {
				_, err := c.CheckOut(c.t.Context(), c.Desk, practice.CheckOut{Encounter: v.Encounter})
				return err
			},
			code: practice.CodeSettled, outcome: audit.Refused,
		},
		{
			name:    "a checkout before the visit is completed",
			prepare: func(c *clinic) practicetest.Visit { return must[practicetest.Visit](c.t)(c.Prepare(c.t.Context(), 1)) },
			do: func(c *clinic, v practicetest.Visit) error {
				_, err := c.CheckOut(c.t.Context(), c.Desk, practice.CheckOut{Encounter: v.Encounter})
				return err
			},
			code: storage.CodeTransition, outcome: audit.Refused,
		},
		{
			name:    "prepaid units that are not on the price list",
			prepare: func(c *clinic) practicetest.Visit { return practicetest.Visit{Patient: c.register()} },
			do: func(c *clinic, v practicetest.Visit) error {
				_, err := c.SellCredit(c.t.Context(), c.Desk, practice.SellCredit{Patient: v.Patient, Service: "bank-5"})
				return err
			},
			code: billing.CodeNoPrice, path: "/service", outcome: audit.Failed,
		},
		{
			name: "the same identity is registered again",
			prepare: func(c *clinic) practicetest.Visit {
				must[practicetest.Visit](c.t)(c.Prepare(c.t.Context(), 1))
				return practicetest.Visit{}
			},
			do: func(c *clinic, _ practicetest.Visit) error {
				in := registration("", "Ada")
				in.Intake.Identifiers = canaryIntake().Identifiers
				in.Intake.Identifiers[0].System, in.Intake.Identifiers[0].Value = "https://example.org/test", "1"
				_, err := c.RegisterPatient(c.t.Context(), c.Desk, in)
				return err
			},
			code: practice.CodePatientExists, outcome: audit.Refused,
		},
		{
			name: "a note that the policy has cosigned, without a cosigner",
			prepare: func(c *clinic) practicetest.Visit {
				v := must[practicetest.Visit](c.t)(c.Prepare(c.t.Context(), 1))
				must[practice.VisitCompleted](c.t)(c.CompleteVisit(c.t.Context(), c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
				return v
			},
			do: func(c *clinic, v practicetest.Visit) error {
				_, err := c.SignNote(c.t.Context(), c.Nurse, practice.SignNote{Encounter: v.Encounter})
				return err
			},
			code: glabella.CodeRequired, path: "/cosigner", outcome: audit.Failed,
		},
	} {
		t.Run(tt.name+" is refused", func(t *testing.T) {
			t.Parallel()
			c := open(t)
			var v practicetest.Visit
			if tt.prepare != nil {
				v = tt.prepare(c)
			}
			var err error
			left := c.leaves(func() { err = tt.do(c, v) })
			var transition *glabella.TransitionError
			switch {
			case tt.code == storage.CodeTransition:
				if !errors.As(err, &transition) {
					t.Errorf("err = %v, want a transition that is not possible", err)
				}
			case !slices.Contains(codesOf(err), tt.code):
				t.Errorf("err = %v, want %s", err, tt.code)
			}
			kind := map[audit.Outcome]error{audit.Failed: glabella.ErrInvalid, audit.Refused: glabella.ErrRefused, audit.Denied: glabella.ErrDenied}[tt.outcome]
			if !errors.Is(err, kind) {
				t.Errorf("err = %v, want one that is %v", err, kind)
			}
			var invalid *glabella.ValidationError
			if tt.path != "" && (!errors.As(err, &invalid) || !slices.ContainsFunc(invalid.Issues, func(i glabella.Issue) bool { return i.Path == tt.path && i.Code == tt.code })) {
				t.Errorf("err = %v, want %s at %s", err, tt.code, tt.path)
			}
			c.refusal(left, tt.outcome, tt.code)
		})
	}
}

func TestEveryBadLineOfADeliveryIsNamed(t *testing.T) {
	t.Parallel()
	c := open(t)
	in := delivery("A1")
	in.Lines = append(in.Lines, practice.ReceiveLine{Scan: "nonsense"}, practice.ReceiveLine{Scan: "]d201095011015300031731123110X"})
	_, err := c.ReceiveStock(t.Context(), c.Store, in)
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("err = %v, want a validation error", err)
	}
	var paths []string
	for _, i := range invalid.Issues {
		paths = append(paths, i.Path)
	}
	slices.Sort(paths)
	if want := []string{"/lines/2/scan", "/lines/3/scan"}; !slices.Equal(paths, want) {
		t.Errorf("issues at %v, want %v", paths, want)
	}
}
