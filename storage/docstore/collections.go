package docstore

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/scheduling"
	"github.com/glabella-ehr/glabella/storage"
)

func isNotFound(err error) bool { return errors.Is(err, glabella.ErrNotFound) }

// keysOf returns the keys of the pairs of index and value, without those that
// have no value.
func keysOf(pairs ...string) []Key {
	var out []Key
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, Key{pairs[i], pairs[i+1]})
		}
	}
	return out
}

// pick answers a query of equalities: the first pair with a value selects the
// range, and match filters by the others.
func pick[T any](p storage.Page, match func(T) bool, pairs ...string) plan[T] {
	out := plan[T]{limit: p.Limit}
	set := 0
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if set++; set == 1 {
			out.index, out.from, out.to = pairs[i], pairs[i+1], pairs[i+1]+"\x00"
		}
	}
	if set > 1 {
		out.match = match
	}
	return out
}

func none[T any](T) []Key { return nil }

func all[T any](p storage.Page) plan[T] { return plan[T]{limit: p.Limit} }

// instant is the form of a time in an index: of fixed width, so that the order
// of bytes is the order of time.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// or reports whether the query's field is not set or equals the record's.
func or[T comparable](asked, has T) bool {
	var zero T
	return asked == zero || asked == has
}

// Sites implements [storage.Tx].
func (t Tx) Sites() storage.Repo[glabella.SiteID, config.Site, storage.SiteQuery] {
	return repo[glabella.SiteID, config.Site, *config.Site, storage.SiteQuery]{t.Driver, "site", none[config.Site],
		func(q storage.SiteQuery) plan[config.Site] { return all[config.Site](q.Page) }}
}

// Staff implements [storage.Tx].
func (t Tx) Staff() storage.Repo[glabella.StaffID, access.Staff, storage.StaffQuery] {
	return repo[glabella.StaffID, access.Staff, *access.Staff, storage.StaffQuery]{t.Driver, "staff", none[access.Staff],
		func(q storage.StaffQuery) plan[access.Staff] { return all[access.Staff](q.Page) }}
}

// Services implements [storage.Tx].
func (t Tx) Services() storage.Repo[glabella.ServiceID, billing.Service, storage.ServiceQuery] {
	return repo[glabella.ServiceID, billing.Service, *billing.Service, storage.ServiceQuery]{t.Driver, "service",
		func(s billing.Service) []Key { return keysOf("code", s.Code) },
		func(q storage.ServiceQuery) plan[billing.Service] {
			return pick[billing.Service](q.Page, nil, "code", q.Code)
		}}
}

// Forms implements [storage.Tx].
func (t Tx) Forms() storage.Repo[glabella.FormID, consent.Form, storage.FormQuery] {
	return repo[glabella.FormID, consent.Form, *consent.Form, storage.FormQuery]{t.Driver, "form",
		func(f consent.Form) []Key { return keysOf("code", f.Code) },
		func(q storage.FormQuery) plan[consent.Form] { return pick[consent.Form](q.Page, nil, "code", q.Code) }}
}

// Products implements [storage.Tx].
func (t Tx) Products() storage.Repo[glabella.ProductID, inventory.Product, storage.ProductQuery] {
	return repo[glabella.ProductID, inventory.Product, *inventory.Product, storage.ProductQuery]{t.Driver, "product",
		func(p inventory.Product) []Key {
			keys := keysOf("code", p.Code)
			for _, gtin := range p.GTINs {
				keys = append(keys, Key{"gtin", gtin})
			}
			return keys
		},
		func(q storage.ProductQuery) plan[inventory.Product] {
			return pick(q.Page, func(p inventory.Product) bool { return or(q.Code, p.Code) }, "gtin", q.GTIN, "code", q.Code)
		}}
}

// Lots implements [storage.Tx].
func (t Tx) Lots() storage.Repo[glabella.LotID, inventory.Lot, storage.LotQuery] {
	return repo[glabella.LotID, inventory.Lot, *inventory.Lot, storage.LotQuery]{t.Driver, "lot",
		func(l inventory.Lot) []Key { return keysOf("number", l.Number, "product", l.Product.String()) },
		func(q storage.LotQuery) plan[inventory.Lot] {
			return pick(q.Page, func(l inventory.Lot) bool { return or(q.Product, l.Product) }, "number", q.Number, "product", q.Product.String())
		}}
}

// Balances implements [storage.Tx].
func (t Tx) Balances() storage.Repo[glabella.BalanceID, inventory.Balance, storage.BalanceQuery] {
	return repo[glabella.BalanceID, inventory.Balance, *inventory.Balance, storage.BalanceQuery]{t.Driver, "balance",
		func(b inventory.Balance) []Key {
			return keysOf("lot", b.Lot.String(), "product", b.Product.String(), "site", b.Site.String())
		},
		func(q storage.BalanceQuery) plan[inventory.Balance] {
			return pick(q.Page, func(b inventory.Balance) bool {
				return or(q.Lot, b.Lot) && or(q.Product, b.Product) && or(q.Site, b.Site)
			}, "lot", q.Lot.String(), "product", q.Product.String(), "site", q.Site.String())
		}}
}

// Vials implements [storage.Tx].
func (t Tx) Vials() storage.Repo[glabella.VialID, inventory.Vial, storage.VialQuery] {
	return repo[glabella.VialID, inventory.Vial, *inventory.Vial, storage.VialQuery]{t.Driver, "vial",
		func(v inventory.Vial) []Key {
			return keysOf("lot", v.Lot.String(), "diluent", diluentOf(v).String())
		},
		func(q storage.VialQuery) plan[inventory.Vial] {
			return pick(q.Page, func(v inventory.Vial) bool { return or(q.Diluent, diluentOf(v)) }, "lot", q.Lot.String(), "diluent", q.Diluent.String())
		}}
}

func diluentOf(v inventory.Vial) glabella.LotID {
	if v.Diluent == nil {
		return glabella.LotID{}
	}
	return v.Diluent.Lot
}

// Movements implements [storage.Tx].
func (t Tx) Movements() storage.Repo[glabella.MovementID, inventory.Movement, storage.MovementQuery] {
	return repo[glabella.MovementID, inventory.Movement, *inventory.Movement, storage.MovementQuery]{t.Driver, "movement",
		func(m inventory.Movement) []Key {
			return keysOf("encounter", m.Encounter.String(), "vial", m.Vial.String(), "lot", m.Lot.String(), "patient", m.Patient.String())
		},
		func(q storage.MovementQuery) plan[inventory.Movement] {
			return pick(q.Page, func(m inventory.Movement) bool {
				return or(q.Encounter, m.Encounter) && or(q.Vial, m.Vial) && or(q.Lot, m.Lot) && or(q.Patient, m.Patient)
			}, "encounter", q.Encounter.String(), "vial", q.Vial.String(), "patient", q.Patient.String(), "lot", q.Lot.String())
		}}
}

// Patients implements [storage.Tx].
func (t Tx) Patients() storage.Repo[glabella.PatientID, patient.Patient, storage.PatientQuery] {
	return repo[glabella.PatientID, patient.Patient, *patient.Patient, storage.PatientQuery]{t.Driver, "patient",
		func(p patient.Patient) []Key {
			var keys []Key
			for _, id := range p.Identifiers {
				keys = append(keys, Key{"identifier", identifierKey(id.System, id.Value)})
			}
			for _, key := range patient.SearchKeys(p) {
				keys = append(keys, Key{"search", key})
			}
			return keys
		},
		func(q storage.PatientQuery) plan[patient.Patient] {
			if q.Identifier == (storage.Identifier{}) {
				out := plan[patient.Patient]{limit: q.Limit}
				if q.SearchKey != "" {
					out.index, out.from, out.to, out.several = "search", q.SearchKey, q.SearchKey+lastRune, true
				}
				return out
			}
			return pick(q.Page, func(p patient.Patient) bool {
				return slices.ContainsFunc(patient.SearchKeys(p), func(key string) bool { return strings.HasPrefix(key, q.SearchKey) })
			}, "identifier", identifierKey(q.Identifier.System, q.Identifier.Value), "search", q.SearchKey)
		}}
}

// lastRune comes after every text that begins alike.
const lastRune = "\U0010FFFF"

func identifierKey(system, value string) string { return system + "|" + value }

// Allergies implements [storage.Tx].
func (t Tx) Allergies() storage.Repo[glabella.AllergyID, patient.Allergy, storage.FactQuery] {
	return facts[glabella.AllergyID](t, "allergy", func(a patient.Allergy) glabella.PatientID { return a.Patient })
}

// Medications implements [storage.Tx].
func (t Tx) Medications() storage.Repo[glabella.MedicationID, patient.Medication, storage.FactQuery] {
	return facts[glabella.MedicationID](t, "medication", func(m patient.Medication) glabella.PatientID { return m.Patient })
}

// Consents implements [storage.Tx].
func (t Tx) Consents() storage.Repo[glabella.ConsentID, consent.Consent, storage.FactQuery] {
	return facts[glabella.ConsentID](t, "consent", func(c consent.Consent) glabella.PatientID { return c.Patient })
}

// Clearances implements [storage.Tx].
func (t Tx) Clearances() storage.Repo[glabella.ClearanceID, encounter.Clearance, storage.FactQuery] {
	return facts[glabella.ClearanceID](t, "clearance", func(c encounter.Clearance) glabella.PatientID { return c.Patient })
}

// Credits implements [storage.Tx].
func (t Tx) Credits() storage.Repo[glabella.CreditLotID, billing.CreditLot, storage.CreditQuery] {
	return repo[glabella.CreditLotID, billing.CreditLot, *billing.CreditLot, storage.CreditQuery]{t.Driver, "credit-lot",
		func(l billing.CreditLot) []Key {
			return keysOf("patient", l.Patient.String(), "invoice", l.Source.Invoice.String(), "ends", lastDay(l))
		},
		func(q storage.CreditQuery) plan[billing.CreditLot] {
			match := func(l billing.CreditLot) bool {
				ends := lastDay(l)
				return (q.Patient.IsZero() || l.Patient == q.Patient) && (q.Invoice.IsZero() || l.Source.Invoice == q.Invoice) &&
					(q.Ended.IsZero() || ends != "" && ends < q.Ended.String())
			}
			if !q.Ended.IsZero() && q.Patient.IsZero() && q.Invoice.IsZero() {
				return plan[billing.CreditLot]{index: "ends", to: q.Ended.String(), limit: q.Limit}
			}
			p := pick(q.Page, match, "patient", q.Patient.String(), "invoice", q.Invoice.String())
			p.match = match
			return p
		}}
}

// lastDay returns the last day of what is left of a lot of credit, or nothing.
func lastDay(l billing.CreditLot) string {
	b, err := l.Balance()
	if err != nil || b.Remaining.Sign() <= 0 || b.ExpiresOn.IsZero() || !b.FrozenSince.IsZero() {
		return ""
	}
	return b.ExpiresOn.String()
}

// facts is a repository of records that are found by their patient.
func facts[ID interface{ String() string }, T any, P entity[T]](t Tx, kind string, patient func(T) glabella.PatientID) storage.Repo[ID, T, storage.FactQuery] {
	return repo[ID, T, P, storage.FactQuery]{t.Driver, kind,
		func(v T) []Key { return keysOf("patient", patient(v).String()) },
		func(q storage.FactQuery) plan[T] { return pick[T](q.Page, nil, "patient", q.Patient.String()) }}
}

// Appointments implements [storage.Tx].
func (t Tx) Appointments() storage.Repo[glabella.AppointmentID, scheduling.Appointment, storage.AppointmentQuery] {
	return repo[glabella.AppointmentID, scheduling.Appointment, *scheduling.Appointment, storage.AppointmentQuery]{t.Driver, "appointment",
		func(a scheduling.Appointment) []Key {
			start := instant(a.Start)
			return keysOf("start", start, "patient", a.Patient.String()+start, "provider", a.Provider.String()+start)
		},
		func(q storage.AppointmentQuery) plan[scheduling.Appointment] {
			p := plan[scheduling.Appointment]{index: "start", from: instant(q.From), to: instant(q.To), limit: q.Limit}
			prefix := ""
			switch {
			case !q.Patient.IsZero():
				p.index, prefix = "patient", q.Patient.String()
			case !q.Provider.IsZero():
				p.index, prefix = "provider", q.Provider.String()
			}
			if prefix != "" {
				p.from = prefix + p.from
				p.to = prefix + cmp.Or(p.to, "~") // after every digit
			}
			if !q.Patient.IsZero() && !q.Provider.IsZero() {
				p.match = func(a scheduling.Appointment) bool { return a.Provider == q.Provider }
			}
			return p
		}}
}

// Encounters implements [storage.Tx].
func (t Tx) Encounters() storage.Repo[glabella.EncounterID, encounter.Encounter, storage.EncounterQuery] {
	return repo[glabella.EncounterID, encounter.Encounter, *encounter.Encounter, storage.EncounterQuery]{t.Driver, "encounter",
		func(e encounter.Encounter) []Key {
			keys := keysOf("appointment", e.Appointment.String(), "patient", e.Patient.String())
			for _, lot := range e.Lots() {
				keys = append(keys, Key{"lot", lot.String()})
			}
			return keys
		},
		func(q storage.EncounterQuery) plan[encounter.Encounter] {
			return pick(q.Page, func(e encounter.Encounter) bool {
				return or(q.Patient, e.Patient) && or(q.Appointment, e.Appointment)
			}, "lot", q.Lot.String(), "appointment", q.Appointment.String(), "patient", q.Patient.String())
		}}
}

// Notes implements [storage.Tx].
func (t Tx) Notes() storage.Repo[glabella.NoteID, encounter.Note, storage.NoteQuery] {
	return repo[glabella.NoteID, encounter.Note, *encounter.Note, storage.NoteQuery]{t.Driver, "note",
		func(n encounter.Note) []Key {
			return keysOf("encounter", n.Encounter.String(), "patient", n.Patient.String(), "state", string(n.State))
		},
		func(q storage.NoteQuery) plan[encounter.Note] {
			return pick(q.Page, func(n encounter.Note) bool { return or(q.Patient, n.Patient) && or(q.State, n.State) },
				"encounter", q.Encounter.String(), "patient", q.Patient.String(), "state", string(q.State))
		}}
}

// Invoices implements [storage.Tx].
func (t Tx) Invoices() storage.Repo[glabella.InvoiceID, billing.Invoice, storage.InvoiceQuery] {
	return repo[glabella.InvoiceID, billing.Invoice, *billing.Invoice, storage.InvoiceQuery]{t.Driver, "invoice",
		func(i billing.Invoice) []Key {
			return keysOf("encounter", i.Encounter.String(), "patient", i.Patient.String())
		},
		func(q storage.InvoiceQuery) plan[billing.Invoice] {
			return pick(q.Page, func(i billing.Invoice) bool { return or(q.Patient, i.Patient) },
				"encounter", q.Encounter.String(), "patient", q.Patient.String())
		}}
}

// Ledger implements [storage.Tx].
func (t Tx) Ledger() storage.Repo[glabella.EntryID, billing.Entry, storage.EntryQuery] {
	return repo[glabella.EntryID, billing.Entry, *billing.Entry, storage.EntryQuery]{t.Driver, "entry",
		func(e billing.Entry) []Key { return keysOf("effective", e.EffectiveOn.String()) },
		func(q storage.EntryQuery) plan[billing.Entry] {
			p := plan[billing.Entry]{index: "effective", from: q.From.String(), limit: q.Limit,
				match: func(e billing.Entry) bool { return or(q.Site, e.Site) }}
			if !q.To.IsZero() {
				p.to = q.To.AddDays(1).String()
			}
			return p
		}}
}

// Vitals implements [storage.Tx].
func (t Tx) Vitals() storage.Repo[glabella.VitalsID, encounter.Vitals, storage.FactQuery] {
	return facts[glabella.VitalsID](t, "vitals", func(v encounter.Vitals) glabella.PatientID { return v.Patient })
}

// Series implements [storage.Tx].
func (t Tx) Series() storage.Repo[glabella.SeriesID, encounter.Series, storage.FactQuery] {
	return facts[glabella.SeriesID](t, "series", func(v encounter.Series) glabella.PatientID { return v.Patient })
}

// StandingOrders implements [storage.Tx].
func (t Tx) StandingOrders() storage.Repo[glabella.StandingOrderID, encounter.StandingOrder, storage.StandingOrderQuery] {
	return repo[glabella.StandingOrderID, encounter.StandingOrder, *encounter.StandingOrder, storage.StandingOrderQuery]{t.Driver, "standing-order",
		none[encounter.StandingOrder],
		func(q storage.StandingOrderQuery) plan[encounter.StandingOrder] {
			return all[encounter.StandingOrder](q.Page)
		}}
}

// AdverseEvents implements [storage.Tx].
func (t Tx) AdverseEvents() storage.Repo[glabella.AdverseEventID, encounter.AdverseEvent, storage.AdverseEventQuery] {
	return repo[glabella.AdverseEventID, encounter.AdverseEvent, *encounter.AdverseEvent, storage.AdverseEventQuery]{t.Driver, "adverse-event",
		func(e encounter.AdverseEvent) []Key {
			keys := keysOf("patient", e.Patient.String())
			for _, lot := range e.Lots {
				keys = append(keys, Key{"lot", lot.String()})
			}
			return keys
		},
		func(q storage.AdverseEventQuery) plan[encounter.AdverseEvent] {
			return pick(q.Page, func(e encounter.AdverseEvent) bool { return or(q.Patient, e.Patient) }, "lot", q.Lot.String(), "patient", q.Patient.String())
		}}
}

// ChartPolicies implements [storage.Tx].
func (t Tx) ChartPolicies() storage.Repo[glabella.ChartPolicyID, encounter.ChartPolicy, storage.ChartPolicyQuery] {
	return repo[glabella.ChartPolicyID, encounter.ChartPolicy, *encounter.ChartPolicy, storage.ChartPolicyQuery]{t.Driver, "chart-policy",
		none[encounter.ChartPolicy],
		func(q storage.ChartPolicyQuery) plan[encounter.ChartPolicy] {
			return all[encounter.ChartPolicy](q.Page)
		}}
}

// Reviews implements [storage.Tx].
func (t Tx) Reviews() storage.Repo[glabella.ReviewID, encounter.ChartReview, storage.ReviewQuery] {
	return repo[glabella.ReviewID, encounter.ChartReview, *encounter.ChartReview, storage.ReviewQuery]{t.Driver, "review",
		func(r encounter.ChartReview) []Key { return keysOf("sample", r.Sample, "note", r.Note.String()) },
		func(q storage.ReviewQuery) plan[encounter.ChartReview] {
			return pick(q.Page, func(r encounter.ChartReview) bool { return q.Sample == "" || q.Sample == r.Sample }, "note", q.Note.String(), "sample", q.Sample)
		}}
}

// Photos implements [storage.Tx].
func (t Tx) Photos() storage.Repo[glabella.PhotoID, encounter.Photo, storage.PhotoQuery] {
	return repo[glabella.PhotoID, encounter.Photo, *encounter.Photo, storage.PhotoQuery]{t.Driver, "photo",
		func(p encounter.Photo) []Key {
			return keysOf("encounter", p.Encounter.String(), "patient", p.Patient.String())
		},
		func(q storage.PhotoQuery) plan[encounter.Photo] {
			return pick(q.Page, func(p encounter.Photo) bool { return or(q.Patient, p.Patient) }, "encounter", q.Encounter.String(), "patient", q.Patient.String())
		}}
}

// Merges implements [storage.Tx].
func (t Tx) Merges() storage.Repo[glabella.MergeID, patient.Merge, storage.MergeQuery] {
	return repo[glabella.MergeID, patient.Merge, *patient.Merge, storage.MergeQuery]{t.Driver, "merge",
		func(m patient.Merge) []Key {
			return keysOf("patient", m.Survivor.String(), "patient", m.Merged.String())
		},
		func(q storage.MergeQuery) plan[patient.Merge] {
			return pick[patient.Merge](q.Page, nil, "patient", q.Patient.String())
		}}
}

// Imports implements [storage.Tx].
func (t Tx) Imports() storage.Repo[glabella.ImportID, patient.Import, storage.ImportQuery] {
	return repo[glabella.ImportID, patient.Import, *patient.Import, storage.ImportQuery]{t.Driver, "import",
		func(m patient.Import) []Key { return keysOf("file", m.File, "source", m.Source) },
		func(q storage.ImportQuery) plan[patient.Import] {
			return pick(q.Page, func(m patient.Import) bool { return or(q.File, m.File) && or(q.Source, m.Source) }, "file", q.File, "source", q.Source)
		}}
}

// Histories implements [storage.Tx].
func (t Tx) Histories() storage.Repo[glabella.HistoryID, patient.History, storage.FactQuery] {
	return facts[glabella.HistoryID](t, "history", func(v patient.History) glabella.PatientID { return v.Patient })
}

// Proposals implements [storage.Tx].
func (t Tx) Proposals() storage.Repo[glabella.ProposalID, patient.Proposal, storage.FactQuery] {
	return facts[glabella.ProposalID](t, "proposal", func(v patient.Proposal) glabella.PatientID { return v.Patient })
}

// Discussions implements [storage.Tx].
func (t Tx) Discussions() storage.Repo[glabella.DiscussionID, consent.Discussion, storage.FactQuery] {
	return facts[glabella.DiscussionID](t, "discussion", func(v consent.Discussion) glabella.PatientID { return v.Patient })
}

// Deliveries implements [storage.Tx].
func (t Tx) Deliveries() storage.Repo[glabella.DeliveryID, consent.Delivery, storage.FactQuery] {
	return facts[glabella.DeliveryID](t, "delivery", func(v consent.Delivery) glabella.PatientID { return v.Patient })
}

// Transfers implements [storage.Tx].
func (t Tx) Transfers() storage.Repo[glabella.TransferID, inventory.Transfer, storage.TransferQuery] {
	return repo[glabella.TransferID, inventory.Transfer, *inventory.Transfer, storage.TransferQuery]{t.Driver, "transfer",
		func(t inventory.Transfer) []Key { return keysOf("site", t.From.String(), "site", t.To.String()) },
		func(q storage.TransferQuery) plan[inventory.Transfer] {
			return pick[inventory.Transfer](q.Page, nil, "site", q.Site.String())
		}}
}

// Usages implements [storage.Tx].
func (t Tx) Usages() storage.Repo[glabella.UsageID, inventory.Usage, storage.UsageQuery] {
	return repo[glabella.UsageID, inventory.Usage, *inventory.Usage, storage.UsageQuery]{t.Driver, "unreconciled-usage",
		func(u inventory.Usage) []Key {
			return keysOf("site", u.Site.String(), "patient", u.Patient.String(), "lot", u.Lot.String())
		},
		func(q storage.UsageQuery) plan[inventory.Usage] {
			return pick(q.Page, func(u inventory.Usage) bool { return or(q.Site, u.Site) && or(q.Lot, u.Lot) }, "patient", q.Patient.String(), "lot", q.Lot.String(), "site", q.Site.String())
		}}
}

// Recalls implements [storage.Tx].
func (t Tx) Recalls() storage.Repo[glabella.RecallCaseID, inventory.RecallCase, storage.RecallQuery] {
	return repo[glabella.RecallCaseID, inventory.RecallCase, *inventory.RecallCase, storage.RecallQuery]{t.Driver, "recall-case",
		func(c inventory.RecallCase) []Key {
			var out []string
			for _, lot := range c.Lots {
				out = append(out, "lot", lot.String())
			}
			for _, task := range c.Tasks {
				out = append(out, "patient", task.Patient.String())
			}
			return keysOf(out...)
		},
		func(q storage.RecallQuery) plan[inventory.RecallCase] {
			return pick(q.Page, func(c inventory.RecallCase) bool { return q.Lot.IsZero() || slices.Contains(c.Lots, q.Lot) }, "patient", q.Patient.String(), "lot", q.Lot.String())
		}}
}

// Directives implements [storage.Tx].
func (t Tx) Directives() storage.Repo[glabella.DirectiveID, consent.Directive, storage.FactQuery] {
	return facts[glabella.DirectiveID](t, "directive", func(v consent.Directive) glabella.PatientID { return v.Patient })
}

// Restrictions implements [storage.Tx].
func (t Tx) Restrictions() storage.Repo[glabella.RestrictionID, consent.Restriction, storage.FactQuery] {
	return facts[glabella.RestrictionID](t, "restriction", func(v consent.Restriction) glabella.PatientID { return v.Patient })
}

// Authorizations implements [storage.Tx].
func (t Tx) Authorizations() storage.Repo[glabella.AuthorizationID, consent.Authorization, storage.FactQuery] {
	return facts[glabella.AuthorizationID](t, "authorization", func(v consent.Authorization) glabella.PatientID { return v.Patient })
}

// Requests implements [storage.Tx].
func (t Tx) Requests() storage.Repo[glabella.RequestID, consent.Request, storage.FactQuery] {
	return facts[glabella.RequestID](t, "request", func(v consent.Request) glabella.PatientID { return v.Patient })
}

// Permissions implements [storage.Tx].
func (t Tx) Permissions() storage.Repo[glabella.PermissionID, consent.Permission, storage.FactQuery] {
	return facts[glabella.PermissionID](t, "permission", func(v consent.Permission) glabella.PatientID { return v.Patient })
}

// Publications implements [storage.Tx].
func (t Tx) Publications() storage.Repo[glabella.PublicationID, consent.Publication, storage.FactQuery] {
	return facts[glabella.PublicationID](t, "publication", func(v consent.Publication) glabella.PatientID { return v.Patient })
}

// ContactConsents implements [storage.Tx].
func (t Tx) ContactConsents() storage.Repo[glabella.ContactConsentID, consent.ContactConsent, storage.FactQuery] {
	return facts[glabella.ContactConsentID](t, "contact-consent", func(v consent.ContactConsent) glabella.PatientID { return v.Patient })
}

// Packages implements [storage.Tx].
func (t Tx) Packages() storage.Repo[glabella.PackageID, billing.Package, storage.PackageQuery] {
	return repo[glabella.PackageID, billing.Package, *billing.Package, storage.PackageQuery]{t.Driver, "package",
		func(p billing.Package) []Key { return keysOf("code", p.Code) },
		func(q storage.PackageQuery) plan[billing.Package] {
			return pick[billing.Package](q.Page, nil, "code", q.Code)
		}}
}

// GiftCards implements [storage.Tx].
func (t Tx) GiftCards() storage.Repo[glabella.GiftCardID, billing.GiftCard, storage.FactQuery] {
	return facts[glabella.GiftCardID](t, "gift-card", func(v billing.GiftCard) glabella.PatientID { return v.Holder })
}

// StorePolicies implements [storage.Tx].
func (t Tx) StorePolicies() storage.Repo[glabella.StorePolicyID, inventory.StorePolicy, storage.StorePolicyQuery] {
	return repo[glabella.StorePolicyID, inventory.StorePolicy, *inventory.StorePolicy, storage.StorePolicyQuery]{t.Driver, "store-policy",
		none[inventory.StorePolicy],
		func(q storage.StorePolicyQuery) plan[inventory.StorePolicy] {
			return all[inventory.StorePolicy](q.Page)
		}}
}

// Counts implements [storage.Tx].
func (t Tx) Counts() storage.Repo[glabella.CountID, inventory.Count, storage.CountQuery] {
	return repo[glabella.CountID, inventory.Count, *inventory.Count, storage.CountQuery]{t.Driver, "count",
		func(v inventory.Count) []Key { return keysOf("site", v.Site.String()) },
		func(q storage.CountQuery) plan[inventory.Count] {
			p := pick[inventory.Count](q.Page, nil, "site", q.Site.String())
			p.match = func(v inventory.Count) bool {
				return (!q.Open || !(v.State == inventory.CountApproved || v.State == inventory.CountCanceled)) && (q.Site.IsZero() || v.Site == q.Site)
			}
			return p
		}}
}

// PurchaseOrders implements [storage.Tx].
func (t Tx) PurchaseOrders() storage.Repo[glabella.PurchaseOrderID, inventory.PurchaseOrder, storage.PurchaseOrderQuery] {
	return repo[glabella.PurchaseOrderID, inventory.PurchaseOrder, *inventory.PurchaseOrder, storage.PurchaseOrderQuery]{t.Driver, "purchase-order",
		func(v inventory.PurchaseOrder) []Key {
			out := keysOf("site", v.Site.String())
			for _, r := range v.Receipts {
				out = append(out, Key{"movement", r.Movement.String()})
			}
			return out
		},
		func(q storage.PurchaseOrderQuery) plan[inventory.PurchaseOrder] {
			p := pick[inventory.PurchaseOrder](q.Page, nil, "movement", q.Movement.String(), "site", q.Site.String())
			p.match = func(v inventory.PurchaseOrder) bool {
				return (!q.Open || !(v.State == inventory.OrderReceived || v.State == inventory.OrderClosed || v.State == inventory.OrderCanceled)) && (q.Site.IsZero() || v.Site == q.Site) &&
					(q.Movement.IsZero() || slices.ContainsFunc(v.Receipts, func(r inventory.OrderReceipt) bool { return r.Movement == q.Movement }))
			}
			return p
		}}
}

// Excursions implements [storage.Tx].
func (t Tx) Excursions() storage.Repo[glabella.ExcursionID, inventory.Excursion, storage.ExcursionQuery] {
	return repo[glabella.ExcursionID, inventory.Excursion, *inventory.Excursion, storage.ExcursionQuery]{t.Driver, "excursion",
		func(v inventory.Excursion) []Key { return keysOf("site", v.Site.String()) },
		func(q storage.ExcursionQuery) plan[inventory.Excursion] {
			p := pick[inventory.Excursion](q.Page, nil, "site", q.Site.String())
			p.match = func(v inventory.Excursion) bool {
				return (!q.Open || !(v.State == inventory.ExcursionClosed || v.State == inventory.ExcursionCanceled)) && (q.Site.IsZero() || v.Site == q.Site)
			}
			return p
		}}
}

// Emergencies implements [storage.Tx].
func (t Tx) Emergencies() storage.Repo[glabella.BreakGlassID, access.BreakGlass, storage.EmergencyQuery] {
	return repo[glabella.BreakGlassID, access.BreakGlass, *access.BreakGlass, storage.EmergencyQuery]{t.Driver, "break-glass",
		func(b access.BreakGlass) []Key { return keysOf("patient", b.Patient.String(), "by", b.By.String()) },
		func(q storage.EmergencyQuery) plan[access.BreakGlass] {
			p := pick[access.BreakGlass](q.Page, nil, "patient", q.Patient.String(), "by", q.By.String())
			p.match = func(b access.BreakGlass) bool {
				return (q.Patient.IsZero() || b.Patient == q.Patient) && (q.By.IsZero() || b.By == q.By) && (!q.Unreviewed || b.State != access.BreakGlassReviewed)
			}
			return p
		}}
}

// Findings implements [storage.Tx].
func (t Tx) Findings() storage.Repo[glabella.FindingID, audit.Finding, storage.FindingQuery] {
	return repo[glabella.FindingID, audit.Finding, *audit.Finding, storage.FindingQuery]{t.Driver, "finding",
		func(f audit.Finding) []Key { return keysOf("staff", f.Staff.String(), "state", string(f.State)) },
		func(q storage.FindingQuery) plan[audit.Finding] {
			return pick(q.Page, func(f audit.Finding) bool { return f.State == q.State }, "staff", q.Staff.String(), "state", string(q.State))
		}}
}

// ActivityReviews implements [storage.Tx].
func (t Tx) ActivityReviews() storage.Repo[glabella.ActivityReviewID, audit.ActivityReview, storage.ActivityReviewQuery] {
	return repo[glabella.ActivityReviewID, audit.ActivityReview, *audit.ActivityReview, storage.ActivityReviewQuery]{t.Driver, "activity-review",
		func(r audit.ActivityReview) []Key { return keysOf("state", string(r.State)) },
		func(q storage.ActivityReviewQuery) plan[audit.ActivityReview] {
			return pick[audit.ActivityReview](q.Page, nil, "state", string(q.State))
		}}
}

// Disclosures implements [storage.Tx].
func (t Tx) Disclosures() storage.Repo[glabella.DisclosureID, audit.Disclosure, storage.FactQuery] {
	return facts[glabella.DisclosureID](t, "disclosure", func(v audit.Disclosure) glabella.PatientID { return v.Patient })
}

// CommissionPlans implements [storage.Tx].
func (t Tx) CommissionPlans() storage.Repo[glabella.CommissionPlanID, billing.CommissionPlan, storage.CommissionPlanQuery] {
	return repo[glabella.CommissionPlanID, billing.CommissionPlan, *billing.CommissionPlan, storage.CommissionPlanQuery]{t.Driver, "commission-plan",
		func(p billing.CommissionPlan) []Key { return keysOf("code", p.Code) },
		func(q storage.CommissionPlanQuery) plan[billing.CommissionPlan] {
			return pick[billing.CommissionPlan](q.Page, nil, "code", q.Code)
		}}
}

// CommissionSplits implements [storage.Tx].
func (t Tx) CommissionSplits() storage.Repo[glabella.CommissionSplitID, billing.CommissionSplit, storage.CommissionSplitQuery] {
	return repo[glabella.CommissionSplitID, billing.CommissionSplit, *billing.CommissionSplit, storage.CommissionSplitQuery]{t.Driver, "commission-split",
		func(s billing.CommissionSplit) []Key { return keysOf("invoice", s.Invoice.String()) },
		func(q storage.CommissionSplitQuery) plan[billing.CommissionSplit] {
			return pick[billing.CommissionSplit](q.Page, nil, "invoice", q.Invoice.String())
		}}
}

// Closings implements [storage.Tx].
func (t Tx) Closings() storage.Repo[glabella.ClosingID, billing.Closing, storage.ClosingQuery] {
	return repo[glabella.ClosingID, billing.Closing, *billing.Closing, storage.ClosingQuery]{t.Driver, "closing",
		func(c billing.Closing) []Key { return keysOf("site", c.Site.String()) },
		func(q storage.ClosingQuery) plan[billing.Closing] {
			return pick[billing.Closing](q.Page, nil, "site", q.Site.String())
		}}
}

// Estimates implements [storage.Tx].
func (t Tx) Estimates() storage.Repo[glabella.EstimateID, billing.Estimate, storage.FactQuery] {
	return facts[glabella.EstimateID](t, "estimate", func(v billing.Estimate) glabella.PatientID { return v.Patient })
}

// Commands implements [storage.Tx].
func (t Tx) Commands() storage.Repo[glabella.CommandID, storage.Command, storage.CommandQuery] {
	return repo[glabella.CommandID, storage.Command, *storage.Command, storage.CommandQuery]{t.Driver, "command", none[storage.Command],
		func(q storage.CommandQuery) plan[storage.Command] { return all[storage.Command](q.Page) }}
}
