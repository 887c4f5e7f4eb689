package billing

import (
	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// Issued is the business event of an invoice that was issued.
type Issued struct {
	Invoice   glabella.InvoiceID   `json:"invoice"`
	Patient   glabella.PatientID   `json:"patient"`
	Encounter glabella.EncounterID `json:"encounter,omitzero"`
	Site      glabella.SiteID      `json:"site"`
	On        glabella.Date        `json:"on"`
	Sold      money.Amount         `json:"sold"`    // the net of services and products
	Granted   money.Amount         `json:"granted"` // the net of prepaid units
	Redeemed  money.Amount         `json:"redeemed"`
	Tax       money.Amount         `json:"tax"`
	Tips      money.Amount         `json:"tips"`
}

// Event returns the business event of issuing the invoice.
func (i Invoice) Event() (Issued, error) {
	t, err := i.Totals()
	if err != nil {
		return Issued{}, err
	}
	e := Issued{Invoice: i.ID, Patient: i.Patient, Encounter: i.Encounter, Site: i.Site, On: i.On, Redeemed: t.Redeemed, Tax: t.Tax, Tips: t.Tips, Sold: money.New(0, i.Currency), Granted: money.New(0, i.Currency)}
	s := summer{}
	for _, l := range i.Lines {
		if l.Kind.Prepaid() {
			s.add(&e.Granted, l.Net)
		} else {
			s.add(&e.Sold, l.Net)
		}
	}
	return e, s.err
}

// Paid is the business event of payments and refunds.
type Paid struct {
	Invoice glabella.InvoiceID `json:"invoice"`
	Site    glabella.SiteID    `json:"site"`
	On      glabella.Date      `json:"on"`
	Tenders []PaidTender       `json:"tenders"`
	// Redeemed is the value of store credit that was used, less what went back, and
	// Adjusted what it was worth beyond that.
	Redeemed money.Amount `json:"redeemed,omitzero"`
	Adjusted money.Amount `json:"adjusted,omitzero"`
}

// PaidTender is one payment, or refund if it is negative.
type PaidTender struct {
	Tender glabella.TenderID `json:"tender"`
	Kind   TenderKind        `json:"kind"`
	Amount money.Amount      `json:"amount"`
}

// PaidEvent returns the business event of payments or refunds of the invoice.
func (i Invoice) PaidEvent(on glabella.Date, tenders ...Tender) (Paid, error) {
	e := Paid{Invoice: i.ID, Site: i.Site, On: on}
	s := summer{}
	for _, t := range tenders {
		if t.Kind != StoreCredit {
			e.Tenders = append(e.Tenders, PaidTender{Tender: t.ID, Kind: t.Kind, Amount: t.Amount})
			continue
		}
		s.add(&e.Adjusted, t.Amount)
		for _, u := range t.Uses {
			s.add(&e.Redeemed, u.Value)
			s.add(&e.Adjusted, u.Value.Neg())
		}
	}
	return e, s.err
}

// Corrected is the business event of a correction.
type Corrected struct {
	Invoice glabella.InvoiceID `json:"invoice"`
	Line    glabella.LineID    `json:"line"`
	Adjusts glabella.LineID    `json:"adjusts"`
	Site    glabella.SiteID    `json:"site"`
	On      glabella.Date      `json:"on"`
	Net     money.Amount       `json:"net"`
	Tax     money.Amount       `json:"tax"`
	Kind    ServiceKind        `json:"kind"`
}
