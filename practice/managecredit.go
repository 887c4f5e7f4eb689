package practice

import (
	"context"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
)

// Codes of issues with and reasons about commands on credit.
const (
	// CodeCreditFree says that credit that is given for nothing is promotional or goodwill.
	CodeCreditFree glabella.Code = "practice.credit.free"
	// CodeCreditAction says that nothing of this name can be done to a lot of credit.
	CodeCreditAction glabella.Code = "practice.credit.action"
	// CodeCreditRefundPayment says that credit is refunded to a payment on the one invoice that sold it, other than store credit.
	CodeCreditRefundPayment glabella.Code = "practice.credit.refund-payment"
	// CodeCreditRefundQuote says that the refund is not the amount that was quoted.
	CodeCreditRefundQuote glabella.Code = "practice.credit.refund-quote"
)

// Wallet returns what a patient has of prepaid and promised value today at the
// actor's site, by kind, origin and what it covers.
func (p *Practice) Wallet(ctx context.Context, actor glabella.Actor, id glabella.PatientID) ([]billing.WalletBalance, error) {
	return query(ctx, p, actor, access.InvoiceRead, id, func(ctx context.Context, r *storage.Reading) ([]billing.WalletBalance, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return nil, err
		}
		who, err := personOf(ctx, r.Merges(), id)
		if err != nil {
			return nil, err
		}
		lots, err := creditsOf(ctx, who, r.Credits())
		if err != nil {
			return nil, err
		}
		return billing.Wallet(lots, site.today)
	})
}

// GiveCredit is the input of [Practice.GiveCredit].
type GiveCredit struct {
	Command
	Patient   glabella.PatientID `json:"patient"`
	Origin    billing.LotOrigin  `json:"origin"` // promo or goodwill
	Kind      billing.LotKind    `json:"kind"`
	Granted   quantity.Quantity  `json:"granted"`
	Limits    billing.LotLimits  `json:"limits"`
	ExpiresOn glabella.Date      `json:"expiresOn,omitzero"` // the last day; zero does not expire
	Reason    string             `json:"reason"`             // a code of the practice's own
}

// CreditChanged is the receipt of commands on one lot of credit, and the event that
// it changed.
type CreditChanged struct {
	Lot       glabella.CreditLotID `json:"lot"`
	Patient   glabella.PatientID   `json:"patient"`
	Action    CreditAction         `json:"action"`
	Reason    string               `json:"reason,omitempty"`
	Remaining quantity.Quantity    `json:"remaining"`
	Value     money.Amount         `json:"value"` // of what remains, at what was paid for it
	ExpiresOn glabella.Date        `json:"expiresOn,omitzero"`
	Made      glabella.CreditLotID `json:"made,omitzero"` // by a transfer or a conversion
	Version   uint64               `json:"version"`
}

// GiveCredit gives a patient promotional or goodwill credit. It costs nothing and is
// no liability; what it pays for later is a cost of the practice.
func (p *Practice) GiveCredit(ctx context.Context, actor glabella.Actor, in GiveCredit) (CreditChanged, error) {
	return run(ctx, p, actor, access.CreditGive, in.Patient, in, func(ctx context.Context, w *work, in GiveCredit, out *CreditChanged) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		var issues []glabella.Issue
		if !in.Origin.Free() {
			issues = append(issues, glabella.Issue{Path: "/origin", Code: CodeCreditFree, Text: "is promo or goodwill"})
		}
		if in.Reason == "" {
			issues = append(issues, glabella.Issue{Path: "/reason", Code: glabella.CodeRequired, Text: "must be given"})
		}
		if err := glabella.Invalid("credit", issues...); err != nil {
			return failed(err)
		}
		moved := w.movedNow(site)
		moved.Reason = in.Reason
		lot, err := billing.CreditLot{
			ID: glabella.CreditLotID(w.NewUUID()), Patient: in.Patient, Origin: in.Origin, Kind: in.Kind, Granted: in.Granted, Price: money.New(0, site.Currency), Limits: in.Limits,
		}.Grant(in.ExpiresOn, moved)
		if err != nil {
			return failed(err)
		}
		if lot, err = w.keepLot(ctx, site, billing.CreditLot{}, lot, ""); err != nil {
			return failed(err)
		}
		if *out, err = creditChanged(lot, CreditGiven, in.Reason); err != nil {
			return failed(err)
		}
		return recorded("billing.credit-changed", *out)
	})
}

// CreditAction names what a command does to a lot of credit.
type CreditAction string

// What is done to a lot of credit.
const (
	CreditGiven     CreditAction = "give"
	CreditExtend    CreditAction = "extend"    // a later last day
	CreditFreeze    CreditAction = "freeze"    // cannot be used, and its time does not run
	CreditUnfreeze  CreditAction = "unfreeze"  // its last day moves by the days that it was frozen
	CreditForfeit   CreditAction = "forfeit"   // units are given up for nothing
	CreditTransfer  CreditAction = "transfer"  // units go to another patient
	CreditConvert   CreditAction = "convert"   // units become a lot of another kind, at the same value
	CreditReinstate CreditAction = "reinstate" // what a movement took comes back
	CreditExpire    CreditAction = "expire"
	CreditRefunded  CreditAction = "refund"
)

// ChangeCredit is the input of [Practice.ChangeCredit].
type ChangeCredit struct {
	Command
	Lot       glabella.CreditLotID `json:"lot"`
	Action    CreditAction         `json:"action"`             // from extend to reinstate
	Units     quantity.Quantity    `json:"units,omitzero"`     // of a forfeit, a transfer or a conversion; zero is all that is left
	ExpiresOn glabella.Date        `json:"expiresOn,omitzero"` // of an extension, a transfer or a conversion; zero does not expire
	To        glabella.PatientID   `json:"to,omitzero"`        // of a transfer
	Kind      billing.LotKind      `json:"kind,omitempty"`     // of a conversion
	Granted   quantity.Quantity    `json:"granted,omitzero"`   // of a conversion: what the value becomes
	Limits    billing.LotLimits    `json:"limits,omitzero"`    // of a conversion
	Movement  int                  `json:"movement,omitempty"` // of a reinstatement: the number of the movement, from 1
	Reason    string               `json:"reason"`             // a code of the practice's own
}

// ChangeCredit changes one lot of credit: it is extended, frozen, given up, handed
// on, converted, or gets back what a movement took. The journal of the lot only
// grows. What the change means for the practice's books is posted with it.
func (p *Practice) ChangeCredit(ctx context.Context, actor glabella.Actor, in ChangeCredit) (CreditChanged, error) {
	return run(ctx, p, actor, access.CreditManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ChangeCredit, out *CreditChanged) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		before, err := w.Credits().Get(ctx, in.Lot)
		if err != nil {
			return failed(err)
		}
		w.Concerns(before.Patient)
		if err := w.expect(before.Ref(), before.Version); err != nil {
			return failed(err)
		}
		if in.Reason == "" {
			return failed(glabella.Invalid("credit", glabella.Issue{Path: "/reason", Code: glabella.CodeRequired, Text: "must be given"}))
		}
		after, made, err := w.changed(ctx, site, before, in)
		if err != nil {
			return failed(err)
		}
		if after, err = w.keepLot(ctx, site, before, after, ""); err != nil {
			return failed(err)
		}
		if *out, err = creditChanged(after, in.Action, in.Reason); err != nil {
			return failed(err)
		}
		if made != nil {
			if _, err := w.keepLot(ctx, site, billing.CreditLot{}, *made, ""); err != nil {
				return failed(err)
			}
			out.Made = made.ID
		}
		return recorded("billing.credit-changed", *out)
	})
}

// changed returns a lot as a command changes it, and the lot that it makes.
func (w *work) changed(ctx context.Context, site place, lot billing.CreditLot, in ChangeCredit) (after billing.CreditLot, made *billing.CreditLot, err error) {
	moved := w.movedNow(site)
	moved.Reason = in.Reason
	units := in.Units
	if units.IsZero() {
		b, err := lot.Balance()
		if err != nil {
			return lot, nil, err
		}
		units = b.Remaining
	}
	target := billing.LotTarget{Patient: in.To, ExpiresOn: in.ExpiresOn, Kind: in.Kind, Granted: in.Granted, Limits: in.Limits}
	switch in.Action {
	case CreditExtend:
		after, err = lot.Extend(in.ExpiresOn, moved)
	case CreditFreeze:
		after, err = lot.Freeze(moved)
	case CreditUnfreeze:
		after, err = lot.Unfreeze(moved)
	case CreditForfeit:
		after, _, err = lot.Forfeit(units, moved)
	case CreditReinstate:
		after, err = lot.Reinstate(in.Movement, moved)
	case CreditConvert:
		target.ID = glabella.CreditLotID(w.NewUUID())
		made = &billing.CreditLot{}
		after, *made, err = lot.Convert(units, target, moved)
	case CreditTransfer:
		who, err := personOf(ctx, w.Merges().Seen, lot.Patient)
		if err != nil {
			return lot, nil, err
		}
		if slices.Contains(who.members, in.To) {
			target.Patient = lot.Patient // records of one person are one person
		} else if _, err := w.Patients().Get(ctx, in.To); err != nil {
			return lot, nil, err
		}
		target.ID = glabella.CreditLotID(w.NewUUID())
		made = &billing.CreditLot{}
		after, *made, err = lot.Transfer(units, target, moved)
		return after, made, err
	default:
		err = glabella.Invalid("credit", glabella.Issue{Path: "/action", Code: CodeCreditAction, Text: "is one of extend, freeze, unfreeze, forfeit, transfer, convert and reinstate"})
	}
	return after, made, err
}

func creditChanged(l billing.CreditLot, action CreditAction, reason string) (CreditChanged, error) {
	b, err := l.Balance()
	return CreditChanged{Lot: l.ID, Patient: l.Patient, Action: action, Reason: reason, Remaining: b.Remaining, Value: b.Value, ExpiresOn: b.ExpiresOn, Version: l.Version}, err
}

// ExpireCredits is the input of [Practice.ExpireCredits].
type ExpireCredits struct {
	Command
	Limit int `json:"limit,omitempty"` // the most lots at once; 0 is all
}

// CreditsExpired is the receipt of [Practice.ExpireCredits].
type CreditsExpired struct {
	Lots []CreditChanged `json:"lots"`
	More bool            `json:"more"` // there may be further ones
}

// ExpireCredits takes what is left of lots of credit whose last day is past at the
// actor's site. Whether what was paid for it becomes revenue is for the practice's
// [billing.RecognitionPolicy]. Nobody can use such a lot anyway; this puts it in the
// books.
func (p *Practice) ExpireCredits(ctx context.Context, actor glabella.Actor, in ExpireCredits) (CreditsExpired, error) {
	return run(ctx, p, actor, access.CreditManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ExpireCredits, out *CreditsExpired) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		if in.Limit < 0 {
			return failed(glabella.Invalid("credit", glabella.Issue{Path: "/limit", Code: glabella.CodeOutOfRange, Text: "must not be negative"}))
		}
		lots, err := w.Credits().All(ctx, storage.CreditQuery{Page: storage.Page{Limit: in.Limit}, Ended: site.today})
		if err != nil {
			return failed(err)
		}
		out.Lots, out.More = []CreditChanged{}, in.Limit > 0 && len(lots) == in.Limit
		for _, before := range lots {
			w.Concerns(before.Patient)
			after, _, err := before.Expire(w.movedNow(site))
			if err != nil {
				return failed(err)
			}
			if after, err = w.keepLot(ctx, site, before, after, ""); err != nil {
				return failed(err)
			}
			changed, err := creditChanged(after, CreditExpire, "")
			if err != nil {
				return failed(err)
			}
			out.Lots = append(out.Lots, changed)
		}
		return recorded("billing.credits-expired", *out)
	})
}
