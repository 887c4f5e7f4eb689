package practice

import (
	"slices"
	"sync"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
)

// minors are the rules on minors of jurisdictions, which are not to be changed.
var minors sync.Map // of string to config.Minors

func minorsIn(jurisdiction string) config.Minors {
	if known, ok := minors.Load(jurisdiction); ok {
		return known.(config.Minors)
	}
	pack, ok := config.PackFor(jurisdiction)
	if ok {
		minors.Store(jurisdiction, pack.Minors)
	}
	return pack.Minors
}

// minorFacts returns what is known of the patient's age at a site on a day.
func (p *Practice) minorFacts(who patient.Patient, site place, on glabella.Date) consent.MinorFacts {
	return consent.MinorFacts{
		Patient: who.ID, BirthDate: who.BirthDate, On: on, Jurisdiction: site.Jurisdiction, Rules: minorsIn(site.Jurisdiction),
		AdultAge: site.Policy.AdultAge, AgeSource: site.Policy.AdultAgeSource,
	}
}

// agedClasses returns what a treatment with a product is, for rules on the age:
// its code, and the family and the classes of the product.
func (p *Practice) agedClasses(template, product string) []string {
	out := []string{template}
	if known := p.product(product); known != nil {
		out = append(append(out, string(known.Family)), known.Classes...)
	}
	return out
}

// bookedClasses is like agedClasses for a service that is booked before anybody
// has chosen a product: it is then of the family that all products of its
// template have, and of the classes that they share.
func (p *Practice) bookedClasses(template, product string) []string {
	out := p.agedClasses(template, product)
	t := p.template(template)
	if product != "" || t == nil || len(t.Products) == 0 {
		return out
	}
	shared := p.agedClasses(template, t.Products[0])
	for _, code := range t.Products[1:] {
		of := p.agedClasses(template, code)
		shared = slices.DeleteFunc(shared, func(c string) bool { return !slices.Contains(of, c) })
	}
	return shared
}

// directed reports whether a doctor directs this treatment of this patient: an
// order for the patient covers it, of a prescriber whom a ban does not bind.
func directed(order encounter.DelegationFacts, bans []config.Ban) bool {
	if len(bans) == 0 {
		return false
	}
	order.Orders = slices.DeleteFunc(slices.Clone(order.Orders), func(o encounter.StandingOrder) bool { return o.Patient != order.Patient })
	order.Required, order.Orderers = true, nil
	for _, b := range bans {
		order.Orderers = append(order.Orderers, b.Doctors...)
	}
	return len(order.Orderers) > 0 && encounter.EvaluateDelegation(order).Outcome != glabella.Deny
}

// consentFacts returns what is known of the patient's consent to a treatment.
func (p *Practice) consentFacts(k known, site place, q MayTreat, when time.Time) consent.Facts {
	f := consent.Facts{
		Patient: q.Patient, Treatment: q.Treatment, Jurisdiction: site.Jurisdiction, Forms: k.forms, Consents: k.consents, Discussions: k.discussions,
		Languages: k.patient.Languages, Encounter: q.Encounter, At: when, Zone: site.zone,
	}
	if t := p.template(q.Treatment); t != nil {
		f.Required = t.Consents
	}
	if q.Product != "" {
		f.Products = []string{q.Product}
	}
	if known := p.product(q.Product); known != nil {
		f.Classes = known.Classes
	}
	return f
}
