// Package practicetest plays visits in a small fictional clinic, for the tests
// and benchmarks of hosts and of this module.
//
// [Open] sets the clinic up on any backend, and [Clinic.Visit] plays one visit
// from booking to checkout through the use cases, as a host would:
//
//	clinic, err := practicetest.Open(ctx, backend, nil)
//	visit, err := clinic.Visit(ctx, 1)
//
// Every command carries an idempotency key that is made of the visit's number, so
// that a visit that was interrupted is continued by playing it again.
//
// What it does not do: it is no template for a real clinic's settings.
package practicetest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// Clinic is a practice that is set up and ready for visits.
type Clinic struct {
	*practice.Practice
	Site     config.Site
	Owner    glabella.Actor
	Director glabella.Actor // a physician who examines and cosigns
	Nurse    glabella.Actor // who injects
	Desk     glabella.Actor // the front desk
	Biller   glabella.Actor
	Store    glabella.Actor // who keeps the store room
	Form     glabella.FormID
}

// The products of the clinic, by the GTIN on their packs.
const (
	ToxinGTIN  = "00399999001014"
	SalineGTIN = "00399999003032"
)

// toxin is the substance that the clinic injects.
const toxin = "onabotulinumtoxinA"

func id[I glabella.Identity](name string) I { return glabella.DeriveID[I]("practicetest/" + name) }

// Open opens the clinic on a backend and sets it up if that has not been done.
// The options are those of [practice.New].
func Open(ctx context.Context, b storage.Backend, o *practice.Options) (*Clinic, error) {
	p, err := practice.New(b, o)
	if err != nil {
		return nil, err
	}
	c := &Clinic{Practice: p, Site: site(), Form: id[glabella.FormID]("form")}
	for name, actor := range map[string]*glabella.Actor{"owner": &c.Owner, "director": &c.Director, "nurse": &c.Nurse, "desk": &c.Desk, "biller": &c.Biller, "store": &c.Store} {
		*actor = glabella.StaffActor(id[glabella.StaffID](name), c.Site.ID)
	}
	setup := glabella.SystemActor("practicetest")
	setup.Site = c.Site.ID
	_, err = p.SetUp(ctx, setup, practice.SetUp{
		Command: practice.Command{Key: "practicetest/set-up"},
		Sites:   []config.Site{c.Site}, Staff: c.staff(), Services: services(), Products: products(), Forms: []consent.Form{c.form()}, Charts: []encounter.ChartPolicy{c.charts()},
	})
	return c, err
}

func site() config.Site {
	pack, _ := config.PackFor("US-TX")
	policy := pack.Policy()
	policy.Cosign, policy.CosignSource = []string{"RN"}, "clinic policy"
	policy.Taxes = []config.TaxRule{{Class: "service", Rate: quantity.MustParseNumber("0.0825"), Source: "fictional"}}
	return config.Site{ID: id[glabella.SiteID]("site"), Name: "Test Clinic", Zone: "America/Chicago", Jurisdiction: "US-TX", Currency: money.USD, Language: "en", Policy: policy}
}

func (c *Clinic) staff() []access.Staff {
	since := glabella.Date{Year: 2020, Month: time.January, Day: 1}
	licence := func(kind string) []access.Credential {
		return []access.Credential{{Kind: kind, Number: kind + "-0001", Jurisdiction: "US-TX", ValidFrom: since}}
	}
	training := []access.Training{{Course: "neurotoxin", Completed: since}, {Course: "dermal-filler", Completed: since}}
	member := func(name string, role access.Role, credentials []access.Credential, trainings []access.Training) access.Staff {
		return access.Staff{ID: id[glabella.StaffID](name), Name: "Test " + name, Roles: []access.Role{role}, Credentials: credentials, Trainings: trainings}
	}
	return []access.Staff{
		member("owner", access.Owner, nil, nil),
		member("director", access.MedicalDirector, licence("MD"), training),
		member("nurse", access.NurseInjector, licence("RN"), training),
		member("desk", access.FrontDesk, nil, nil),
		member("biller", access.Biller, nil, nil),
		member("store", access.InventoryManager, nil, nil),
	}
}

func services() []billing.Service {
	return []billing.Service{
		{ID: id[glabella.ServiceID]("neurotoxin"), Code: "neurotoxin", Name: "Neurotoxin, per unit", Kind: billing.ServiceItem, Product: toxin, Basis: billing.PerUnit, Price: money.MustParse("USD 14.00"), TaxClass: "service"},
		{ID: id[glabella.ServiceID]("bank-50"), Code: "bank-50", Name: "50 units prepaid", Kind: billing.UnitBank, Basis: billing.Flat, Price: money.MustParse("USD 600.00"),
			Bank: &billing.BankTerms{Units: quantity.MustParse("50 [arb'U]{" + toxin + "}"), ValidFor: glabella.Period{Years: 1}}},
	}
}

func products() []inventory.Product {
	return []inventory.Product{
		{ID: id[glabella.ProductID]("toxin"), Code: toxin + "-100", Name: "Botox Cosmetic 100 U", Substance: toxin, Class: inventory.ServiceItem, GTINs: []string{ToxinGTIN},
			Container: inventory.VialContainer, Nominal: quantity.MustParse("100 [arb'U]{" + toxin + "}"), Reconstitute: true,
			InUse: inventory.InUse{Hours: 24, SinglePatient: true, Source: "Botox Cosmetic US prescribing information: use within 24 hours of reconstitution"}},
		{ID: id[glabella.ProductID]("saline"), Code: "saline-10", Name: "Sodium chloride 0.9 %, preservative-free, 10 mL", Substance: "saline", Class: inventory.DiluentItem, GTINs: []string{SalineGTIN},
			Container: inventory.VialContainer, Nominal: quantity.MustParse("10 mL{saline}")},
	}
}

// charts is the clinic's policy on charts: it takes no photographs.
func (c *Clinic) charts() encounter.ChartPolicy {
	return encounter.ChartPolicy{ID: encounter.ChartPolicyOf(c.Site.ID), Site: c.Site.ID, Completeness: encounter.CompletenessPolicy{Rules: []encounter.CompletenessRule{
		{Item: encounter.ItemPhotosBefore, Level: encounter.LevelNone}, {Item: encounter.ItemPhotosAfter, Level: encounter.LevelNone},
	}}}
}

func (c *Clinic) form() consent.Form {
	return consent.Form{
		ID: c.Form, Code: "botulinum-toxin", Version: 1, Treatments: []string{"botulinum-toxin"}, Strength: consent.MustAccept, Recurrence: consent.PerVisit, Material: true,
		Contents: []consent.Content{consent.NewContent("en", "Consent to botulinum toxin", "I have been told what may happen.")}, PublishedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

// Visit is what a visit has left behind.
type Visit struct {
	Patient   glabella.PatientID
	Encounter glabella.EncounterID
	Vial      glabella.VialID
	Lot       glabella.LotID
	LotNumber string
	Note      glabella.NoteID
	Invoice   glabella.InvoiceID
	Lines     []glabella.LineID
}

// Visit plays visit number n: a delivery of one vial, a new patient, consent,
// exam, booking, check-in, 64 units of toxin in the upper face, completion,
// signatures, and a checkout with prepaid units, tip and a split tender.
func (c *Clinic) Visit(ctx context.Context, n int) (Visit, error) {
	v, err := c.Prepare(ctx, n)
	if err != nil {
		return v, err
	}
	if _, err := c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Command: key(n, "complete"), Encounter: v.Encounter}); err != nil {
		return v, fmt.Errorf("complete: %w", err)
	}
	return c.finish(ctx, n, v)
}

func key(n int, step string) practice.Command {
	return practice.Command{Key: "practicetest/" + strconv.Itoa(n) + "/" + step}
}

// The times that a visit's commands name. They do not depend on the clock: a
// visit that is played again sends the same commands.
var (
	firstStart = time.Date(2030, time.January, 1, 15, 0, 0, 0, time.UTC) // of the appointment of visit 0; each visit starts an hour later
	signedAt   = time.Date(2026, time.February, 2, 15, 0, 0, 0, time.UTC)
)

// Prepare plays visit number n up to the point where it can be completed.
func (c *Clinic) Prepare(ctx context.Context, n int) (Visit, error) {
	v := Visit{LotNumber: fmt.Sprintf("T%05d", n)}
	fail := func(step string, err error) (Visit, error) { return v, fmt.Errorf("visit %d: %s: %w", n, step, err) }

	received, err := c.ReceiveStock(ctx, c.Store, practice.ReceiveStock{Command: key(n, "receive"), Document: fmt.Sprintf("DN-%d", n), Supplier: "Test Supplier", Lines: []practice.ReceiveLine{
		{Scan: "]d201" + ToxinGTIN + "1731123110" + v.LotNumber, UnitCost: money.MustParse("USD 420.00")},
		{Scan: "]d201" + SalineGTIN + "1731123110S1", UnitCost: money.MustParse("USD 2.00")},
	}})
	if err != nil {
		return fail("receive stock", err)
	}
	v.Lot = received.Lines[0].Lot
	registered, err := c.RegisterPatient(ctx, c.Desk, practice.RegisterPatient{Command: key(n, "register"), Source: glabella.Provenance{Source: glabella.SourcePatient}, Intake: Somebody(n)})
	if err != nil {
		return fail("register", err)
	}
	v.Patient = registered.Patient
	if _, err := c.SellCredit(ctx, c.Desk, practice.SellCredit{Command: key(n, "bank"), Patient: v.Patient, Service: "bank-50", Payments: []practice.Payment{{Kind: billing.Card, Amount: money.MustParse("USD 600.00")}}}); err != nil {
		return fail("sell prepaid units", err)
	}
	start := firstStart.Add(time.Hour * time.Duration(n))
	booked, err := c.BookAppointment(ctx, c.Desk, practice.BookAppointment{Command: key(n, "book"), Patient: v.Patient, Provider: staff(c.Nurse), Room: "1", Service: "neurotoxin", Start: start, End: start.Add(30 * time.Minute)})
	if err != nil {
		return fail("book", err)
	}
	arrived, err := c.CheckIn(ctx, c.Desk, practice.CheckIn{Command: key(n, "check-in"), Appointment: booked.Appointment})
	if err != nil {
		return fail("check in", err)
	}
	v.Encounter = arrived.Encounter
	if _, err := c.RecordConsent(ctx, c.Nurse, practice.RecordConsent{Command: key(n, "consent"), Patient: v.Patient, Form: c.Form, Language: "en", Decision: consent.Accepted, Encounter: v.Encounter,
		Signature: &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: signedAt}}); err != nil {
		return fail("consent", err)
	}
	if _, err := c.RecordClearance(ctx, c.Director, practice.RecordClearance{Command: key(n, "clear"), Patient: v.Patient, Scope: []string{"botulinum-toxin"}, Modality: encounter.InPerson, Decision: encounter.ClearedFor, Findings: "no findings"}); err != nil {
		return fail("clear", err)
	}
	opened, err := c.OpenVial(ctx, c.Nurse, practice.OpenVial{Command: key(n, "open"), Lot: v.LotNumber, DiluentLot: "S1", DiluentVolume: quantity.MustParse("2.5 mL")})
	if err != nil {
		return fail("open vial", err)
	}
	v.Vial = opened.Vial
	chart := Chart(v)
	chart.Command = key(n, "chart")
	if _, err := c.ChartTreatment(ctx, c.Nurse, chart); err != nil {
		return fail("chart", err)
	}
	return v, nil
}

// Names of people who do not exist.
var (
	givenNames  = strings.Fields("Ada Beatriz Chidi Dorota Emeka Farah Gustavo Hana Ibrahim Jolanta Kwame Leilani Mateus Ngozi Oksana Pedro Quynh Rosalind Soraya Tadeusz Ursula Violeta Wanjiru Xiomara Yusuf Zofia")
	familyNames = strings.Fields("Example Beispiel Ejemplo Exemple Esempio Przyklad Voorbeeld Pelda Mfano Contoh Halimbawa Misol Naudio Primer Ornek Rheiddeg Tauira Umzekelo Vzorka")
)

// Somebody returns the intake of fictional person number n. No two of them are
// taken for one.
func Somebody(n int) patient.Intake {
	given := givenNames[n%len(givenNames)]
	family := familyNames[n/len(givenNames)%len(familyNames)]
	if again := n / len(givenNames) / len(familyNames); again > 0 {
		family += " " + strings.Repeat(familyNames[again%len(familyNames)], 1+again/len(familyNames))
	}
	return patient.Intake{
		Names:       []patient.Name{{Use: patient.NameOfficial, Family: family, Given: []string{given}}},
		BirthDate:   glabella.Date{Year: 1940, Month: time.January, Day: 1}.AddDays(n * 7919 % 20000),
		Identifiers: []patient.Identifier{{System: "https://example.org/test", Value: strconv.Itoa(n)}},
	}
}

func staff(a glabella.Actor) glabella.StaffID {
	id, _ := a.Staff()
	return id
}

// finish signs the note of a completed visit and checks out.
func (c *Clinic) finish(ctx context.Context, n int, v Visit) (Visit, error) {
	fail := func(step string, err error) (Visit, error) { return v, fmt.Errorf("visit %d: %s: %w", n, step, err) }
	signed, err := c.SignNote(ctx, c.Nurse, practice.SignNote{Command: key(n, "sign"), Encounter: v.Encounter, Cosigner: staff(c.Director)})
	if err != nil {
		return fail("sign", err)
	}
	v.Note = signed.Note
	if _, err := c.CosignNote(ctx, c.Director, practice.CosignNote{Command: key(n, "cosign"), Note: v.Note}); err != nil {
		return fail("cosign", err)
	}
	// 14 units beyond the bank are USD 196.00 and USD 16.17 tax; the tip is on top.
	out, err := c.CheckOut(ctx, c.Desk, practice.CheckOut{Command: key(n, "check-out"), Encounter: v.Encounter, Tips: []billing.Tip{{Provider: staff(c.Nurse), Amount: money.MustParse("USD 20.00")}},
		Payments: []practice.Payment{{Kind: billing.Card, Amount: money.MustParse("USD 200.00"), Reference: "AUTH-" + strconv.Itoa(n)}, {Kind: billing.Cash, Amount: money.MustParse("USD 32.17")}}})
	if err != nil {
		return fail("check out", err)
	}
	v.Invoice, v.Lines = out.Invoice, out.Lines
	return v, nil
}

// Chart returns the treatment that a visit charts: 64 units in the glabella, the
// forehead and the lateral canthal lines.
func Chart(v Visit) practice.ChartTreatment {
	unit := quantity.MustUnit("[arb'U]{" + toxin + "}")
	four := quantity.Of(4, unit)
	var points []treatment.Point
	add := func(region, muscle string, side glabella.Side, x, y float64) {
		points = append(points, treatment.Point{Seq: len(points) + 1, X: x, Y: y, Region: region, Muscle: muscle, Side: side, Amount: four, Vial: v.Vial, Lot: v.Lot})
	}
	add("glabella", "procerus", glabella.SideMidline, 0.5, 0.375)
	for _, p := range []struct{ dx, y float64 }{{0.06, 0.37}, {0.10, 0.36}} {
		add("glabella", "corrugator-supercilii", glabella.SideRight, 0.5-p.dx, p.y)
		add("glabella", "corrugator-supercilii", glabella.SideLeft, 0.5+p.dx, p.y)
	}
	add("forehead", "frontalis", glabella.SideMidline, 0.5, 0.265)
	for _, p := range []struct{ dx, y float64 }{{0.10, 0.275}, {0.18, 0.29}} {
		add("forehead", "frontalis", glabella.SideRight, 0.5-p.dx, p.y)
		add("forehead", "frontalis", glabella.SideLeft, 0.5+p.dx, p.y)
	}
	for _, p := range []struct{ dx, y float64 }{{0.20, 0.405}, {0.215, 0.425}, {0.20, 0.445}} {
		add("lateral-canthal", "orbicularis-oculi", glabella.SideRight, 0.5-p.dx, p.y)
		add("lateral-canthal", "orbicularis-oculi", glabella.SideLeft, 0.5+p.dx, p.y)
	}
	return practice.ChartTreatment{
		Encounter: v.Encounter, Treatment: "botulinum-toxin", Product: toxin, Total: quantity.Of(int64(4*len(points)), unit), Pregnant: treatment.PregnantNo,
		Maps: []treatment.Map{{Diagram: "face-front", DiagramVersion: 1, Points: points}},
		Values: map[string]string{
			"allergies-reviewed": "true", "medications-reviewed": "true", "vial-units": "100", "diluent": "preservative-free-saline", "diluent-volume": "2.5",
			"reconstituted-at": "2026-11-23T15:00:00Z", "aftercare-given": "true",
		},
	}
}
