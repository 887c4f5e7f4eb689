package audit

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of the anomaly rules. Each is a signal that an access may deserve a look;
// none says that anybody did wrong.
const (
	// CodeNoRelationship says that nothing on record links the user to the patient around the access.
	CodeNoRelationship glabella.Code = "audit.anomaly.no-relationship"
	// CodeSameSurname says that the user and the patient have the same surname.
	CodeSameSurname glabella.Code = "audit.anomaly.same-surname"
	// CodeSameHousehold says that the user and the patient live at the same address.
	CodeSameHousehold glabella.Code = "audit.anomaly.same-household"
	// CodeCoworker says that the patient works at the practice.
	CodeCoworker glabella.Code = "audit.anomaly.coworker"
	// CodeOwnRecord says that the user opened the record of themselves.
	CodeOwnRecord glabella.Code = "audit.anomaly.own-record"
	// CodeProminent says that the patient is marked as somebody whom others are curious about.
	CodeProminent glabella.Code = "audit.anomaly.prominent"
	// CodeOffDuty says that the user was not on duty.
	CodeOffDuty glabella.Code = "audit.anomaly.off-duty"
	// CodeDormant says that nothing had happened in the record for a long time.
	CodeDormant glabella.Code = "audit.anomaly.dormant"
	// CodeOtherDepartment says that the user's department does not serve patients of this kind.
	CodeOtherDepartment glabella.Code = "audit.anomaly.other-department"
	// CodeRepeated says that the user came back to a record that nothing links them to.
	CodeRepeated glabella.Code = "audit.anomaly.repeated"
	// CodeVolume says that the user opened the records of more patients in a day than they usually do.
	CodeVolume glabella.Code = "audit.anomaly.volume"
	// CodeHourVolume says that the user opened the records of more patients in an hour than they usually do.
	CodeHourVolume glabella.Code = "audit.anomaly.volume-hour"
	// CodeSequence says that the user opened records one after the other in the order of a list.
	CodeSequence glabella.Code = "audit.anomaly.sequence"
	// CodeRapid says that the user opened many records, each for a few seconds.
	CodeRapid glabella.Code = "audit.anomaly.rapid"
	// CodeExports says that the user exported or printed more than they usually do.
	CodeExports glabella.Code = "audit.anomaly.exports"
	// CodeBreakGlassRate says that the user opened restricted records in an emergency more often than emergencies are.
	CodeBreakGlassRate glabella.Code = "audit.anomaly.break-glass-rate"
	// CodeBreakGlassUnreviewed says that an emergency access has not been reviewed in time.
	CodeBreakGlassUnreviewed glabella.Code = "audit.anomaly.break-glass-unreviewed"
	// CodeNewPlace says that the user signed in from a place or device that they have not used before.
	CodeNewPlace glabella.Code = "audit.anomaly.new-place"
	// CodeFailedLogins says that the user signed in after many attempts that failed.
	CodeFailedLogins glabella.Code = "audit.anomaly.failed-logins"
	// CodeTerminated says that the user had left the practice.
	CodeTerminated glabella.Code = "audit.anomaly.terminated"
)

// AnomalyRule is a rule that may find something in the journal.
type AnomalyRule struct {
	Code glabella.Code
	// Weight is what the signal adds to the score of a finding, of 100. The weights
	// order what a reviewer sees first; they are not probabilities.
	Weight int
	Text   string
	Fix    string
	Source string // the duty or the study behind the rule
}

const (
	activityReview = "45 CFR 164.308(a)(1)(ii)(D)"
	relationStudy  = "Fabbri and LeFevre, JAMIA 2013 (PMC3555324)"
	familyStudy    = "Hedda et al. 2017 (PMC5977720)"
	featureStudy   = "Boxwala et al., JAMIA 2011;18:498"
	networkStudy   = "Chen et al. 2012 (PMC3540438)"
	ownThreshold   = "threshold of the practice"

	ask  = "ask the user why, and dismiss or confirm the finding"
	look = "look at the entries of the journal, and dismiss or confirm the finding"
)

// AnomalyRules returns every rule.
func AnomalyRules() []AnomalyRule {
	return []AnomalyRule{
		{CodeNoRelationship, 30, "nothing on record links the user to the patient", ask, relationStudy},
		{CodeSameSurname, 35, "the user and the patient have the same surname", ask, familyStudy},
		{CodeSameHousehold, 45, "the user and the patient live at the same address", ask, familyStudy},
		{CodeCoworker, 30, "the patient works at the practice", ask, familyStudy},
		{CodeOwnRecord, 60, "the user opened the record of themselves", "remind the user to ask for access as a patient, and dismiss or confirm the finding", activityReview},
		{CodeProminent, 40, "the patient is marked as prominent", ask, activityReview},
		{CodeOffDuty, 30, "the user was not on duty", ask, featureStudy},
		{CodeDormant, 15, "nothing had happened in the record for a long time", ask, ownThreshold},
		{CodeOtherDepartment, 15, "the user's department does not serve patients of this kind", ask, networkStudy},
		{CodeRepeated, 20, "the user came back to a record that nothing links them to", ask, ownThreshold},
		{CodeVolume, 55, "the user opened more records in a day than usual", look, ownThreshold},
		{CodeHourVolume, 55, "the user opened more records in an hour than usual", look, ownThreshold},
		{CodeSequence, 55, "the user opened records in the order of a list", look, ownThreshold},
		{CodeRapid, 55, "the user opened many records for a few seconds each", look, ownThreshold},
		{CodeExports, 60, "the user exported or printed more than usual", look, ownThreshold},
		{CodeBreakGlassRate, 60, "the user opened many restricted records in an emergency", look, "45 CFR 164.312(a)(2)(ii)"},
		{CodeBreakGlassUnreviewed, 55, "an emergency access was not reviewed in time", "review the emergency access", "45 CFR 164.312(a)(2)(ii)"},
		{CodeNewPlace, 50, "the user signed in from a new place", ask, ownThreshold},
		{CodeFailedLogins, 55, "the user signed in after many failed attempts", look, "45 CFR 164.308(a)(5)(ii)(C)"},
		{CodeTerminated, 100, "the user had left the practice", "close the account, and see what else it was used for", "45 CFR 164.308(a)(3)(ii)(C)"},
	}
}

// anomalyRules are the rules by code.
var anomalyRules = func() map[glabella.Code]AnomalyRule {
	out := map[glabella.Code]AnomalyRule{}
	for _, r := range AnomalyRules() {
		out[r.Code] = r
	}
	return out
}()

// Thresholds say when a rule finds something. Unless the comment of a field names
// a source, its default is a common choice without clinical or legal standing: a
// practice sets its own, and sees in its findings how they do.
type Thresholds struct {
	// MinScore is the score below which nothing is raised. The default 50 raises an
	// access that nothing explains only if a second signal joins it; 30 raises each.
	MinScore int `json:"minScore"`

	// An access is explained by what links the user and the patient from
	// RelationBefore before it to RelationAfter after it. The idea is that of Fabbri
	// and LeFevre (2013), who explain over 94 % of accesses so; the window of 30 and
	// 7 days is not theirs.
	RelationBefore time.Duration `json:"relationBefore"`
	RelationAfter  time.Duration `json:"relationAfter"`
	// Settle is how long an access waits for its explanation: who answers the
	// telephone opens the record first and books after. The default is one day.
	Settle time.Duration `json:"settle"`

	DutySlack   time.Duration `json:"dutySlack"`   // before and after a shift that counts as on duty; the default is one hour
	DormantDays int           `json:"dormantDays"` // without an event, after which a record is dormant; the default is 365

	// A department does not serve a kind of patient if less than DepartmentShare of
	// its explained accesses are to them, once it has DepartmentMin of those. The
	// defaults are 0.5 % and 200. That a department's habits tell is after Chen et
	// al. (2012).
	DepartmentShare float64 `json:"departmentShare"`
	DepartmentMin   int     `json:"departmentMin"`

	Repeats    int `json:"repeats"`    // separate unexplained accesses to one record; the default is 3
	WindowDays int `json:"windowDays"` // the days that habits and repeats are counted over; the default is 30, at most 90

	// More patients in a day or an hour than VolumeMin, than the most in the window,
	// and than its mean and VolumeDeviations standard deviations, are unusual; the
	// defaults are 20 and 3. Who has fewer than BaselineDays working days in the window has no
	// mean, and VolumeStranger patients a day are unusual; the defaults are 5 and 60.
	VolumeMin        int     `json:"volumeMin"`
	VolumeDeviations float64 `json:"volumeDeviations"`
	BaselineDays     int     `json:"baselineDays"`
	VolumeStranger   int     `json:"volumeStranger"`

	SequenceRun    int           `json:"sequenceRun"`    // records in the order of a list; the default is 5
	SequenceWithin time.Duration `json:"sequenceWithin"` // and how fast; the default is ten minutes
	RapidRun       int           `json:"rapidRun"`       // records that are left at once; the default is 10
	RapidDwell     time.Duration `json:"rapidDwell"`     // less than which is at once; the default is five seconds

	// More exports in a day than ExportMin, and than ExportFactor times the mean of
	// the window, are unusual; the defaults are 5 and 3.
	ExportMin    int     `json:"exportMin"`
	ExportFactor float64 `json:"exportFactor"`

	BreakGlassMax    int           `json:"breakGlassMax"`    // emergency accesses in the window that are not unusual; the default is 3
	BreakGlassReview time.Duration `json:"breakGlassReview"` // in which an emergency access is to be reviewed; the default is 72 hours
	PlacesKnown      int           `json:"placesKnown"`      // log-ins after which a new place is unusual; the default is 10
	FailedLogins     int           `json:"failedLogins"`     // before one that succeeds; the default is 5
	FailedWithin     time.Duration `json:"failedWithin"`     // and how fast; the default is 15 minutes

	// QuietDays is for how many days the same is not raised again of the same user
	// and patient, unless its score is higher. The default is 30.
	QuietDays int `json:"quietDays"`
	// ExportActions are the actions that count as an export, besides [Exported] and
	// [Printed].
	ExportActions []string `json:"exportActions"`
}

// DefaultThresholds returns the defaults.
func DefaultThresholds() Thresholds {
	const day = 24 * time.Hour
	return Thresholds{
		MinScore: 50, RelationBefore: 30 * day, RelationAfter: 7 * day, Settle: day, DutySlack: time.Hour, DormantDays: 365,
		DepartmentShare: 0.005, DepartmentMin: 200, Repeats: 3, WindowDays: 30,
		VolumeMin: 20, VolumeDeviations: 3, BaselineDays: 5, VolumeStranger: 60,
		SequenceRun: 5, SequenceWithin: 10 * time.Minute, RapidRun: 10, RapidDwell: 5 * time.Second,
		ExportMin: 5, ExportFactor: 3, BreakGlassMax: 3, BreakGlassReview: 72 * time.Hour,
		PlacesKnown: 10, FailedLogins: 5, FailedWithin: 15 * time.Minute, QuietDays: 30,
		ExportActions: []string{"patient.export", "patient.deidentify", "photo.original"},
	}
}

// maxWindow bounds the days that a watch remembers of a user, and maxRun the
// accesses in a row.
const (
	maxWindow = 90
	maxRun    = 100
)

// Validate reports every threshold that makes no sense.
func (t Thresholds) Validate() error {
	var issues []glabella.Issue
	add := func(path, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: path, Code: glabella.CodeOutOfRange, Text: fmt.Sprintf(format, args...)})
	}
	for _, n := range []struct {
		path       string
		v, min, to int
	}{
		{"/minScore", t.MinScore, 0, 100}, {"/dormantDays", t.DormantDays, 1, math.MaxInt32},
		{"/departmentMin", t.DepartmentMin, 1, math.MaxInt32}, {"/repeats", t.Repeats, 2, maxRun}, {"/windowDays", t.WindowDays, 1, maxWindow},
		{"/volumeMin", t.VolumeMin, 1, math.MaxInt32}, {"/baselineDays", t.BaselineDays, 1, maxWindow}, {"/volumeStranger", t.VolumeStranger, 1, math.MaxInt32},
		{"/sequenceRun", t.SequenceRun, 3, maxRun}, {"/rapidRun", t.RapidRun, 3, maxRun}, {"/exportMin", t.ExportMin, 1, math.MaxInt32},
		{"/breakGlassMax", t.BreakGlassMax, 0, maxRun - 1}, {"/placesKnown", t.PlacesKnown, 1, math.MaxInt32}, {"/failedLogins", t.FailedLogins, 1, maxRun},
		{"/quietDays", t.QuietDays, 0, math.MaxInt32},
	} {
		if n.v < n.min || n.v > n.to {
			add(n.path, "must be from %d to %d", n.min, n.to)
		}
	}
	for _, d := range []struct {
		path string
		v    time.Duration
		zero bool
	}{
		{"/relationBefore", t.RelationBefore, true}, {"/relationAfter", t.RelationAfter, true}, {"/settle", t.Settle, true}, {"/dutySlack", t.DutySlack, true},
		{"/sequenceWithin", t.SequenceWithin, false}, {"/rapidDwell", t.RapidDwell, false}, {"/breakGlassReview", t.BreakGlassReview, false}, {"/failedWithin", t.FailedWithin, false},
	} {
		if d.v < 0 || d.v == 0 && !d.zero {
			add(d.path, "must be more than nothing")
		}
	}
	for _, f := range []struct {
		path   string
		v, max float64
	}{{"/departmentShare", t.DepartmentShare, 1}, {"/volumeDeviations", t.VolumeDeviations, 100}, {"/exportFactor", t.ExportFactor, 100}} {
		if !(f.v > 0 && f.v <= f.max) {
			add(f.path, "must be more than 0 and at most %g", f.max)
		}
	}
	if slices.Contains(t.ExportActions, "") {
		issues = append(issues, glabella.Issue{Path: "/exportActions", Code: glabella.CodeRequired, Text: "an action has a name"})
	}
	return glabella.Invalid("thresholds", issues...)
}
