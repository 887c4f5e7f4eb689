package storagetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/scheduling"
	"github.com/glabella-ehr/glabella/storage"
)

// selection is the queries of one kind of record, with what they must select.
type selection interface {
	// run stores the records and compares what each query selects.
	run(ctx context.Context, b storage.Backend) error
	// empty asks the queries of a store in which nothing is.
	empty(ctx context.Context, tx storage.Tx) error
}

// query says which records, by number, a query selects.
type query[Q any] struct {
	q    Q
	want []int
}

type queries[ID, T, Q any, P storage.Entity[T]] struct {
	repo    repository[ID, T, Q]
	records []T
	cases   []query[Q]
}

func (s queries[ID, T, Q, P]) run(ctx context.Context, b storage.Backend) error {
	var vs []T
	for _, n := range shuffled(len(s.records)) {
		vs = append(vs, Stamped[T, P](nth(s.records[n], n), 1))
	}
	if err := put(ctx, b, s.repo, vs...); err != nil {
		return err
	}
	for _, c := range s.cases {
		got, err := list(ctx, b, s.repo, c.q)
		if err != nil {
			return fmt.Errorf("%T %+v: %w", c.q, c.q, err)
		}
		gotIDs, want := ids[T, P](got), []string{}
		for _, n := range c.want {
			v := nth(s.records[n], n)
			want = append(want, P(&v).Ref().ID)
		}
		slices.Sort(gotIDs) // the order is another check's matter
		if !slices.Equal(gotIDs, want) {
			return fmt.Errorf("%T %+v: got %v, want %v", c.q, c.q, gotIDs, want)
		}
	}
	return nil
}

func (s queries[ID, T, Q, P]) empty(ctx context.Context, tx storage.Tx) error {
	for _, c := range s.cases {
		got, err := all(s.repo(tx).List(ctx, c.q))
		if err != nil || len(got) > 0 {
			return fmt.Errorf("%T %+v of an empty store: got %d records and error %v, want none", c.q, c.q, len(got), err)
		}
	}
	return nil
}

// selecting returns the queries for the variations of a record.
func selecting[ID, T, Q any, P storage.Entity[T]](repo repository[ID, T, Q], fixture T, variations []func(*T), cases ...query[Q]) selection {
	s := queries[ID, T, Q, P]{repo: repo, cases: cases}
	for _, vary := range variations {
		v := fixture
		vary(&v)
		s.records = append(s.records, v)
	}
	return s
}

// factsOf returns the queries of a kind of record that is found by its patient.
func factsOf[ID, T any, P storage.Entity[T]](repo repository[ID, T, storage.FactQuery], fixture T, set func(*T, glabella.PatientID)) selection {
	a, b := nthID[glabella.PatientID](101), nthID[glabella.PatientID](102)
	return selecting[ID, T, storage.FactQuery, P](repo, fixture, []func(*T){
		func(v *T) { set(v, a) }, func(v *T) { set(v, b) }, func(v *T) { set(v, a) },
	}, query[storage.FactQuery]{storage.FactQuery{Patient: a}, []int{0, 2}}, query[storage.FactQuery]{storage.FactQuery{Patient: b}, []int{1}})
}

// selections returns the queries of every kind of record that has any.
func selections() []selection {
	f := Fixtures()
	return slices.Concat(catalogueSelections(f), stockSelections(f), careSelections(f), []selection{
		factsOf(storage.Tx.Allergies, f.Allergy, func(v *patient.Allergy, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Medications, f.Medication, func(v *patient.Medication, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Consents, f.Consent, func(v *consent.Consent, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Vitals, f.Vitals, func(v *encounter.Vitals, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Series, f.Series, func(v *encounter.Series, id glabella.PatientID) { v.Patient = id }),
		selecting(storage.Tx.StandingOrders, f.StandingOrder, []func(*encounter.StandingOrder){func(*encounter.StandingOrder) {}, func(*encounter.StandingOrder) {}}, query[storage.StandingOrderQuery]{storage.StandingOrderQuery{}, []int{0, 1}}),
		selecting(storage.Tx.AdverseEvents, f.AdverseEvent, []func(*encounter.AdverseEvent){
			func(v *encounter.AdverseEvent) {
				v.Patient, v.Lots = nthID[glabella.PatientID](101), []glabella.LotID{nthID[glabella.LotID](1), nthID[glabella.LotID](2)}
			},
			func(v *encounter.AdverseEvent) {
				v.Patient, v.Lots = nthID[glabella.PatientID](102), []glabella.LotID{nthID[glabella.LotID](2)}
			},
			func(v *encounter.AdverseEvent) { v.Patient, v.Lots = nthID[glabella.PatientID](101), nil },
		}, query[storage.AdverseEventQuery]{storage.AdverseEventQuery{Lot: nthID[glabella.LotID](2)}, []int{0, 1}},
			query[storage.AdverseEventQuery]{storage.AdverseEventQuery{Patient: nthID[glabella.PatientID](101)}, []int{0, 2}},
			query[storage.AdverseEventQuery]{storage.AdverseEventQuery{Patient: nthID[glabella.PatientID](102), Lot: nthID[glabella.LotID](2)}, []int{1}}),
		selecting(storage.Tx.ChartPolicies, f.ChartPolicy, []func(*encounter.ChartPolicy){func(*encounter.ChartPolicy) {}, func(*encounter.ChartPolicy) {}}, query[storage.ChartPolicyQuery]{storage.ChartPolicyQuery{}, []int{0, 1}}),
		selecting(storage.Tx.Reviews, f.Review, []func(*encounter.ChartReview){
			func(v *encounter.ChartReview) { v.Sample, v.Note = "a", nthID[glabella.NoteID](1) },
			func(v *encounter.ChartReview) { v.Sample, v.Note = "b", nthID[glabella.NoteID](1) },
			func(v *encounter.ChartReview) { v.Sample, v.Note = "a", nthID[glabella.NoteID](2) },
		}, query[storage.ReviewQuery]{storage.ReviewQuery{Sample: "a"}, []int{0, 2}}, query[storage.ReviewQuery]{storage.ReviewQuery{Note: nthID[glabella.NoteID](1)}, []int{0, 1}},
			query[storage.ReviewQuery]{storage.ReviewQuery{Sample: "b", Note: nthID[glabella.NoteID](1)}, []int{1}}),
		selecting(storage.Tx.Photos, f.Photo, []func(*encounter.Photo){
			func(v *encounter.Photo) {
				v.Patient, v.Encounter = nthID[glabella.PatientID](101), nthID[glabella.EncounterID](1)
			},
			func(v *encounter.Photo) {
				v.Patient, v.Encounter = nthID[glabella.PatientID](101), nthID[glabella.EncounterID](2)
			},
			func(v *encounter.Photo) {
				v.Patient, v.Encounter = nthID[glabella.PatientID](102), nthID[glabella.EncounterID](1)
			},
		}, query[storage.PhotoQuery]{storage.PhotoQuery{Patient: nthID[glabella.PatientID](101)}, []int{0, 1}}, query[storage.PhotoQuery]{storage.PhotoQuery{Encounter: nthID[glabella.EncounterID](1)}, []int{0, 2}},
			query[storage.PhotoQuery]{storage.PhotoQuery{Patient: nthID[glabella.PatientID](102), Encounter: nthID[glabella.EncounterID](1)}, []int{2}}),
		selecting(storage.Tx.Merges, f.Merge, []func(*patient.Merge){
			func(v *patient.Merge) {
				v.Survivor, v.Merged = nthID[glabella.PatientID](101), nthID[glabella.PatientID](102)
			},
			func(v *patient.Merge) {
				v.Survivor, v.Merged = nthID[glabella.PatientID](103), nthID[glabella.PatientID](101)
			},
			func(v *patient.Merge) {
				v.Survivor, v.Merged = nthID[glabella.PatientID](103), nthID[glabella.PatientID](104)
			},
		}, query[storage.MergeQuery]{storage.MergeQuery{Patient: nthID[glabella.PatientID](101)}, []int{0, 1}}, query[storage.MergeQuery]{storage.MergeQuery{Patient: nthID[glabella.PatientID](104)}, []int{2}}),
		selecting(storage.Tx.Imports, f.Import, []func(*patient.Import){
			func(v *patient.Import) { v.Source, v.File, v.Chunk = "a", strings.Repeat("a", 64), 0 },
			func(v *patient.Import) { v.Source, v.File, v.Chunk = "a", strings.Repeat("b", 64), 0 },
			func(v *patient.Import) { v.Source, v.File, v.Chunk = "b", strings.Repeat("a", 64), 1 },
		}, query[storage.ImportQuery]{storage.ImportQuery{Source: "a"}, []int{0, 1}}, query[storage.ImportQuery]{storage.ImportQuery{File: strings.Repeat("a", 64)}, []int{0, 2}},
			query[storage.ImportQuery]{storage.ImportQuery{Source: "b", File: strings.Repeat("a", 64)}, []int{2}}),
		factsOf(storage.Tx.Histories, f.History, func(v *patient.History, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Proposals, f.Proposal, func(v *patient.Proposal, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Discussions, f.Discussion, func(v *consent.Discussion, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Deliveries, f.Delivery, func(v *consent.Delivery, id glabella.PatientID) { v.Patient = id }),
		selecting(storage.Tx.Transfers, f.Transfer, []func(*inventory.Transfer){
			func(v *inventory.Transfer) { v.From, v.To = nthID[glabella.SiteID](101), nthID[glabella.SiteID](102) },
			func(v *inventory.Transfer) { v.From, v.To = nthID[glabella.SiteID](103), nthID[glabella.SiteID](101) },
			func(v *inventory.Transfer) { v.From, v.To = nthID[glabella.SiteID](103), nthID[glabella.SiteID](104) },
		}, query[storage.TransferQuery]{storage.TransferQuery{Site: nthID[glabella.SiteID](101)}, []int{0, 1}}, query[storage.TransferQuery]{storage.TransferQuery{Site: nthID[glabella.SiteID](104)}, []int{2}}),
		selecting(storage.Tx.Usages, f.Usage, []func(*inventory.Usage){
			func(v *inventory.Usage) {
				v.Site, v.Patient = nthID[glabella.SiteID](101), nthID[glabella.PatientID](101)
			},
			func(v *inventory.Usage) {
				v.Site, v.Patient, v.Lot = nthID[glabella.SiteID](101), nthID[glabella.PatientID](102), nthID[glabella.LotID](103)
			},
			func(v *inventory.Usage) {
				v.Site, v.Patient = nthID[glabella.SiteID](102), nthID[glabella.PatientID](101)
			},
		}, query[storage.UsageQuery]{storage.UsageQuery{Site: nthID[glabella.SiteID](101)}, []int{0, 1}}, query[storage.UsageQuery]{storage.UsageQuery{Patient: nthID[glabella.PatientID](101)}, []int{0, 2}},
			query[storage.UsageQuery]{storage.UsageQuery{Patient: nthID[glabella.PatientID](101), Site: nthID[glabella.SiteID](102)}, []int{2}},
			query[storage.UsageQuery]{storage.UsageQuery{Lot: nthID[glabella.LotID](103)}, []int{1}}, query[storage.UsageQuery]{storage.UsageQuery{Lot: lotID, Site: nthID[glabella.SiteID](101)}, []int{0}}),
		selecting(storage.Tx.Recalls, f.Recall, []func(*inventory.RecallCase){
			func(v *inventory.RecallCase) {
				v.Lots, v.Tasks = []glabella.LotID{nthID[glabella.LotID](101)}, recallTasks(101, 101, 102)
			},
			func(v *inventory.RecallCase) {
				v.Lots, v.Tasks = []glabella.LotID{nthID[glabella.LotID](101), nthID[glabella.LotID](102)}, recallTasks(102, 102)
			},
			func(v *inventory.RecallCase) {
				v.Lots, v.Tasks = []glabella.LotID{nthID[glabella.LotID](102)}, recallTasks(102, 101)
			},
		}, query[storage.RecallQuery]{storage.RecallQuery{Lot: nthID[glabella.LotID](101)}, []int{0, 1}}, query[storage.RecallQuery]{storage.RecallQuery{Patient: nthID[glabella.PatientID](101)}, []int{0, 2}},
			query[storage.RecallQuery]{storage.RecallQuery{Patient: nthID[glabella.PatientID](102), Lot: nthID[glabella.LotID](102)}, []int{1}}),
		factsOf(storage.Tx.Directives, f.Directive, func(v *consent.Directive, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Restrictions, f.Restriction, func(v *consent.Restriction, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Authorizations, f.Authorization, func(v *consent.Authorization, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Requests, f.Request, func(v *consent.Request, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Permissions, f.Permission, func(v *consent.Permission, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Publications, f.Publication, func(v *consent.Publication, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.ContactConsents, f.ContactConsent, func(v *consent.ContactConsent, id glabella.PatientID) { v.Patient = id }),
		selecting(storage.Tx.Packages, f.Package, []func(*billing.Package){
			func(v *billing.Package) { v.Code = "a" }, func(v *billing.Package) { v.Code = "b" }, func(v *billing.Package) { v.Code = "a" },
		}, query[storage.PackageQuery]{storage.PackageQuery{Code: "a"}, []int{0, 2}}, query[storage.PackageQuery]{storage.PackageQuery{Code: "b"}, []int{1}}),
		factsOf(storage.Tx.GiftCards, f.GiftCard, func(v *billing.GiftCard, id glabella.PatientID) { v.Holder = id }),
		selecting(storage.Tx.StorePolicies, f.StorePolicy, []func(*inventory.StorePolicy){func(*inventory.StorePolicy) {}, func(*inventory.StorePolicy) {}}, query[storage.StorePolicyQuery]{storage.StorePolicyQuery{}, []int{0, 1}}),
		selecting(storage.Tx.Counts, f.Count, []func(*inventory.Count){
			func(v *inventory.Count) { v.Site, v.State = nthID[glabella.SiteID](101), inventory.CountOpen }, func(v *inventory.Count) { v.Site, v.State = nthID[glabella.SiteID](102), inventory.CountReconciled },
			func(v *inventory.Count) {
				v.Site = nthID[glabella.SiteID](101)
				v.State = inventory.CountApproved
				v.Approved, v.Canceled = inventory.CountStep{By: doctorID, At: visit}, inventory.CountStep{}
			},
		}, query[storage.CountQuery]{storage.CountQuery{Site: nthID[glabella.SiteID](101)}, []int{0, 2}}, query[storage.CountQuery]{storage.CountQuery{Open: true}, []int{0, 1}},
			query[storage.CountQuery]{storage.CountQuery{Site: nthID[glabella.SiteID](101), Open: true}, []int{0}}),
		selecting(storage.Tx.PurchaseOrders, f.PurchaseOrder, []func(*inventory.PurchaseOrder){
			func(v *inventory.PurchaseOrder) {
				v.Site, v.State = nthID[glabella.SiteID](101), inventory.OrderPartial
			}, func(v *inventory.PurchaseOrder) {
				v.Site, v.State = nthID[glabella.SiteID](102), inventory.OrderSent
				v.Receipts = []inventory.OrderReceipt{{Movement: nthID[glabella.MovementID](101), Product: productID, Containers: 1}}
			},
			func(v *inventory.PurchaseOrder) {
				v.Site = nthID[glabella.SiteID](101)
				v.State = inventory.OrderCanceled
			},
		}, query[storage.PurchaseOrderQuery]{storage.PurchaseOrderQuery{Site: nthID[glabella.SiteID](101)}, []int{0, 2}}, query[storage.PurchaseOrderQuery]{storage.PurchaseOrderQuery{Open: true}, []int{0, 1}},
			query[storage.PurchaseOrderQuery]{storage.PurchaseOrderQuery{Site: nthID[glabella.SiteID](101), Open: true}, []int{0}},
			query[storage.PurchaseOrderQuery]{storage.PurchaseOrderQuery{Movement: nthID[glabella.MovementID](101)}, []int{1}}),
		selecting(storage.Tx.Excursions, f.Excursion, []func(*inventory.Excursion){
			func(v *inventory.Excursion) { v.Site = nthID[glabella.SiteID](101) }, func(v *inventory.Excursion) { v.Site = nthID[glabella.SiteID](102) },
			func(v *inventory.Excursion) {
				v.Site = nthID[glabella.SiteID](101)
				v.State = inventory.ExcursionClosed
			},
		}, query[storage.ExcursionQuery]{storage.ExcursionQuery{Site: nthID[glabella.SiteID](101)}, []int{0, 2}}, query[storage.ExcursionQuery]{storage.ExcursionQuery{Open: true}, []int{0, 1}},
			query[storage.ExcursionQuery]{storage.ExcursionQuery{Site: nthID[glabella.SiteID](101), Open: true}, []int{0}}),
		selecting(storage.Tx.Emergencies, f.Emergency, []func(*access.BreakGlass){
			func(v *access.BreakGlass) {
				v.Patient, v.By = nthID[glabella.PatientID](101), nthID[glabella.StaffID](101)
			},
			func(v *access.BreakGlass) {
				v.Patient, v.By = nthID[glabella.PatientID](102), nthID[glabella.StaffID](101)
				v.State = access.BreakGlassOpen
			},
			func(v *access.BreakGlass) {
				v.Patient, v.By = nthID[glabella.PatientID](101), nthID[glabella.StaffID](102)
				v.State = access.BreakGlassEnded
			},
		}, query[storage.EmergencyQuery]{storage.EmergencyQuery{Patient: nthID[glabella.PatientID](101)}, []int{0, 2}}, query[storage.EmergencyQuery]{storage.EmergencyQuery{By: nthID[glabella.StaffID](101)}, []int{0, 1}},
			query[storage.EmergencyQuery]{storage.EmergencyQuery{Unreviewed: true}, []int{1, 2}}, query[storage.EmergencyQuery]{storage.EmergencyQuery{Patient: nthID[glabella.PatientID](101), By: nthID[glabella.StaffID](102)}, []int{2}}),
		selecting(storage.Tx.Findings, f.Finding, []func(*audit.Finding){
			func(v *audit.Finding) { v.Staff, v.State = nthID[glabella.StaffID](101), audit.FindingOpen },
			func(v *audit.Finding) { v.Staff, v.State = nthID[glabella.StaffID](102), audit.FindingOpen },
			func(v *audit.Finding) { v.Staff, v.State = nthID[glabella.StaffID](101), audit.FindingDismissed },
		}, query[storage.FindingQuery]{storage.FindingQuery{Staff: nthID[glabella.StaffID](101)}, []int{0, 2}}, query[storage.FindingQuery]{storage.FindingQuery{State: audit.FindingOpen}, []int{0, 1}},
			query[storage.FindingQuery]{storage.FindingQuery{Staff: nthID[glabella.StaffID](101), State: audit.FindingOpen}, []int{0}}),
		selecting(storage.Tx.ActivityReviews, f.ActivityReview, []func(*audit.ActivityReview){
			func(v *audit.ActivityReview) { v.State = audit.ReviewDue }, func(v *audit.ActivityReview) { v.State = audit.ReviewSigned },
		}, query[storage.ActivityReviewQuery]{storage.ActivityReviewQuery{State: audit.ReviewDue}, []int{0}}, query[storage.ActivityReviewQuery]{storage.ActivityReviewQuery{}, []int{0, 1}}),
		factsOf(storage.Tx.Disclosures, f.Disclosure, func(v *audit.Disclosure, id glabella.PatientID) { v.Patient = id }),
		selecting(storage.Tx.CommissionPlans, f.CommissionPlan, []func(*billing.CommissionPlan){
			func(v *billing.CommissionPlan) { v.Code = "a" }, func(v *billing.CommissionPlan) { v.Code = "b" },
		}, query[storage.CommissionPlanQuery]{storage.CommissionPlanQuery{Code: "b"}, []int{1}}),
		selecting(storage.Tx.CommissionSplits, f.CommissionSplit, []func(*billing.CommissionSplit){
			func(v *billing.CommissionSplit) { v.Invoice = nthID[glabella.InvoiceID](101) }, func(v *billing.CommissionSplit) { v.Invoice = nthID[glabella.InvoiceID](102) },
		}, query[storage.CommissionSplitQuery]{storage.CommissionSplitQuery{Invoice: nthID[glabella.InvoiceID](102)}, []int{1}}),
		selecting(storage.Tx.Closings, f.Closing, []func(*billing.Closing){
			func(v *billing.Closing) { v.Site = nthID[glabella.SiteID](101) }, func(v *billing.Closing) { v.Site = nthID[glabella.SiteID](102) },
		}, query[storage.ClosingQuery]{storage.ClosingQuery{Site: nthID[glabella.SiteID](102)}, []int{1}}),
		factsOf(storage.Tx.Estimates, f.Estimate, func(v *billing.Estimate, id glabella.PatientID) { v.Patient = id }),
		factsOf(storage.Tx.Clearances, f.Clearance, func(v *encounter.Clearance, id glabella.PatientID) { v.Patient = id }),
		selecting(storage.Tx.Credits, f.Credit, []func(*billing.CreditLot){
			func(v *billing.CreditLot) {
				v.Patient, v.Source.Invoice = nthID[glabella.PatientID](101), nthID[glabella.InvoiceID](101)
				v.Movements = ending(v.Movements[:1], day("2026-06-30"))
			},
			func(v *billing.CreditLot) {
				v.Patient, v.Source.Invoice = nthID[glabella.PatientID](102), nthID[glabella.InvoiceID](101)
				v.Movements = ending(v.Movements[:1], day("2026-07-01"))
			},
			func(v *billing.CreditLot) {
				v.Patient = nthID[glabella.PatientID](101)
				frozen := billing.CreditMovement{Kind: billing.MoveFreeze, Moved: v.Movements[0].Moved, Units: units("0"), Value: usd(0)}
				v.Movements = append(ending(v.Movements[:1], day("2026-06-30")), frozen)
			},
			func(v *billing.CreditLot) { // used up
				v.Patient = nthID[glabella.PatientID](103)
				used := billing.CreditMovement{Kind: billing.MoveRedeem, Moved: v.Movements[0].Moved, Units: units("-40"), Value: usd(-44000)}
				v.Movements = append(ending(v.Movements[:1], day("2026-06-30")), used)
			},
		}, query[storage.CreditQuery]{storage.CreditQuery{Patient: nthID[glabella.PatientID](101)}, []int{0, 2}},
			query[storage.CreditQuery]{storage.CreditQuery{Invoice: nthID[glabella.InvoiceID](101)}, []int{0, 1}},
			query[storage.CreditQuery]{storage.CreditQuery{Ended: day("2026-07-01")}, []int{0}},
			query[storage.CreditQuery]{storage.CreditQuery{Ended: day("2026-07-02")}, []int{0, 1}},
			query[storage.CreditQuery]{storage.CreditQuery{Ended: day("2026-07-02"), Patient: nthID[glabella.PatientID](102)}, []int{1}}),
	})
}

func catalogueSelections(f Records) []selection {
	type (
		services = query[storage.ServiceQuery]
		forms    = query[storage.FormQuery]
		products = query[storage.ProductQuery]
		patients = query[storage.PatientQuery]
		staff    = query[storage.StaffQuery]
	)
	return []selection{
		selecting(storage.Tx.Staff, f.Staff, []func(*access.Staff){func(*access.Staff) {}, func(*access.Staff) {}}, staff{storage.StaffQuery{}, []int{0, 1}}),
		selecting(storage.Tx.Services, f.Service, []func(*billing.Service){
			func(v *billing.Service) { v.Code = "peel" }, func(v *billing.Service) { v.Code = "filler" }, func(v *billing.Service) { v.Code = "peel" },
		}, services{storage.ServiceQuery{Code: "peel"}, []int{0, 2}}, services{storage.ServiceQuery{Code: "filler"}, []int{1}}),
		selecting(storage.Tx.Forms, f.Form, []func(*consent.Form){
			func(v *consent.Form) { v.Code = "photo" }, func(v *consent.Form) { v.Code = "filler" }, func(v *consent.Form) { v.Code = "photo" },
		}, forms{storage.FormQuery{Code: "photo"}, []int{0, 2}}, forms{storage.FormQuery{Code: "filler"}, []int{1}}),
		selecting(storage.Tx.Products, f.Product, []func(*inventory.Product){
			func(v *inventory.Product) {
				v.Code, v.GTINs = "toxin-100", []string{"00399999000017", "10399999000014"}
			},
			func(v *inventory.Product) { v.Code, v.GTINs = "toxin-100", []string{"00399999000024"} },
			func(v *inventory.Product) { v.Code, v.GTINs = "toxin-50", []string{"10399999000014"} },
			func(v *inventory.Product) { v.Code, v.GTINs = "toxin-50", nil },
		},
			products{storage.ProductQuery{Code: "toxin-100"}, []int{0, 1}}, products{storage.ProductQuery{GTIN: "10399999000014"}, []int{0, 2}},
			products{storage.ProductQuery{GTIN: "00399999000017"}, []int{0}}, products{storage.ProductQuery{Code: "toxin-50", GTIN: "10399999000014"}, []int{2}}),
		selecting(storage.Tx.Patients, f.Patient, []func(*patient.Patient){
			func(v *patient.Patient) {
				v.Identifiers = []patient.Identifier{{System: "urn:a", Value: "1"}, {System: "urn:b", Value: "2"}}
				v.Names = []patient.Name{{Use: patient.NameOfficial, Family: "García Márquez", Given: []string{"Ana"}}}
			},
			func(v *patient.Patient) {
				v.Identifiers = []patient.Identifier{{System: "urn:a", Value: "2"}}
				v.Names = []patient.Name{{Use: patient.NameOfficial, Family: "Example", Given: []string{"Anna", "Annika"}}}
			},
			func(v *patient.Patient) {
				v.Identifiers = []patient.Identifier{{System: "urn:b", Value: "2"}, {System: "urn:b", Value: "1"}}
				v.Names = []patient.Name{{Use: patient.NameOfficial, Family: "GARCIA", Given: []string{"Zoë"}}}
			},
			func(v *patient.Patient) {
				v.Identifiers = nil
				v.Names = []patient.Name{{Use: patient.NameOfficial, Family: "Łukasz"}}
			},
		},
			patients{storage.PatientQuery{Identifier: storage.Identifier{System: "urn:a", Value: "1"}}, []int{0}},
			patients{storage.PatientQuery{Identifier: storage.Identifier{System: "urn:b", Value: "2"}}, []int{0, 2}},
			patients{storage.PatientQuery{Identifier: storage.Identifier{System: "urn:a", Value: "2"}}, []int{1}},
			patients{storage.PatientQuery{SearchKey: "garcia"}, []int{0, 2}},
			patients{storage.PatientQuery{SearchKey: "ann"}, []int{1}},
			patients{storage.PatientQuery{SearchKey: "an"}, []int{0, 1}},
			patients{storage.PatientQuery{SearchKey: "luk"}, []int{3}},
			patients{storage.PatientQuery{SearchKey: "garcia", Identifier: storage.Identifier{System: "urn:b", Value: "1"}}, []int{2}}),
	}
}

// recallTasks returns tasks of patients about one lot.
func recallTasks(lot int, patients ...int) []inventory.RecallTask {
	var out []inventory.RecallTask
	for _, n := range patients {
		out = append(out, inventory.RecallTask{Patient: nthID[glabella.PatientID](n), Certainty: inventory.RecallExposed, Lots: []glabella.LotID{nthID[glabella.LotID](lot)},
			State: inventory.TaskPending, Attempts: []inventory.ContactAttempt{}})
	}
	return out
}

func stockSelections(f Records) []selection {
	type (
		lots      = query[storage.LotQuery]
		balances  = query[storage.BalanceQuery]
		vials     = query[storage.VialQuery]
		movements = query[storage.MovementQuery]
	)
	product, lot, diluent := nthID[glabella.ProductID](101), nthID[glabella.LotID](102), nthID[glabella.LotID](106)
	site, vial, encounter := nthID[glabella.SiteID](103), nthID[glabella.VialID](104), nthID[glabella.EncounterID](105)
	return []selection{
		selecting(storage.Tx.Lots, f.Lot, []func(*inventory.Lot){
			func(v *inventory.Lot) { v.Product, v.Number = product, "X1" }, func(v *inventory.Lot) { v.Number = "X1" },
			func(v *inventory.Lot) { v.Product, v.Number = product, "X2" },
		},
			lots{storage.LotQuery{Product: product}, []int{0, 2}}, lots{storage.LotQuery{Number: "X1"}, []int{0, 1}},
			lots{storage.LotQuery{Product: product, Number: "X1"}, []int{0}}, lots{storage.LotQuery{Product: productID, Number: "X1"}, []int{1}}),
		selecting(storage.Tx.Balances, f.Balance, []func(*inventory.Balance){
			func(v *inventory.Balance) { v.Lot, v.Product, v.Site = lot, product, site }, func(v *inventory.Balance) { v.Product, v.Site = product, site },
			func(v *inventory.Balance) { v.Lot, v.Product = lot, product }, func(v *inventory.Balance) { v.Site = site },
		},
			balances{storage.BalanceQuery{Lot: lot}, []int{0, 2}}, balances{storage.BalanceQuery{Product: product}, []int{0, 1, 2}}, balances{storage.BalanceQuery{Site: site}, []int{0, 1, 3}},
			balances{storage.BalanceQuery{Lot: lot, Site: site}, []int{0}}, balances{storage.BalanceQuery{Product: product, Site: site}, []int{0, 1}},
			balances{storage.BalanceQuery{Lot: lot, Product: product, Site: siteID}, []int{2}}),
		selecting(storage.Tx.Vials, f.Vial, []func(*inventory.Vial){
			func(v *inventory.Vial) { v.Lot = lot }, func(*inventory.Vial) {}, func(v *inventory.Vial) {
				v.Lot, v.Diluent = lot, &inventory.Diluent{Product: salineID, Lot: diluent, Volume: quantity.MustParse("1 mL")}
			},
		}, vials{storage.VialQuery{Lot: lot}, []int{0, 2}}, vials{storage.VialQuery{Lot: lotID}, []int{1}}, vials{storage.VialQuery{Diluent: diluent}, []int{2}},
			vials{storage.VialQuery{Lot: lot, Diluent: salineLotID}, []int{0}}),
		selecting(storage.Tx.Movements, f.Movement, []func(*inventory.Movement){
			func(v *inventory.Movement) { v.Lot, v.Vial, v.Encounter = lot, vial, encounter }, func(v *inventory.Movement) { v.Lot, v.Vial = lot, vial },
			func(v *inventory.Movement) { v.Lot, v.Encounter = lot, encounter }, func(v *inventory.Movement) { v.Vial, v.Patient = glabella.VialID{}, secondPatientID },
		},
			movements{storage.MovementQuery{Lot: lot}, []int{0, 1, 2}}, movements{storage.MovementQuery{Vial: vial}, []int{0, 1}}, movements{storage.MovementQuery{Encounter: encounter}, []int{0, 2}},
			movements{storage.MovementQuery{Vial: vialID}, []int{2}}, movements{storage.MovementQuery{Vial: vial, Encounter: encounter}, []int{0}},
			movements{storage.MovementQuery{Patient: secondPatientID}, []int{3}}, movements{storage.MovementQuery{Lot: lot, Patient: patientID}, []int{0, 1, 2}},
			movements{storage.MovementQuery{Lot: lot, Encounter: encounterID}, []int{1}}, movements{storage.MovementQuery{Lot: lot, Vial: vialID, Encounter: encounter}, []int{2}}),
	}
}

func careSelections(f Records) []selection {
	type (
		appointments = query[storage.AppointmentQuery]
		encounters   = query[storage.EncounterQuery]
		notes        = query[storage.NoteQuery]
		invoices     = query[storage.InvoiceQuery]
		ledger       = query[storage.EntryQuery]
	)
	person, staff := nthID[glabella.PatientID](101), nthID[glabella.StaffID](102)
	appointment, seen, site := nthID[glabella.AppointmentID](103), nthID[glabella.EncounterID](104), nthID[glabella.SiteID](105)
	lot, other := nthID[glabella.LotID](106), nthID[glabella.LotID](107)
	return []selection{
		selecting(storage.Tx.Appointments, f.Appointment, []func(*scheduling.Appointment){
			func(v *scheduling.Appointment) { v.Patient, v.Provider = person, staff },
			func(v *scheduling.Appointment) { v.Patient, v.Start = person, visit.AddDate(0, 0, 1) },
			func(v *scheduling.Appointment) { v.Provider, v.Start = staff, visit.AddDate(0, 0, 2) },
			func(v *scheduling.Appointment) {
				v.Patient, v.Provider, v.Start = person, staff, visit.AddDate(0, 0, 3)
			},
		},
			appointments{storage.AppointmentQuery{Patient: person}, []int{0, 1, 3}}, appointments{storage.AppointmentQuery{Provider: staff}, []int{0, 2, 3}},
			appointments{storage.AppointmentQuery{Patient: person, Provider: staff}, []int{0, 3}},
			appointments{storage.AppointmentQuery{From: visit.Add(time.Hour), To: visit.AddDate(0, 0, 2).Add(time.Hour)}, []int{1, 2}},
			appointments{storage.AppointmentQuery{Patient: person, From: visit.Add(time.Hour)}, []int{1, 3}},
			appointments{storage.AppointmentQuery{Provider: staff, To: visit.AddDate(0, 0, 2).Add(time.Hour)}, []int{0, 2}},
			appointments{storage.AppointmentQuery{Patient: person, Provider: staff, From: visit.Add(time.Hour)}, []int{3}}),
		selecting(storage.Tx.Encounters, f.Encounter, []func(*encounter.Encounter){
			func(v *encounter.Encounter) {
				v.Patient, v.Appointment, v.Procedures = person, appointment, []encounter.Procedure{procedure(procedureID, lot)}
			},
			func(v *encounter.Encounter) { v.Patient = person },
			func(v *encounter.Encounter) {
				v.Procedures = []encounter.Procedure{procedure(procedureID, lot), procedure(nthID[glabella.ProcedureID](2), other)}
			},
			func(v *encounter.Encounter) { v.Appointment, v.Procedures = appointment, nil },
		},
			encounters{storage.EncounterQuery{Patient: person}, []int{0, 1}}, encounters{storage.EncounterQuery{Appointment: appointment}, []int{0, 3}},
			encounters{storage.EncounterQuery{Lot: lot}, []int{0, 2}}, encounters{storage.EncounterQuery{Lot: other}, []int{2}},
			encounters{storage.EncounterQuery{Lot: lot, Patient: person}, []int{0}}, encounters{storage.EncounterQuery{Patient: patientID, Appointment: appointment}, []int{3}}),
		selecting(storage.Tx.Notes, f.Note, []func(*encounter.Note){
			func(v *encounter.Note) { v.Patient, v.Encounter = person, seen }, func(v *encounter.Note) { v.Patient = person }, func(v *encounter.Note) { v.Encounter = seen },
		},
			notes{storage.NoteQuery{Patient: person}, []int{0, 1}}, notes{storage.NoteQuery{Encounter: seen}, []int{0, 2}}, notes{storage.NoteQuery{Patient: person, Encounter: seen}, []int{0}}),
		selecting(storage.Tx.Invoices, f.Invoice, []func(*billing.Invoice){
			func(v *billing.Invoice) { v.Patient, v.Encounter = person, seen }, func(v *billing.Invoice) { v.Patient = person }, func(v *billing.Invoice) { v.Encounter = seen },
		},
			invoices{storage.InvoiceQuery{Patient: person}, []int{0, 1}}, invoices{storage.InvoiceQuery{Encounter: seen}, []int{0, 2}}, invoices{storage.InvoiceQuery{Patient: person, Encounter: seen}, []int{0}}),
		selecting(storage.Tx.Ledger, f.Entry, []func(*billing.Entry){
			func(v *billing.Entry) { v.Site, v.EffectiveOn = site, day("2026-01-10") }, func(v *billing.Entry) { v.EffectiveOn = day("2026-01-10") },
			func(v *billing.Entry) { v.Site, v.EffectiveOn = site, day("2026-02-10") }, func(v *billing.Entry) { v.EffectiveOn = day("2026-03-10") },
		},
			ledger{storage.EntryQuery{Site: site}, []int{0, 2}}, ledger{storage.EntryQuery{From: day("2026-02-01")}, []int{2, 3}}, ledger{storage.EntryQuery{To: day("2026-02-01")}, []int{0, 1}},
			ledger{storage.EntryQuery{Site: siteID, From: day("2026-01-01"), To: day("2026-02-01")}, []int{1}}),
	}
}

// ending returns the movement that starts a lot of credit with another last day.
func ending(movements []billing.CreditMovement, last glabella.Date) []billing.CreditMovement {
	out := slices.Clone(movements)
	out[0].ExpiresOn = last
	return out
}
