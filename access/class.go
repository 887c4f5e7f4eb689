package access

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Class says what kind of information a field of a record holds. A policy says
// for each role which classes it may see and which it may change.
type Class string

// The classes.
const (
	ClassIdentity       Class = "identity"       // who the patient is
	ClassContact        Class = "contact"        // how to reach them, and how they want to be reached
	ClassClinical       Class = "clinical"       // health, treatments, what was found
	ClassSensitive      Class = "sensitive"      // the text of notes, and history of the kind that laws protect apart
	ClassPhoto          Class = "photo"          // photographs
	ClassFinancial      Class = "financial"      // prices, payments, what is owed
	ClassStaff          Class = "staff"          // the practice's people
	ClassAdministrative Class = "administrative" // how the practice runs: times, states, stock, forms, who recorded what
	ClassInternal       Class = "internal"       // what the library keeps for itself: identities, versions, digests
)

// AllClasses returns every class.
func AllClasses() []Class {
	return []Class{ClassIdentity, ClassContact, ClassClinical, ClassSensitive, ClassPhoto, ClassFinancial, ClassStaff, ClassAdministrative, ClassInternal}
}

// Valid reports whether c is one of [AllClasses].
func (c Class) Valid() bool { return slices.Contains(AllClasses(), c) }

// Classes is a set of classes. The zero Classes is empty.
type Classes uint16

// ClassSet returns the set of the classes, without those that do not exist.
func ClassSet(classes ...Class) Classes {
	var out Classes
	for _, c := range classes {
		if i := slices.Index(AllClasses(), c); i >= 0 {
			out |= 1 << i
		}
	}
	return out
}

// Has reports whether the class is in the set.
func (s Classes) Has(c Class) bool { return ClassSet(c)&s != 0 }

// List returns the classes of the set, in the order of [AllClasses].
func (s Classes) List() []Class {
	out := []Class{}
	for i, c := range AllClasses() {
		if s&(1<<i) != 0 {
			out = append(out, c)
		}
	}
	return out
}

// Sight is what a role may see and change of a record that it may read or write.
type Sight struct {
	Read  []Class `json:"read"`
	Write []Class `json:"write"`
}

// Sight returns what those in the roles may see and what they may change: what
// any of the roles may. A role that the policy does not speak of sees nothing.
func (r Rules) Sight(roles []Role) (read, write Classes) {
	if r.c == nil {
		return 0, 0
	}
	for _, role := range roles {
		s := &r.c.sights[role.place()]
		read, write = read|s.read, write|s.write
	}
	return read, write
}

// sight is a [Sight] as sets.
type sight struct{ read, write Classes }

// FieldClasses returns the classes of the fields of a kind of record, by the
// place of the field: the names of its stored form, joined by points, without the
// positions in lists. What is within a field is of the field's class, unless it
// is listed itself. It returns nil for a kind that is not known. A field that has
// no class is shown to nobody.
func FieldClasses(kind string) map[string]Class { return maps.Clone(fieldClasses()[kind]) }

// fieldClasses reads the table.
var fieldClasses = sync.OnceValue(func() map[string]map[string]Class {
	out := map[string]map[string]Class{}
	for kind, classes := range classTable {
		fields := map[string]Class{}
		for _, table := range []map[Class]string{everyKind, classes} {
			for class, places := range table {
				for _, place := range strings.Fields(places) {
					fields[place] = class
				}
			}
		}
		for _, place := range strings.Fields(absent[kind]) {
			delete(fields, place)
		}
		out[kind] = fields
	}
	return out
})

// everyKind holds what nearly every kind of record has.
var everyKind = map[Class]string{
	ClassInternal:       "id version createdAt updatedAt nonce",
	ClassIdentity:       "patient",
	ClassAdministrative: "provenance",
}

// absent says which of those fields a kind of record does not have.
var absent = map[string]string{
	"patient": "patient", "encounter": "provenance", "appointment": "provenance", "note": "provenance", "review": "provenance", "credit-lot": "provenance", "invoice": "provenance", "entry": "provenance",
	"unreconciled-usage": "provenance", "vial": "provenance", "movement": "provenance", "history": "provenance", "break-glass": "provenance", "disclosure": "provenance", "finding": "provenance", "activity-review": "patient provenance",
	"merge": "patient", "import": "patient",
	"staff": "patient provenance", "site": "patient provenance", "service": "patient provenance", "form": "patient provenance", "product": "patient provenance", "lot": "patient provenance",
	"balance": "patient provenance", "transfer": "patient provenance", "recall-case": "patient provenance", "package": "patient provenance", "commission-plan": "patient provenance", "commission-split": "patient provenance", "closing": "patient provenance", "estimate": "provenance", "gift-card": "patient provenance", "count": "patient provenance", "purchase-order": "patient provenance", "excursion": "patient provenance", "store-policy": "patient provenance", "chart-policy": "patient provenance", "command": "patient provenance",
}

// classTable says of which class the fields of each kind of record are.
var classTable = map[string]map[Class]string{
	"patient": {
		ClassIdentity:       "names pronouns birthDate sexAtBirth legalSex gender genderIdentity identifiers related",
		ClassContact:        "contacts addresses languages communication related.contacts",
		ClassClinical:       "conditions alerts",
		ClassAdministrative: "preferredProvider tags standing holds restricted",
	},
	"allergy":    {ClassClinical: "substance classes kind criticality verification reactions"},
	"medication": {ClassClinical: "substance classes status from to dose"},
	"history":    {ClassSensitive: "family social pregnancy", ClassClinical: "treatments skin"},
	"proposal": {
		ClassIdentity:       "intake intake.names intake.pronouns intake.birthDate intake.sexAtBirth intake.gender intake.identifiers changes.before",
		ClassContact:        "intake.contacts intake.addresses intake.languages",
		ClassClinical:       "intake.allergies intake.medications intake.conditions",
		ClassAdministrative: "state changes",
	},
	"merge": {
		ClassIdentity:       "survivor merged choices",
		ClassAdministrative: "state at by reason unmergedAt unmergedBy unmergeReason",
	},
	"import": {
		ClassAdministrative: "source file layout chunk batch state startedAt finishedAt by finishedBy rows",
		ClassIdentity:       "rows.patient rows.key",
		ClassInternal:       "layoutDigest rows.digest",
	},

	"consent": {
		ClassClinical:       "capacity",
		ClassAdministrative: "code form formVersion language decision informed signature witness interpreter initials acknowledged witnessSignature interpreterLanguage discussion delivery encounter withdrawnAt withdrawnReason",
		ClassInternal:       "sha256 renderedSHA256",
	},
	"discussion": {
		ClassClinical:       "treatment risks alternatives questions",
		ClassAdministrative: "encounter by at minutes note language interpreter amendments",
	},
	"delivery": {
		ClassAdministrative: "forms language channel sentAt expiresAt state opens openedAt endedAt completedBy next encounter",
		ClassInternal:       "tokenSHA256",
	},
	"permission": {
		ClassPhoto:          "photos regions",
		ClassAdministrative: "answer givenAt purposes channels platforms conditions conditioned from expiresOn expiryEvent eventAt consent authorization replacedBy replacedAt revokedAt revokedReason",
	},
	"publication": {
		ClassPhoto: "photo derivative regions showsFace",
		ClassAdministrative: "deidentified tagged remunerated purpose channel platform where state scheduledFor publishedAt by publishedBy permission authorization " +
			"cancelledAt cancelledFor takedown copies",
	},
	"contact-consent": {ClassContact: "channel purpose granted address optOut", ClassAdministrative: "evidence"},
	"directive": {
		ClassSensitive:      "provision",
		ClassAdministrative: "base consent signature state signedAt endedAt next",
	},
	"restriction": {
		ClassSensitive:      "kind items recipients healthPlan purposes",
		ClassFinancial:      "outOfPocket",
		ClassContact:        "contact",
		ClassAdministrative: "state requestedAt answeredAt answeredBy reason endedAt termination document",
	},
	"authorization": {
		ClassSensitive: "description classes sensitivity",
		ClassAdministrative: "disclosers recipients purposes expiresOn expiryEvent noExpiry eventAt signature statements paid condition combined falseSince state " +
			"revokedAt revokedDocument consent",
	},
	"request": {
		ClassSensitive:      "text",
		ClassFinancial:      "fulfilment.fee",
		ClassAdministrative: "kind receivedOn by signer format records from until state dueOn extension denial fulfilment endedOn",
	},

	"appointment": {
		ClassAdministrative: "provider site room service start end state reason encounter",
	},
	"encounter": {
		ClassAdministrative: "site appointment provider state arrivedAt startedAt completedAt",
		ClassClinical:       "assessment plan procedures",
	},
	"note": {
		ClassSensitive:      "text revisions queries amendments",
		ClassAdministrative: "encounter author discipline privacy sharedWith state signatures cosigner",
	},
	"clearance": {
		ClassClinical:       "scope products findings modality decision",
		ClassAdministrative: "examinedAt validUntil revokedAt revokedReason",
		ClassStaff:          "examiner credential",
	},
	"vitals": {ClassClinical: "measurements", ClassAdministrative: "encounter at by retracted amendments"},
	"series": {
		ClassClinical:       "name steps limits goals",
		ClassAdministrative: "author state startedOn endedOn reason",
	},
	"standing-order": {
		ClassClinical:       "treatments products regions limits protocol",
		ClassAdministrative: "supervision validFrom validTo state issuedAt revokedAt revokedReason source",
		ClassStaff:          "orderer credential delegates delegateKinds",
	},
	"adverse-event": {
		ClassClinical:       "kind treatment region side lots products onsetAt noticedAt noticedBy grade relation serious actions steps outcome procedure checklist",
		ClassAdministrative: "encounter state endedAt reason reports amendments",
	},
	"photo": {
		ClassPhoto:          "view pose stage regions side device original derived",
		ClassAdministrative: "encounter procedure takenAt by retracted",
	},
	"review":       {ClassAdministrative: "sample note provider reviewer doneAt outcome"},
	"chart-policy": {ClassAdministrative: "site completeness cosign sign photoBytes"},

	"invoice": {
		ClassFinancial:      "number currency lines tips tenders state",
		ClassAdministrative: "encounter site on issuedAt",
		ClassClinical:       "lines.procedure lines.lots",
	},
	"credit-lot":       {ClassFinancial: "origin kind granted price upfront limits transferable source movements"},
	"package":          {ClassFinancial: "price credit creditShare allocation groups", ClassAdministrative: "code name validFor transferable from to"},
	"commission-plan":  {ClassFinancial: "code staff base tiers marginal services from to"},
	"estimate":         {ClassFinancial: "total lines.amount", ClassClinical: "diagnoses lines", ClassAdministrative: "site appointment askedOn for method by at validThrough"},
	"closing":          {ClassFinancial: "site through state by at reopenedBy reopenedAt reason"},
	"commission-split": {ClassFinancial: "invoice line shares by at reason"},
	"gift-card":        {ClassFinancial: "invoice price tax value bonus taxPoint soldOn lots", ClassIdentity: "holder purchaser"},
	"entry":            {ClassFinancial: "effectiveOn kind invoice postings", ClassAdministrative: "recordedAt site"},
	"service": {
		ClassFinancial:      "price taxClass bank basis",
		ClassAdministrative: "code name kind product treatment from to",
	},

	"product":  {ClassAdministrative: "code name substance class gtins ndc container nominal reconstitute inUse"},
	"lot":      {ClassAdministrative: "product number gtin expires supplier state hold", ClassFinancial: "unitCost"},
	"balance":  {ClassAdministrative: "lot site product onHand sealed held receivedAt"},
	"vial":     {ClassAdministrative: "lot site product nominal remaining openedAt openedBy diluent reconstitutedAt concentration beyondUse beyondUseSource state"},
	"movement": {ClassAdministrative: "kind lot site product vial quantity containers by witness reason reverses at document transfer usage origin", ClassIdentity: "encounter procedure", ClassFinancial: "cost"},
	"transfer": {ClassAdministrative: "from to lines state document shippedBy shippedAt settledBy settledAt"},
	"unreconciled-usage": {
		ClassAdministrative: "site product substance by at quantity cause lot vial state matches closing",
		ClassIdentity:       "encounter procedure",
	},
	"count": {ClassAdministrative: "site kind blind lines openedBy openedAt submitted reconciled approved canceled state"},
	"purchase-order": {
		ClassAdministrative: "site supplier number lines receipts expected draftedBy sent last ended state",
		ClassFinancial:      "lines.unitCost",
	},
	"excursion":    {ClassAdministrative: "site storage from to lowest highest lots reportedBy reportedAt held ended state"},
	"store-policy": {ClassAdministrative: "site levels useDays horizons storages items"},
	"recall-case": {
		ClassAdministrative: "reference class lots openedBy openedAt tracedAt state tasks closing",
		ClassIdentity:       "tasks.patient",
	},

	"site":  {ClassAdministrative: "name zone jurisdiction currency language policy"},
	"staff": {ClassStaff: "name roles sites credentials trainings terminatedOn"},
	"form":  {ClassAdministrative: "code formVersion treatments classes products services jurisdictions strength recurrence validFor material coolingOffDays signGapHours beforeTreatmentHours discussionRequired witnessRequired interpreter requiresInitials contents publishedAt retiredAt"},
	"break-glass": {
		ClassAdministrative: "by site reason state from until reviewDue reviewedBy reviewedAt finding",
		ClassSensitive:      "text",
	},
	"disclosure": {
		ClassAdministrative: "at recipient basis request authorization suspensions by",
		ClassSensitive:      "description purpose",
	},
	"finding":         {ClassStaff: "rule signals score staff state at evidence entries reviews"},
	"activity-review": {ClassStaff: "reviewer from to size root wanted sample findings state signedAt remark"},
	"command":         {ClassInternal: "action actor input receipt"},
}
