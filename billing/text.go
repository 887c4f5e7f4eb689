package billing

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/glabella-ehr/glabella/money"
)

// Heading is what a printed invoice says about the parties.
type Heading struct {
	Practice string
	Patient  string
}

// Text returns the invoice as plain text, the same bytes for the same invoice:
// every line with its corrections, what credits paid, tax, tips, payments and
// refunds, and the balance. The amounts of the lines sum to the net, and all that
// follow to what is due. The patient is called what the heading says.
func (i Invoice) Text(h Heading) (string, error) {
	t, err := i.Totals()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	row := func(left string, a money.Amount) {
		amount := a.String()
		fmt.Fprintf(&b, "%s%s%s\n", left, strings.Repeat(" ", max(1, invoiceWidth-utf8.RuneCountInString(left)-len(amount))), amount)
	}
	rule := func() { b.WriteString(strings.Repeat("-", invoiceWidth) + "\n") }
	fmt.Fprintf(&b, "%s\n\nINVOICE %s    %s    %s\nfor %s\n\n", h.Practice, i.Number, i.On, i.State, h.Patient)
	for _, l := range i.Lines {
		if !l.Adjusts.IsZero() {
			continue
		}
		row(fmt.Sprintf("%s  %s × %s", l.Name, l.Quantity, l.UnitPrice), l.List)
		for _, d := range l.Discounts {
			row("    discount "+d.Code, d.Amount.Neg())
		}
		for _, u := range l.Redeemed {
			fmt.Fprintf(&b, "    %s prepaid units, worth %s\n", u.Units.Value(), u.Value)
		}
		if len(l.Redeemed) > 0 {
			off, err := l.Net.Sub(l.List)
			if err != nil {
				return "", err
			}
			row("    prepaid price", off)
		}
		if l.Reason != "" {
			fmt.Fprintf(&b, "    complimentary (%s)\n", l.Reason)
		}
		for _, a := range i.Lines {
			if a.Adjusts == l.ID {
				row(fmt.Sprintf("    corrected by %s × %s (%s)", a.Quantity, a.UnitPrice, a.Reason), a.Net)
			}
		}
	}
	rule()
	row("Net", t.Net)
	row("Tax", t.Tax)
	for _, tip := range i.Tips {
		row("Tip", tip.Amount)
	}
	row("Total", t.Gross)
	if !t.Redeemed.IsZero() {
		row("Paid from prepaid units", t.Redeemed.Neg())
	}
	for _, p := range i.Tenders {
		if p.Amount.Sign() < 0 {
			row("Refunded, "+string(p.Kind), p.Amount.Neg())
		} else {
			row("Paid, "+string(p.Kind), p.Amount.Neg())
		}
	}
	rule()
	if t.Due.Sign() < 0 {
		row("Owed to the patient", t.Due.Neg())
	} else {
		row("Due", t.Due)
	}
	return b.String(), nil
}

// invoiceWidth is the width of a printed invoice in characters.
const invoiceWidth = 76
