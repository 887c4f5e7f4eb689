package fhirconv

import (
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/scheduling"
)

// Record is what the export of one patient is made from: the patient's own
// records, and those of the practice that they refer to.
type Record struct {
	Patient      patient.Patient          `json:"patient"`
	Allergies    []patient.Allergy        `json:"allergies"`
	Medications  []patient.Medication     `json:"medications"`
	Consents     []consent.Consent        `json:"consents"`
	Discussions  []consent.Discussion     `json:"discussions"`
	Deliveries   []consent.Delivery       `json:"deliveries"`
	Preferences  consent.Preferences      `json:"preferences"`
	Clearances   []encounter.Clearance    `json:"clearances"`
	Appointments []scheduling.Appointment `json:"appointments"`
	Encounters   []encounter.Encounter    `json:"encounters"`
	Notes        []encounter.Note         `json:"notes"`
	Vitals       []encounter.Vitals       `json:"vitals"`
	Series       []encounter.Series       `json:"series"`
	Events       []encounter.AdverseEvent `json:"events"`
	Photos       []encounter.Photo        `json:"photos"`
	Histories    []patient.History        `json:"histories"`
	Proposals    []patient.Proposal       `json:"proposals"`
	Invoices     []billing.Invoice        `json:"invoices"`
	Credits      []billing.CreditLot      `json:"credits"`
	Estimates    []billing.Estimate       `json:"estimates"`
	GiftCards    []billing.GiftCard       `json:"giftCards"`
	Disclosures  []audit.Disclosure       `json:"disclosures"`
	Recalls      []inventory.RecallCase   `json:"recalls"` // with the patient's own task and nobody else's
	Emergencies  []access.BreakGlass      `json:"emergencies"`
	Staff        []access.Staff           `json:"staff"`
	Sites        []config.Site            `json:"sites"`
	Products     []inventory.Product      `json:"products"`
	Lots         []inventory.Lot          `json:"lots"`
	Vials        []inventory.Vial         `json:"vials"`
	Forms        []consent.Form           `json:"forms"`
	Foreign      []Foreign                `json:"foreign"` // resources of other systems
}

// LossKind says why something did not get into the FHIR form as it was.
type LossKind string

// The kinds of loss.
const (
	LossNoElement  LossKind = "no-element" // FHIR has no place for it, or this package does not write the resource that has
	LossBroader    LossKind = "broader"    // it is written with a code that says less
	LossUnresolved LossKind = "unresolved" // it refers to a record that was not given, and the reference is left out
)

// LossKinds returns every kind of loss.
func LossKinds() []LossKind { return []LossKind{LossNoElement, LossBroader, LossUnresolved} }

// Loss is one thing that the FHIR form does not say, or says less exactly. It
// holds no personal data: Path is a JSON Pointer (RFC 6901) into the [Record],
// and Text is the same for every patient.
type Loss struct {
	Path string   `json:"path"`
	Kind LossKind `json:"kind"`
	Text string   `json:"text"`
}

// String returns the place, the kind and the text.
func (l Loss) String() string { return fmt.Sprintf("%s: %s: %s", l.Path, l.Kind, l.Text) }

// PatientBundle returns the patient's record as a transaction Bundle made at an
// instant, and what the Bundle does not say. Every entry is put under the
// record's own ID, so that a receiver that has the record updates it; what has no
// ID of its own gets one that is derived from its record's.
//
// A record of another patient, a duplicate ID, a missing one and a value that no
// FHIR code stands for are a [*glabella.ValidationError] with all issues, and no
// Bundle. A reference to a record that was not given is left out and a [Loss].
func PatientBundle(r Record, at time.Time) (r4.Bundle, []Loss, error) {
	b := &builder{r: r, at: at, known: map[glabella.Ref]bool{}, used: map[glabella.Ref]bool{}, taken: map[string]bool{}}
	if at.IsZero() {
		b.issue("/at", glabella.CodeRequired, "an export has a time")
	}
	b.index()
	b.patient()
	b.allergies()
	b.medications()
	b.consents()
	b.clearances()
	b.appointments()
	b.encounters()
	b.notes()
	b.invoices()
	b.unwritten()
	b.foreign()
	clinical := b.entries
	b.entries = nil
	b.practitioners()
	b.locations()
	if err := glabella.Invalid("fhir record", b.issues...); err != nil {
		return r4.Bundle{}, nil, err
	}
	entries := append([]r4.BundleEntry{}, clinical[0]) // the patient, whom the others are about
	entries = append(append(entries, b.entries...), clinical[1:]...)
	return r4.Bundle{
		ID:        derived("bundle", r.Patient.ID.String(), instant(at)),
		Type:      "transaction",
		Timestamp: r4.Instant(instant(at)),
		Entry:     entries,
	}, b.losses, nil
}

// Encode returns the Bundle as JSON in one line, with <, > and & as they are.
// encoding/json.Marshal would escape them.
func Encode(b r4.Bundle) ([]byte, error) {
	text, err := b.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encode bundle %s: %w", b.ID, err)
	}
	return text, nil
}

// builder collects the entries of one Bundle.
type builder struct {
	r       Record
	at      time.Time
	known   map[glabella.Ref]bool // what a reference may be to
	used    map[glabella.Ref]bool // what has been referred to
	taken   map[string]bool       // IDs of the entries
	entries []r4.BundleEntry
	losses  []Loss
	issues  []glabella.Issue
}

// index notes what references can resolve to.
func (b *builder) index() {
	b.known[b.r.Patient.Ref()] = true
	for _, s := range b.r.Staff {
		b.known[s.Ref()] = true
	}
	for _, s := range b.r.Sites {
		b.known[s.Ref()] = true
	}
	for _, a := range b.r.Appointments {
		b.known[a.Ref()] = true
	}
	for _, e := range b.r.Encounters {
		b.known[e.Ref()] = true
		for _, p := range e.Procedures {
			b.known[p.ID.Ref()] = true
		}
	}
	delete(b.known, glabella.Ref{})
}

func (b *builder) issue(path string, code glabella.Code, text string) {
	b.issues = append(b.issues, glabella.Issue{Path: path, Code: code, Text: text})
}

// lose reports a loss if there is something to lose.
func (b *builder) lose(there bool, path string, kind LossKind, text string) {
	if there {
		b.losses = append(b.losses, Loss{Path: path, Kind: kind, Text: text})
	}
}

// add appends an entry for a record of the patient.
func (b *builder) add(path string, r r4.Resource) {
	id := r.ResourceID()
	switch {
	case id == "":
		b.issue(path+"/id", glabella.CodeRequired, "must be given")
	case b.taken[id]:
		b.issue(path+"/id", glabella.CodeDuplicate, "given twice")
	}
	b.taken[id] = true
	b.entries = append(b.entries, r4.BundleEntry{
		FullURL:  urn(id),
		Resource: r,
		Request:  &r4.BundleEntryRequest{Method: "PUT", URL: r.ResourceType() + "/" + id},
	})
}

// owned refuses a record of another patient.
func (b *builder) owned(path string, id glabella.PatientID) {
	if id != b.r.Patient.ID {
		b.issue(path+"/patient", glabella.CodeMismatch, "is of another patient")
	}
}

// subject returns the reference to the patient.
func (b *builder) subject() *r4.Reference {
	return &r4.Reference{Reference: urn(b.r.Patient.ID.String())}
}

// ref returns the reference to a record, or nil and a loss if it was not given.
func (b *builder) ref(path string, r glabella.Ref) *r4.Reference {
	if r.IsZero() {
		return nil
	}
	if !b.known[r] {
		b.lose(true, path, LossUnresolved, "the "+r.Kind+" was not given")
		return nil
	}
	b.used[r] = true
	return &r4.Reference{Reference: urn(r.ID)}
}

func (b *builder) refs(path string, r glabella.Ref) []r4.Reference {
	if ref := b.ref(path, r); ref != nil {
		return []r4.Reference{*ref}
	}
	return nil
}

// performer returns the reference to who did something, as a performer.
func (b *builder) performer(path string, r glabella.Ref) []r4.ProcedurePerformer {
	if ref := b.ref(path, r); ref != nil {
		return []r4.ProcedurePerformer{{Actor: ref}}
	}
	return nil
}

// coded returns the code of a required binding that a value stands for.
func coded[V ~string](b *builder, path string, codes map[V]string, v V) string {
	code, ok := codes[v]
	if !ok {
		b.issue(path, glabella.CodeUnknownValue, "no FHIR code stands for it")
	}
	return code
}

// same returns the table of values that are FHIR's own codes.
func same[V ~string](values []V) map[V]string {
	codes := make(map[V]string, len(values))
	for _, v := range values {
		codes[v] = string(v)
	}
	return codes
}

// meta returns what FHIR keeps of the store's bookkeeping.
func meta(m glabella.Meta) *r4.Meta {
	if m.Version == 0 && m.UpdatedAt.IsZero() {
		return nil
	}
	out := &r4.Meta{LastUpdated: r4.Instant(instant(m.UpdatedAt))}
	if m.Version > 0 {
		out.VersionID = strconv.FormatUint(m.Version, 10)
	}
	return out
}

func urn(id string) string { return "urn:uuid:" + id }

// derived returns the ID of what has none of its own, from what identifies it.
func derived(parts ...string) string {
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte(Base))
	for _, p := range parts {
		id = uuid.NewSHA1(id, []byte(p))
	}
	return id.String()
}

// instant returns a FHIR instant in UTC, or "" for the zero time.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// period returns a FHIR period, or nil if neither end is known.
func period(start, end string) *r4.Period {
	if start == "" && end == "" {
		return nil
	}
	return &r4.Period{Start: r4.DateTime(start), End: r4.DateTime(end)}
}
