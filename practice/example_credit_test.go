package practice_test

import (
	"context"
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage/memory"
)

// A patient buys a bank of units, gets goodwill on top, and moves away.
func ExamplePractice_RefundCredit() {
	ctx := context.Background()
	clinic, err := practicetest.Open(ctx, memory.New(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	ada, _ := clinic.RegisterPatient(ctx, clinic.Desk, practice.RegisterPatient{Intake: practicetest.Somebody(1), Source: glabella.Provenance{Source: glabella.SourcePatient}})
	sold, _ := clinic.SellCredit(ctx, clinic.Desk, practice.SellCredit{Patient: ada.Patient, Service: "bank-50", Payments: []practice.Payment{{Kind: billing.Card, Amount: money.MustParse("USD 600.00")}}})
	_, _ = clinic.GiveCredit(ctx, clinic.Owner, practice.GiveCredit{Patient: ada.Patient, Origin: billing.LotGoodwill, Kind: billing.MoneyLot, Granted: billing.CreditOf(money.MustParse("USD 25.00")), Reason: "long-wait"})
	wallet, _ := clinic.Wallet(ctx, clinic.Desk, ada.Patient)
	for _, w := range wallet {
		fmt.Println(w.Origin, w.Remaining.Value(), "worth", w.Value)
	}

	terms := practice.CreditRefundTerms{Lots: []glabella.CreditLotID{sold.Lots[0].Lot}, Basis: billing.RefundPaidValue, Fee: money.MustParse("USD 30.00")}
	quote, _ := clinic.QuoteCreditRefund(ctx, clinic.Desk, terms)
	for _, step := range quote.Steps {
		fmt.Println(step.Code, step.Amount)
	}
	invoice, _ := clinic.ReadInvoice(ctx, clinic.Biller, sold.Invoice)
	paid, err := clinic.RefundCredit(ctx, clinic.Biller, practice.RefundCredit{CreditRefundTerms: terms, Payment: invoice.Tenders[0].ID, Quoted: quote.Refund, Reason: "moves-away"})
	fmt.Println("refunded", paid.Refund.Refund, "to", paid.Kind, err)
	books, _ := clinic.CheckBooks(ctx, clinic.Biller)
	fmt.Println("residual", books.Ledger.CreditResidual, "differences", len(books.Differences))
	// Output:
	// goodwill 25 worth USD 0.00
	// paid 50 worth USD 600.00
	// billing.credit-refund.paid USD 600.00
	// billing.credit-refund.fee USD -30.00
	// refunded USD 570.00 to card <nil>
	// residual USD 0.00 differences 0
}
