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
//	inv, err := billing.Calculate(billing.Draft{Charges: charges, Services: services, Plans: plans, Taxes: taxes, …})
//	inv, err = inv.Issue(now)
//	inv, err = inv.Pay(tenders, now)
//
// Each of these has an [Entry]: balanced postings in a journal that is only added
// to. [Reconcile] folds the entries of a period into the figures of the day and
// their identity, whose residual is zero.
//
// What it does not do: it takes no card, and it ships no tax rate.
package billing
