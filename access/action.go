package access

// Action is something that an actor does, as the policy grants it and the
// journal records it.
type Action string

// The actions.
const (
	SetupPractice      Action = "practice.set-up"
	StaffQualify       Action = "staff.qualify" // record credentials and trainings
	StockReceive       Action = "stock.receive"
	StockRead          Action = "stock.read"
	StockTrace         Action = "stock.trace"    // who received a lot
	RecallManage       Action = "recall.manage"  // open and close recalls, and tell patients of them
	StockAdjust        Action = "stock.adjust"   // waste, count, return, set aside, sell
	StockTransfer      Action = "stock.transfer" // send to another site, take in from one
	StockCount         Action = "stock.count"    // to count, see [StockAdjust] for what follows from it
	StockApprove       Action = "stock.approve"  // what a count found
	StockOrder         Action = "stock.order"    // at a supplier
	StorageReport      Action = "storage.report" // that a storage was too warm or too cold
	VialOpen           Action = "vial.open"
	VialDiscard        Action = "vial.discard"
	PatientRegister    Action = "patient.register"
	PatientRead        Action = "patient.read"
	PatientSearch      Action = "patient.search"
	PatientUpdate      Action = "patient.update"
	PatientPropose     Action = "patient.propose"  // changes that wait to be accepted
	PatientReview      Action = "patient.review"   // accept or decline them
	PatientRestrict    Action = "patient.restrict" // keep a record to those who take part in the care
	PatientStanding    Action = "patient.standing" // dismiss, retract, hold
	PatientMerge       Action = "patient.merge"
	PatientImport      Action = "patient.import"
	PatientExport      Action = "patient.export"
	PatientDeidentify  Action = "patient.deidentify"
	PatientContact     Action = "patient.contact" // ask whether a patient may be contacted
	PatientShare       Action = "patient.share"   // ask whether data may be shared
	PreferenceRecord   Action = "preference.record"
	PrivacyManage      Action = "privacy.manage" // authorizations, restrictions, requests of patients
	ConsentRecord      Action = "consent.record"
	ConsentWithdraw    Action = "consent.withdraw"
	ConsentDeliver     Action = "consent.deliver" // send forms to be signed
	FormPublish        Action = "form.publish"
	ClearanceRecord    Action = "clearance.record"
	AppointmentBook    Action = "appointment.book"
	AppointmentCheckIn Action = "appointment.check-in"
	EncounterCancel    Action = "encounter.cancel"
	TreatmentScreen    Action = "treatment.screen" // ask whether a patient may be treated
	EncounterChart     Action = "encounter.chart"
	EncounterComplete  Action = "encounter.complete"
	EncounterRead      Action = "encounter.read"
	VitalsRecord       Action = "vitals.record"
	SeriesManage       Action = "series.manage" // plans of treatments
	OrderIssue         Action = "order.issue"
	OrderRevoke        Action = "order.revoke"
	EventReport        Action = "adverse-event.report"
	EventManage        Action = "adverse-event.manage"
	EventTrace         Action = "adverse-event.trace" // those of a lot
	ClearanceRevoke    Action = "clearance.revoke"
	PhotoTake          Action = "photo.take"
	PhotoRead          Action = "photo.read"
	PhotoOriginal      Action = "photo.original" // the file as the camera made it, with its metadata
	PhotoRetract       Action = "photo.retract"
	PhotoPublish       Action = "photo.publish"
	NoteEdit           Action = "note.edit"
	NoteReview         Action = "note.review" // review of a sample of charts
	NoteSign           Action = "note.sign"
	NoteCosign         Action = "note.cosign"
	NoteAmend          Action = "note.amend"
	InvoiceIssue       Action = "invoice.issue"
	InvoiceCorrect     Action = "invoice.correct"
	InvoiceRead        Action = "invoice.read"
	CreditSell         Action = "credit.sell"
	CreditGive         Action = "credit.give"   // for nothing
	CreditManage       Action = "credit.manage" // change, hand on, refund and expire
	EstimateGive       Action = "estimate.give" // a good faith estimate of what something will cost
	BooksClose         Action = "books.close"
	BooksReopen        Action = "books.reopen" // days that were closed
	AuditRead          Action = "audit.read"
	AuditVerify        Action = "audit.verify"
	AnomalyReview      Action = "anomaly.review"  // what looks odd in the journal, and regular reviews of it
	SecurityReport     Action = "security.report" // log-ins, lock-outs and changes of policy of the host
	ReportRead         Action = "report.read"
	EmergencyOpen      Action = "emergency.open"   // read a record against the rules
	EmergencyReview    Action = "emergency.review" // say whether that was right
)

// Actions returns every action.
func Actions() []Action {
	return []Action{
		SetupPractice, StaffQualify, StockReceive, StockRead, StockTrace, RecallManage, StockAdjust, StockTransfer, StockCount, StockApprove, StockOrder, StorageReport, VialOpen, VialDiscard, PatientRegister, PatientRead, PatientSearch, PatientUpdate, PatientPropose, PatientReview,
		PatientRestrict, PatientStanding, PatientMerge, PatientImport, PatientExport, PatientDeidentify, PatientContact, PatientShare, PreferenceRecord, PrivacyManage,
		ConsentRecord, ConsentWithdraw, ConsentDeliver, FormPublish, ClearanceRecord, AppointmentBook, AppointmentCheckIn, EncounterCancel, TreatmentScreen, EncounterChart,
		EncounterComplete, EncounterRead, VitalsRecord, SeriesManage, OrderIssue, OrderRevoke, EventReport, EventManage, EventTrace, ClearanceRevoke,
		PhotoTake, PhotoRead, PhotoOriginal, PhotoRetract, PhotoPublish, NoteEdit, NoteReview, NoteSign, NoteCosign, NoteAmend, InvoiceIssue, InvoiceCorrect, InvoiceRead, CreditSell, CreditGive, CreditManage, EstimateGive, BooksClose, BooksReopen,
		AuditRead, AuditVerify, AnomalyReview, SecurityReport, ReportRead, EmergencyOpen, EmergencyReview,
	}
}

// Valid reports whether a is one of [Actions].
func (a Action) Valid() bool { return a.place() > 0 }

// place returns the place of the action among [Actions], from 1, and 0 for what is
// no action. It is written out because every decision asks for it: the compiler
// makes a search tree of it, which takes a third of the time of a map.
func (a Action) place() int {
	switch a {
	case SetupPractice:
		return 1
	case StaffQualify:
		return 2
	case StockReceive:
		return 3
	case StockRead:
		return 4
	case StockTrace:
		return 5
	case RecallManage:
		return 6
	case StockAdjust:
		return 7
	case StockTransfer:
		return 8
	case StockCount:
		return 9
	case StockApprove:
		return 10
	case StockOrder:
		return 11
	case StorageReport:
		return 12
	case VialOpen:
		return 13
	case VialDiscard:
		return 14
	case PatientRegister:
		return 15
	case PatientRead:
		return 16
	case PatientSearch:
		return 17
	case PatientUpdate:
		return 18
	case PatientPropose:
		return 19
	case PatientReview:
		return 20
	case PatientRestrict:
		return 21
	case PatientStanding:
		return 22
	case PatientMerge:
		return 23
	case PatientImport:
		return 24
	case PatientExport:
		return 25
	case PatientDeidentify:
		return 26
	case PatientContact:
		return 27
	case PatientShare:
		return 28
	case PreferenceRecord:
		return 29
	case PrivacyManage:
		return 30
	case ConsentRecord:
		return 31
	case ConsentWithdraw:
		return 32
	case ConsentDeliver:
		return 33
	case FormPublish:
		return 34
	case ClearanceRecord:
		return 35
	case AppointmentBook:
		return 36
	case AppointmentCheckIn:
		return 37
	case EncounterCancel:
		return 38
	case TreatmentScreen:
		return 39
	case EncounterChart:
		return 40
	case EncounterComplete:
		return 41
	case EncounterRead:
		return 42
	case VitalsRecord:
		return 43
	case SeriesManage:
		return 44
	case OrderIssue:
		return 45
	case OrderRevoke:
		return 46
	case EventReport:
		return 47
	case EventManage:
		return 48
	case EventTrace:
		return 49
	case ClearanceRevoke:
		return 50
	case PhotoTake:
		return 51
	case PhotoRead:
		return 52
	case PhotoOriginal:
		return 53
	case PhotoRetract:
		return 54
	case PhotoPublish:
		return 55
	case NoteEdit:
		return 56
	case NoteReview:
		return 57
	case NoteSign:
		return 58
	case NoteCosign:
		return 59
	case NoteAmend:
		return 60
	case InvoiceIssue:
		return 61
	case InvoiceCorrect:
		return 62
	case InvoiceRead:
		return 63
	case CreditSell:
		return 64
	case CreditGive:
		return 65
	case CreditManage:
		return 66
	case EstimateGive:
		return 67
	case BooksClose:
		return 68
	case BooksReopen:
		return 69
	case AuditRead:
		return 70
	case AuditVerify:
		return 71
	case AnomalyReview:
		return 72
	case SecurityReport:
		return 73
	case ReportRead:
		return 74
	case EmergencyOpen:
		return 75
	case EmergencyReview:
		return 76
	}
	return 0
}

// InEmergency reports whether the action is one that an emergency opens: it reads
// what care needs of one patient's record. Exports and original files are not
// among them.
func (a Action) InEmergency() bool {
	switch a {
	case PatientRead, EncounterRead, PhotoRead, TreatmentScreen, InvoiceRead:
		return true
	}
	return false
}
