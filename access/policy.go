package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Policy says what each role may do, and what else an action or a treatment
// demands. What it does not grant is denied. A Policy is data and is not changed
// after it was handed over.
type Policy struct {
	Grants     map[Role][]Action      `json:"grants"`     // what each role may do
	Rules      []Rule                 `json:"rules"`      // what is permitted or denied under conditions
	Actions    map[Action]Requirement `json:"actions"`    // what an action demands beyond the role
	Treatments map[string]Requirement `json:"treatments"` // what a treatment, by the code of its template, demands of who performs it
	Views      map[Role]Sight         `json:"views"`      // which classes of fields each role sees and changes
	Emergency  EmergencyTerms         `json:"emergency"`  // how records are opened in an emergency
}

// Requirement is what an action or a treatment demands of who does it.
type Requirement struct {
	Credentials []string      `json:"credentials"`          // kinds of credential, one of which must hold in the site's jurisdiction; empty is none
	Trainings   []string      `json:"trainings"`            // courses, all of which must be completed and in date
	MinLevel    int           `json:"minLevel,omitempty"`   // least authenticator assurance level, NIST SP 800-63B: 1 to 3; 0 is any
	MaxAuthAge  time.Duration `json:"maxAuthAge,omitempty"` // the longest time since the actor last proved who they are; 0 is any; nanoseconds in JSON
	Distinct    bool          `json:"distinct,omitempty"`   // whoever did what went before may not do this: see DoneBy of [Facts]
	Source      string        `json:"source,omitempty"`     // where it comes from: a citation, or the practice's own choice
}

// DefaultPolicy returns a policy to start from. Its grants are common practice;
// the credentials that may inject follow from what may be delegated in most US
// states, and are the practice's to tighten, and the courses are its own. It
// demands no level and no age of authentication, because only the host knows
// what it can ask for: see [StrictPolicy]. A restricted record is closed to staff
// without a part in the patient's care, unless they open it in an emergency, for
// an hour, which is reviewed within three days; both times are common practice.
func DefaultPolicy() Policy {
	reception := []Action{PatientRegister, PatientRead, PatientSearch, PatientUpdate, PatientPropose, PatientContact, PreferenceRecord, ConsentRecord, ConsentDeliver}
	frontDesk := slices.Concat(reception, []Action{AppointmentBook, AppointmentCheckIn, EncounterCancel, InvoiceIssue, InvoiceRead, CreditSell, EstimateGive})
	care := slices.Concat(reception, []Action{PatientReview, PatientShare, ConsentWithdraw, AppointmentBook, AppointmentCheckIn, EncounterCancel, TreatmentScreen, EncounterChart, EncounterComplete, EncounterRead,
		VitalsRecord, SeriesManage, EventReport, EventManage, PhotoTake, PhotoRead, PhotoRetract, NoteEdit, NoteSign, NoteAmend, StockRead, StockCount, StorageReport, VialOpen, VialDiscard, EmergencyOpen})
	examine := slices.Concat(care, []Action{ClearanceRecord, ClearanceRevoke, OrderIssue, OrderRevoke})
	direct := slices.Concat(examine, []Action{NoteCosign, NoteReview, EventTrace, PhotoOriginal, StockTrace, RecallManage, StockAdjust, StockTransfer, StockApprove, PatientRestrict, PatientStanding, PatientMerge, PatientExport,
		PatientDeidentify, PrivacyManage, PhotoPublish, StaffQualify, FormPublish, AuditRead, AuditVerify, AnomalyReview, ReportRead, EmergencyReview})
	injector := []string{"MD", "DO", "NP", "PA", "RN"}
	return Policy{
		Grants: map[Role][]Action{
			Owner:            {SetupPractice, StaffQualify, FormPublish, PatientImport, PatientRestrict, PatientStanding, PrivacyManage, StockRead, StockTrace, StockApprove, InvoiceRead, CreditGive, CreditManage, BooksClose, BooksReopen, ReportRead, AuditRead, AuditVerify, AnomalyReview, SecurityReport, EmergencyReview},
			MedicalDirector:  direct,
			Physician:        direct,
			NP:               examine,
			PA:               examine,
			NurseInjector:    care,
			LaserTechnician:  care,
			Aesthetician:     care,
			FrontDesk:        frontDesk,
			Biller:           {InvoiceIssue, InvoiceCorrect, InvoiceRead, EstimateGive, CreditSell, CreditManage, BooksClose, ReportRead},
			InventoryManager: {StockReceive, StockRead, StockTrace, RecallManage, StockAdjust, StockTransfer, StockCount, StockOrder, StorageReport, EventTrace, VialDiscard},
			Auditor:          {AuditRead, AuditVerify, ReportRead},
			Patient:          {PatientRead, PatientPropose, PatientExport, PreferenceRecord, ConsentRecord, ConsentWithdraw},
			System:           {SetupPractice, PatientImport, PatientContact, PatientShare, AuditRead, AuditVerify, AnomalyReview, SecurityReport},
		},
		Rules: []Rule{{
			ID: "restricted-record", Effect: EffectDeny, Source: ownChoice,
			Roles:   []Role{Owner, MedicalDirector, Physician, NP, PA, NurseInjector, LaserTechnician, Aesthetician, FrontDesk, Biller, Marketer, InventoryManager, Auditor},
			Actions: []Action{PatientRead, EncounterRead, PhotoRead, PhotoOriginal, TreatmentScreen, InvoiceRead, PatientExport},
			When:    []Condition{{Kind: ConditionRestricted, Purposes: []glabella.Purpose{}}, {Kind: ConditionRelationship, Not: true, Purposes: []glabella.Purpose{}}},
		}},
		Emergency: EmergencyTerms{Length: time.Hour, ReviewWithin: 72 * time.Hour, Source: ownChoice},
		Actions: map[Action]Requirement{
			VialOpen: {Credentials: injector, Source: ownChoice},
		},
		Views: defaultViews(),
		Treatments: map[string]Requirement{
			"botulinum-toxin":        {Credentials: injector, Trainings: []string{"neurotoxin"}, Source: ownChoice},
			"dermal-filler":          {Credentials: injector, Trainings: []string{"dermal-filler"}, Source: ownChoice},
			"hyaluronidase":          {Credentials: injector, Trainings: []string{"dermal-filler"}, Source: ownChoice},
			"deoxycholic-acid":       {Credentials: injector, Trainings: []string{"deoxycholic-acid"}, Source: ownChoice},
			"threads":                {Credentials: []string{"MD", "DO", "NP", "PA"}, Trainings: []string{"threads"}, Source: ownChoice},
			"sclerotherapy":          {Credentials: injector, Trainings: []string{"sclerotherapy"}, Source: ownChoice},
			"prp":                    {Credentials: injector, Trainings: []string{"prp"}, Source: ownChoice},
			"iv-therapy":             {Credentials: injector, Trainings: []string{"iv-therapy"}, Source: ownChoice},
			"weight-loss-glp1":       {Credentials: injector, Source: ownChoice},
			"laser-hair-removal":     {Trainings: []string{"laser-safety"}, Source: ownChoice},
			"ipl-photorejuvenation":  {Trainings: []string{"laser-safety"}, Source: ownChoice},
			"fractional-resurfacing": {Credentials: injector, Trainings: []string{"laser-safety"}, Source: ownChoice},
			"tattoo-removal":         {Trainings: []string{"laser-safety"}, Source: ownChoice},
			"vascular-laser":         {Credentials: injector, Trainings: []string{"laser-safety"}, Source: ownChoice},
			"microneedling":          {Trainings: []string{"microneedling"}, Source: ownChoice},
			"rf-microneedling":       {Credentials: injector, Trainings: []string{"rf-microneedling"}, Source: ownChoice},
			"chemical-peel":          {Trainings: []string{"chemical-peel"}, Source: ownChoice},
			"cryolipolysis":          {Trainings: []string{"cryolipolysis"}, Source: ownChoice},
			"dermaplaning":           {Trainings: []string{"dermaplaning"}, Source: ownChoice},
			"hydrafacial":            {Trainings: []string{"hydrafacial"}, Source: ownChoice},
		},
	}
}

// StrictPolicy returns [DefaultPolicy] for a host that can ask for a second
// factor: what cannot be taken back, leaves the practice or goes against the
// rules takes an authentication of level 2, not older than a quarter of an hour;
// and nobody cosigns, reviews or approves what is their own, so far as
// the facts say who did what went before. The level is one of
// NIST SP 800-63B; where it is asked for, and the time, are common practice.
func StrictPolicy() Policy {
	p := DefaultPolicy()
	for _, a := range []Action{NoteSign, NoteCosign, NoteAmend, InvoiceCorrect, PatientMerge, PatientExport, PatientDeidentify, PhotoOriginal, EmergencyOpen, BooksReopen} {
		r := p.Actions[a]
		r.MinLevel, r.MaxAuthAge, r.Source = 2, 15*time.Minute, ownChoice
		p.Actions[a] = r
	}
	for _, a := range []Action{NoteCosign, NoteReview, StockApprove, EmergencyReview, BooksReopen} {
		r := p.Actions[a]
		r.Distinct, r.Source = true, ownChoice
		p.Actions[a] = r
	}
	return p
}

// defaultViews returns what each role sees and changes to start from. Marketing
// sees how patients may be reached and nothing else of them; those who keep the
// books see no notes and no photographs; auditors see who did what.
func defaultViews() map[Role]Sight {
	front := []Class{ClassIdentity, ClassContact, ClassFinancial, ClassStaff, ClassAdministrative, ClassInternal}
	care := []Class{ClassIdentity, ClassContact, ClassClinical, ClassSensitive, ClassPhoto, ClassStaff, ClassAdministrative, ClassInternal}
	carers := Sight{Read: care, Write: []Class{ClassIdentity, ClassContact, ClassClinical, ClassSensitive, ClassPhoto, ClassAdministrative}}
	directors := Sight{Read: AllClasses(), Write: append([]Class{ClassStaff}, carers.Write...)}
	return map[Role]Sight{
		Owner:            {Read: front, Write: []Class{ClassFinancial, ClassStaff, ClassAdministrative}},
		MedicalDirector:  directors,
		Physician:        {Read: AllClasses(), Write: carers.Write},
		NP:               carers,
		PA:               carers,
		NurseInjector:    carers,
		LaserTechnician:  carers,
		Aesthetician:     carers,
		FrontDesk:        {Read: front, Write: []Class{ClassIdentity, ClassContact, ClassFinancial, ClassAdministrative}},
		Biller:           {Read: front, Write: []Class{ClassFinancial}},
		Marketer:         {Read: []Class{ClassContact, ClassInternal}, Write: []Class{}},
		InventoryManager: {Read: []Class{ClassFinancial, ClassStaff, ClassAdministrative, ClassInternal}, Write: []Class{ClassFinancial, ClassAdministrative}},
		Auditor:          {Read: []Class{ClassStaff, ClassAdministrative, ClassInternal}, Write: []Class{}},
		Patient:          {Read: []Class{ClassIdentity, ClassContact, ClassClinical, ClassSensitive, ClassPhoto, ClassFinancial, ClassAdministrative, ClassInternal}, Write: []Class{ClassContact}},
		System:           {Read: AllClasses(), Write: append([]Class{ClassFinancial}, directors.Write...)},
	}
}

// ownChoice is the source of what [DefaultPolicy] demands.
const ownChoice = "practice policy; common practice"

// Validate reports what a policy names that does not exist: a misspelt action
// would otherwise grant nothing, and a misspelt requirement demand nothing.
func (p Policy) Validate() error {
	escape := strings.NewReplacer("~", "~0", "/", "~1").Replace
	var issues []glabella.Issue
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	for role, actions := range p.Grants {
		if !role.Valid() {
			add(glabella.CodeUnknownValue, "not a role", "/grants/%s", escape(string(role)))
		}
		for i, a := range actions {
			if !a.Valid() {
				add(glabella.CodeUnknownValue, "not an action", "/grants/%s/%d", escape(string(role)), i)
			}
		}
	}
	issues = append(issues, p.ruleIssues()...)
	for name, length := range map[string]time.Duration{"length": p.Emergency.Length, "reviewWithin": p.Emergency.ReviewWithin} {
		if length < 0 {
			add(glabella.CodeOutOfRange, "a time is not negative", "/emergency/%s", name)
		}
	}
	if p.Emergency.Length > 0 && p.Emergency.ReviewWithin == 0 {
		add(glabella.CodeRequired, "what is opened is reviewed", "/emergency/reviewWithin")
	}
	for role, v := range p.Views {
		if !role.Valid() {
			add(glabella.CodeUnknownValue, "not a role", "/views/%s", escape(string(role)))
		}
		for name, classes := range map[string][]Class{"read": v.Read, "write": v.Write} {
			for i, c := range classes {
				if !c.Valid() {
					add(glabella.CodeUnknownValue, "not a class", "/views/%s/%s/%d", escape(string(role)), name, i)
				}
			}
		}
	}
	requirement := func(path string, r Requirement) {
		for i, kind := range r.Credentials {
			if kind == "" {
				add(glabella.CodeRequired, "must be given", "%s/credentials/%d", path, i)
			}
		}
		for i, course := range r.Trainings {
			if course == "" {
				add(glabella.CodeRequired, "must be given", "%s/trainings/%d", path, i)
			}
		}
		if r.MinLevel < 0 || r.MinLevel > 3 {
			add(glabella.CodeOutOfRange, "an assurance level is 1 to 3", "%s/minLevel", path)
		}
		if r.MaxAuthAge < 0 {
			add(glabella.CodeOutOfRange, "an age is not negative", "%s/maxAuthAge", path)
		}
	}
	for a, r := range p.Actions {
		if !a.Valid() {
			add(glabella.CodeUnknownValue, "not an action", "/actions/%s", escape(string(a)))
		}
		requirement("/actions/"+escape(string(a)), r)
	}
	for code, r := range p.Treatments {
		if code == "" {
			add(glabella.CodeRequired, "a treatment has a code", "/treatments/")
		}
		requirement("/treatments/"+escape(code), r)
	}
	return glabella.Invalid("policy", issues...)
}
