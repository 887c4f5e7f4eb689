// Package billing models what a practice charges and collects, exact to the
// cent, and the ledger under it.
//
// What was done arrives as [Charge]s. [Calculate] prices them from the price list
// into the lines of an [Invoice]: units that are covered by prepaid [Credit]s are
// paid from those, discounts are recorded step by step, tax is computed by class
// and allocated to the lines, so that the parts always sum to the whole. An
// invoice is issued, paid in any split of tenders, and corrected by further lines;
// an issued line never changes.
//
//	plan, err := billing.PlanRedemption(credits, used, today)
//	inv, err := billing.Calculate(billing.Draft{Charges: []billing.Charge{{Product: product, Quantity: used, Plan: &plan}}, Services: services, Taxes: taxes, …})
//	inv, err = inv.Issue(now)
//	inv, err = inv.Pay(tenders...)
//
// Each of these has an [Entry]: balanced postings in a ledger that is only added
// to ([IssueEntries], [TenderEntries], [CorrectionEntries]). [Reconcile] folds the
// entries of a period into the figures of the day and their identity, whose
// residual is zero; [Compare] finds where the documents and the ledger differ.
//
// Prices are without tax. Prepaid units are a liability from their sale until
// they are used; using them is a payment, at what was paid for them.
//
// Packages, gift cards and memberships grant lots of credit ([CreditLot]), whose
// balance is the fold of their movements and never negative. [Preview] says how lots
// would pay, [AllocateVouchers] splits a price, [QuoteCreditRefund] explains a
// refund, [Recognise] and [Roll] are the liability. Checkout does not use them yet:
// it pays from [Credit]s.
//
// What it does not do: it takes no card, it ships no tax rate, and it knows no
// deposits, commissions or insurers.
package billing
