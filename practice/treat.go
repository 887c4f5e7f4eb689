package practice

import (
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// CodeTreatmentUnknown says that no published template has this code.
const CodeTreatmentUnknown glabella.Code = "practice.treatment.unknown"

// MayTreat is the question of [Practice.MayTreat].
type MayTreat struct {
	Patient    glabella.PatientID
	Encounter  glabella.EncounterID // the visit, for consents that are given per visit
	Treatment  string               // code of the template
	Product    string               // substance, code of [treatment.Product]
	Performer  glabella.StaffID
	Pregnant   string    // one of the answers such as treatment.PregnantNo; empty is unknown
	Conditions []string  // codes of conditions that were found today: "infection-at-site"
	SkinType   int       // Fitzpatrick, 1 to 6; zero is as charted last
	At         time.Time // when; zero is now
	// Supervision is how near the prescriber is whose order the performer treats
	// under; empty is not known.
	Supervision encounter.Supervision
	// Therapeutic says that the purpose is medical: some age limits are for
	// cosmetic treatments only.
	Therapeutic bool
}

// MayTreat answers whether a performer may treat a patient: consents, the
// patient's age on that day, the good-faith exam, contraindications, the interval since the last treatment, the
// performer's licence and trainings, the standing order that they treat under,
// and whether the product is there. It evaluates everything; a refusal carries
// all of its reasons and what would settle each. It never says that a treatment is
// safe.
func (p *Practice) MayTreat(ctx context.Context, actor glabella.Actor, q MayTreat) (glabella.Decision, error) {
	return query(ctx, p, actor, access.TreatmentScreen, q.Patient, func(ctx context.Context, r *storage.Reading) (glabella.Decision, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return glabella.Decision{}, err
		}
		when := q.At
		if when.IsZero() {
			when = r.Now()
		}
		known, err := p.load(ctx, readerOf(r), q)
		if err != nil {
			return glabella.Decision{}, err
		}
		if known.stock, err = stockOf(ctx, r, site, q.Product); err != nil {
			return glabella.Decision{}, err
		}
		d, _, err := p.mayTreat(known, site, q, when)
		return d, err
	})
}

// chartReader is what the question needs to read; both kinds of transaction
// offer it.
type chartReader struct {
	merges      storage.SeenMerges
	histories   storage.SeenHistories
	proposals   storage.SeenProposals
	patients    storage.SeenPatients
	allergies   storage.SeenAllergies
	medications storage.SeenMedications
	forms       storage.SeenForms
	consents    storage.SeenConsents
	discussions storage.SeenDiscussions
	clearances  storage.SeenClearances
	encounters  storage.SeenEncounters
	vitals      storage.SeenVitals
	orders      storage.SeenStandingOrders
	staff       storage.SeenStaff
	rules       access.Rules
}

func readerOf(r *storage.Reading) chartReader {
	return chartReader{r.Merges(), r.Histories(), r.Proposals(), r.Patients(), r.Allergies(), r.Medications(), r.Forms(), r.Consents(), r.Discussions(), r.Clearances(), r.Encounters(), r.Vitals(), r.StandingOrders(), r.Staff(), r.Rules()}
}

func readerIn(w *work) chartReader {
	return chartReader{w.Merges().Seen, w.Histories().Seen, w.Proposals().Seen, w.Patients().Seen, w.Allergies().Seen, w.Medications().Seen, w.Forms().Seen, w.Consents().Seen, w.Discussions().Seen, w.Clearances().Seen, w.Encounters().Seen, w.Vitals().Seen, w.StandingOrders().Seen, w.Staff().Seen, w.Rules()}
}

// known is what is known when it is asked whether a patient may be treated.
type known struct {
	patient     patient.Patient
	allergies   []patient.Allergy
	medications []patient.Medication
	histories   []patient.History // one of each record of the person
	proposals   []patient.Proposal
	visits      []encounter.Encounter
	vitals      []encounter.Vitals
	forms       []consent.Form
	consents    []consent.Consent
	discussions []consent.Discussion
	clearances  []encounter.Clearance
	orders      []encounter.StandingOrder
	performer   access.Staff
	rules       access.Rules
	stock       glabella.Decision
	given       *treatment.Record // what is about to be charted; nil before
}

// load reads what is known.
func (p *Practice) load(ctx context.Context, r chartReader, q MayTreat) (known, error) {
	k := known{rules: r.rules, stock: glabella.Decide()}
	who, err := personOf(ctx, r.merges, q.Patient)
	if err != nil {
		return k, err
	}
	for _, load := range []func() error{
		func() (err error) { k.patient, err = who.view(ctx, r.patients); return },
		func() (err error) { k.allergies, err = facts(ctx, who, r.allergies); return },
		func() (err error) { k.medications, err = facts(ctx, who, r.medications); return },
		func() (err error) { k.proposals, err = facts(ctx, who, r.proposals); return },
		func() (err error) { k.histories, err = facts(ctx, who, r.histories); return },
		func() (err error) { k.visits, err = visitsOf(ctx, who, r.encounters); return },
		func() (err error) { k.vitals, err = facts(ctx, who, r.vitals); return },
		func() (err error) { k.forms, err = r.forms.All(ctx, storage.FormQuery{}); return },
		func() (err error) { k.consents, err = facts(ctx, who, r.consents); return },
		func() (err error) { k.discussions, err = facts(ctx, who, r.discussions); return },
		func() (err error) { k.clearances, err = facts(ctx, who, r.clearances); return },
		func() (err error) { k.orders, err = r.orders.All(ctx, storage.StandingOrderQuery{}); return },
		func() (err error) { k.performer, err = r.staff.Get(ctx, q.Performer); return },
	} {
		if err := load(); err != nil {
			return k, err
		}
	}
	k.join(q.Patient)
	return k, nil
}

// join has the facts of all records of the person be those of one, for rules that
// look at whose they are.
func (k *known) join(id glabella.PatientID) {
	k.patient.ID = id
	for i := range k.allergies {
		k.allergies[i].Patient = id
	}
	for i := range k.medications {
		k.medications[i].Patient = id
	}
	for i := range k.vitals {
		k.vitals[i].Patient = id
	}
	for i := range k.consents {
		k.consents[i].Patient = id
	}
	for i := range k.discussions {
		k.discussions[i].Patient = id
	}
	for i := range k.clearances {
		k.clearances[i].Patient = id
	}
}

// CodeNoStock says that nothing of the product is in stock at the site that may be used.
const CodeNoStock glabella.Code = "practice.stock.none"

// stockOf warns if the site has nothing of a product that may be used.
func stockOf(ctx context.Context, r *storage.Reading, site place, substance string) (glabella.Decision, error) {
	if substance == "" {
		return glabella.Decide(), nil
	}
	products, err := r.Products().All(ctx, storage.ProductQuery{})
	if err != nil {
		return glabella.Decision{}, err
	}
	for _, product := range products {
		if product.Substance != substance {
			continue
		}
		lots, err := r.Lots().All(ctx, storage.LotQuery{Product: product.ID})
		if err != nil {
			return glabella.Decision{}, err
		}
		balances, err := r.Balances().All(ctx, storage.BalanceQuery{Product: product.ID, Site: site.ID})
		if err != nil {
			return glabella.Decision{}, err
		}
		for _, b := range balances {
			if len(inventory.FEFO(lots, []inventory.Balance{b}, product.ID, b.OnHand, site.today)) > 0 {
				return glabella.Decide(), nil
			}
		}
	}
	return glabella.Decide(glabella.Warned(CodeNoStock, "nothing of the product is in stock here that may be used").For(site.Ref()).
		With("product", substance).WithFix("receive stock, or have it transferred")), nil
}

// mayTreat returns the decision, and the facts that the template was screened
// with. It reads nothing and knows no clock.
func (p *Practice) mayTreat(k known, site place, q MayTreat, when time.Time) (glabella.Decision, treatment.Facts, error) {
	template := p.template(q.Treatment)
	if template == nil {
		return glabella.Decision{}, treatment.Facts{}, glabella.Invalid("treatment", glabella.Issue{Path: "/treatment", Code: CodeTreatmentUnknown, Text: "no published template has this code"})
	}
	on := glabella.DateOf(when.In(site.zone))
	screening, err := p.screening(k, site, q, on)
	if err != nil {
		return glabella.Decision{}, treatment.Facts{}, err
	}
	kinds := k.performer.Kinds(site.Jurisdiction, on)
	order := encounter.DelegationFacts{
		Required: site.Policy.NeedsOrder(kinds) && template.Clearance, Treatment: template.Code, Product: q.Product, Performer: q.Performer, PerformerKinds: kinds, Patient: q.Patient,
		Orders: k.orders, At: when, Zone: site.zone, Orderers: site.Policy.Examiners, Supervision: q.Supervision, Source: site.Policy.OrdersSource,
	}
	if k.given != nil {
		if order.Amounts, err = amountsOf(*k.given); err != nil {
			return glabella.Decision{}, treatment.Facts{}, err
		}
		order.Regions = k.given.Regions()
	}
	asked := p.consentFacts(k, site, q, when)
	age := p.minorFacts(k.patient, site, on)
	age.Stage, age.Classes, age.Cosmetic, age.Performer, age.Directed = consent.StageTreatment, p.agedClasses(q.Treatment, q.Product), !q.Therapeutic, kinds, directed(order, age.Rules.Bans)
	if asked.Minor = age.IsMinor(); asked.Minor {
		age.Guardian = consent.GuardianConsent(asked)
	}
	return glabella.Join(
		access.AuthorizeTreatment(access.TreatmentFacts{Rules: k.rules, Performer: k.performer, Treatment: template.Code, Site: site.ID, Jurisdiction: site.Jurisdiction, On: on}),
		consent.Evaluate(asked),
		consent.EvaluateMinor(age),
		encounter.EvaluateClearance(encounter.ClearanceFacts{Required: template.Clearance, Treatment: template.Code, Product: q.Product, Patient: q.Patient, Clearances: k.clearances,
			At: when, Zone: site.zone, MaterialChangeAt: lastHealthChange(k.allergies, k.medications), Examiners: site.Policy.Examiners, Source: site.Policy.ClearanceSource,
			Modalities: site.Policy.Modalities, ModalitySource: site.Policy.ModalitiesSource}),
		encounter.EvaluateDelegation(order),
		template.Screen(screening),
		k.stock,
	), screening, nil
}

// amountsOf returns what a record gives, by region.
func amountsOf(r treatment.Record) (map[string]quantity.Quantity, error) {
	out := map[string]quantity.Quantity{}
	for _, pt := range r.Points() {
		sum, err := out[pt.Region].Add(pt.Amount)
		if err != nil {
			return nil, err
		}
		out[pt.Region] = sum
	}
	return out, nil
}

// screening gathers what the template's rules are asked about.
func (p *Practice) screening(k known, site place, q MayTreat, on glabella.Date) (treatment.Facts, error) {
	f := treatment.Facts{On: on, Age: treatment.AgeUnknown, Product: q.Product, Pregnant: q.Pregnant, SkinType: q.SkinType}
	if f.Pregnant == "" {
		f.Pregnant = treatment.PregnantUnknown
	}
	for _, c := range q.Conditions {
		f.Conditions = append(f.Conditions, treatment.Finding{Classes: []string{c}, Ref: k.patient.ID})
	}
	for _, c := range k.patient.Conditions {
		if !on.Before(c.From) {
			f.Conditions = append(f.Conditions, treatment.Finding{Classes: c.Classes, Ref: k.patient.ID, Until: until(c.ActiveOn(on), c.To)})
		}
	}
	k.history(&f, on, site.zone)
	p.reported(&f, k.proposals, on)
	if !k.patient.BirthDate.IsZero() {
		f.Age = k.patient.BirthDate.Age(on)
	}
	for i := range k.allergies {
		if a := &k.allergies[i]; a.Active() {
			f.Allergies = append(f.Allergies, treatment.Finding{Classes: a.Classes, Ref: a})
		}
	}
	f.Medications = make([]treatment.Finding, 0, len(k.medications))
	for i := range k.medications {
		m := &k.medications[i]
		if active := m.ActiveOn(on); active || m.Status != patient.MedicationEnteredInError && !m.To.IsZero() && !on.Before(m.From) {
			f.Medications = append(f.Medications, treatment.Finding{Classes: m.Classes, Ref: m, Until: until(active, m.To)})
		}
	}
	if kg, _, ok := encounter.WeightOn(k.vitals, q.Patient, on, site.zone); ok {
		f.Weight = quantity.Number{Decimal: kg.Value()}
	}
	f.Done = make([]treatment.Done, 0, len(k.visits))
	h := p.newHistory(&f, q, site.zone)
	for i := range k.visits {
		if err := h.add(&k.visits[i]); err != nil {
			return f, err
		}
	}
	for i := range k.histories {
		for _, prior := range k.histories[i].Treatments {
			h.elsewhere(prior)
		}
	}
	return f, nil
}

// reported adds what was reported and nobody has decided on: a risk counts until
// somebody has looked at it.
func (p *Practice) reported(f *treatment.Facts, proposals []patient.Proposal, on glabella.Date) {
	for i := range proposals {
		allergies, medications, conditions := proposals[i].Reported()
		for _, a := range allergies {
			f.Allergies = append(f.Allergies, treatment.Finding{Classes: p.classesOf(a.Substance, a.Classes), Ref: &proposals[i]})
		}
		for _, m := range medications {
			f.Medications = append(f.Medications, treatment.Finding{Classes: p.classesOf(m.Substance, m.Classes), Ref: &proposals[i]})
		}
		for _, c := range conditions {
			if !on.Before(c.From) {
				f.Conditions = append(f.Conditions, treatment.Finding{Classes: c.Classes, Ref: &proposals[i], Until: c.To})
			}
		}
	}
}

// history adds what the patient's history says: conditions that follow from it,
// an answer on pregnancy that was given that day, and the skin type that was
// assessed last.
func (k *known) history(f *treatment.Facts, on glabella.Date, zone *time.Location) {
	var skin patient.SkinAssessment
	for i := range k.histories {
		h := &k.histories[i]
		for _, c := range patient.ConditionsOf(*h, on) {
			f.Conditions = append(f.Conditions, treatment.Finding{Classes: c.Classes, Ref: h})
		}
		if answer := h.PregnancyOn(on, patient.PregnancyPolicy{}); f.Pregnant == treatment.PregnantUnknown && !answer.Stale {
			switch answer.Status.Status {
			case patient.Pregnant:
				f.Pregnant = treatment.PregnantYes
			case patient.NotPregnant, patient.Breastfeeding:
				f.Pregnant = treatment.PregnantNo
			}
		}
		if last, ok := h.SkinAt(on.AddDays(1).Start(zone)); ok && last.At.After(skin.At) {
			skin = last
		}
	}
	if f.SkinType == 0 && skin.Type != "" {
		f.SkinType = 1 + slices.Index(patient.SkinTypes(), skin.Type)
	}
}

// until is the last day of what has ended, and zero for what has not.
func until(active bool, to glabella.Date) glabella.Date {
	if active {
		return glabella.Date{}
	}
	return to
}

// lastHealthChange returns when the allergies or medications last changed: an
// exam from before that does not know of it.
func lastHealthChange(allergies []patient.Allergy, medications []patient.Medication) time.Time {
	var last time.Time
	for _, a := range allergies {
		last = later(last, a.CreatedAt)
	}
	for _, m := range medications {
		last = later(last, m.CreatedAt)
	}
	return last
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// classesOf adds to the classes that were given those that follow from the
// substance's code.
func (p *Practice) classesOf(substance glabella.Coding, given []string) []string {
	out := slices.Clone(given)
	for _, c := range treatment.ClassesOf(substance) {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}
