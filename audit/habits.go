package audit

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// habits are what a watch remembers of one user.
type habits struct {
	user glabella.StaffID
	seen time.Time // the newest record

	past  []dayHabit // the days with accesses before today, the oldest first
	today dayHabit
	// patients are those of today, and of this hour, with the entry that opened
	// each first.
	patients, hourly map[glabella.PatientID]struct{}
	opened, inHour   []uint64
	hour             int
	exports          []uint64

	recent      []opening // the accesses in a row, the oldest first
	emergencies []opening
	places      []string
	logins      int
	failures    []opening
}

// dayHabit sums up one day of a user.
type dayHabit struct {
	date     glabella.Date
	patients int
	exports  int
	// hours with accesses; the patients of each, summed up, squared and at most.
	hours, sum, squares, busiest int
}

// opening is one entry in a run of them.
type opening struct {
	patient glabella.PatientID
	seq     uint64
	at      time.Time
}

// habits returns what is remembered of a user, brought up to the day and hour of
// an instant.
func (w *Watch) habits(user glabella.StaffID, at time.Time) *habits {
	h := w.users[user]
	local := at.In(w.zone)
	date, hour := glabella.DateOf(local), local.Hour()
	if h == nil {
		if len(w.users) >= maxUsers {
			w.forgetUser()
		}
		h = &habits{user: user, patients: map[glabella.PatientID]struct{}{}, hourly: map[glabella.PatientID]struct{}{}, hour: hour}
		h.today.date = date
		w.users[user] = h
	}
	h.seen = at
	if h.today.date != date {
		h.endHour()
		if h.today.hours > 0 || h.today.exports > 0 {
			h.past = append(h.past, h.today)
		}
		first := date.AddDays(-w.t.WindowDays)
		h.past = slices.DeleteFunc(h.past, func(d dayHabit) bool { return d.date.Before(first) })
		h.today = dayHabit{date: date}
		clear(h.patients)
		h.opened, h.exports = nil, nil
		h.hour = hour
	}
	if h.hour != hour {
		h.endHour()
		h.hour = hour
	}
	return h
}

// endHour adds the hour to the day.
func (h *habits) endHour() {
	if n := len(h.hourly); n > 0 {
		h.today.hours++
		h.today.sum += n
		h.today.squares += n * n
		h.today.busiest = max(h.today.busiest, n)
	}
	clear(h.hourly)
	h.inHour = nil
}

// forgetUser forgets the user who was not seen for the longest time.
func (w *Watch) forgetUser() {
	var oldest *habits
	for _, h := range w.users {
		if oldest == nil || h.seen.Before(oldest.seen) || h.seen.Equal(oldest.seen) && h.user.String() < oldest.user.String() {
			oldest = h
		}
	}
	if oldest != nil {
		delete(w.users, oldest.user)
	}
}

// volume compares how many patients' records a user opens with what they usually
// do.
func (w *Watch) volume(h *habits, patient glabella.PatientID, r *Record) {
	if _, ok := h.patients[patient]; !ok && len(h.patients) < maxPatients {
		h.patients[patient] = struct{}{}
		h.opened = cite(h.opened, r.Seq)
		h.today.patients = len(h.patients)
		w.unusual(h, r, h.opened, len(h.patients), CodeVolume, func(d dayHabit) (int, int, int, int) { return 1, d.patients, d.patients * d.patients, d.patients })
	}
	if _, ok := h.hourly[patient]; !ok && len(h.hourly) < maxPatients {
		h.hourly[patient] = struct{}{}
		h.inHour = cite(h.inHour, r.Seq)
		w.unusual(h, r, h.inHour, len(h.hourly), CodeHourVolume, func(d dayHabit) (int, int, int, int) { return d.hours, d.sum, d.squares, d.busiest })
	}
}

// cite adds the number of an entry to those that are named as evidence.
func cite(seqs []uint64, seq uint64) []uint64 {
	if n := len(seqs); n < maxEvidence && (n == 0 || seqs[n-1] != seq) {
		return append(seqs, seq)
	}
	return seqs
}

// unusual raises a count of patients that is above what the user's own past and
// the thresholds allow. Part gives a day's number of values, their sum, the sum of
// their squares and the largest of them. The largest counts because work comes in
// lumps: who calls tomorrow's patients each Thursday has hours that are far from
// the mean and yet usual.
func (w *Watch) unusual(h *habits, r *Record, evidence []uint64, count int, rule glabella.Code, part func(dayHabit) (n, sum, squares, most int)) {
	if count <= w.t.VolumeMin {
		return
	}
	limit := float64(w.t.VolumeStranger)
	if len(h.past) >= w.t.BaselineDays {
		var n, sum, squares, most int
		for _, d := range h.past {
			dn, ds, dq, dm := part(d)
			n, sum, squares, most = n+dn, sum+ds, squares+dq, max(most, dm)
		}
		if n == 0 {
			return
		}
		mean := float64(sum) / float64(n)
		limit = max(float64(w.t.VolumeMin), float64(most), mean+w.t.VolumeDeviations*math.Sqrt(max(0, float64(squares)/float64(n)-mean*mean)))
	}
	if float64(count) > limit {
		w.raiseOnce(h, r.At, evidence, count, signal(rule, "count", fmt.Sprint(count), "limit", fmt.Sprintf("%.0f", limit)))
	}
}

// raiseOnce makes a finding about a user's day, the first time in that day.
func (w *Watch) raiseOnce(h *habits, at time.Time, evidence []uint64, entries int, s Signal) {
	t := topic{rule: s.Rule, pair: pair{user: h.user}}
	if last := w.raised.get(t); !last.at.IsZero() && glabella.DateOf(last.at.In(w.zone)) == h.today.date {
		return
	}
	w.raised.put(t, raise{at, s.Weight})
	w.raiseAlways(h.user, glabella.PatientID{}, at, evidence, entries, s)
}

// run looks at accesses in a row: in the order of a list, or faster than anybody
// reads.
func (w *Watch) run(h *habits, patient glabella.PatientID, r *Record) {
	if n := len(h.recent); n > 0 && h.recent[n-1].patient == patient {
		return
	}
	h.recent = append(h.recent, opening{patient, r.Seq, r.At})
	if longest := max(w.t.SequenceRun, w.t.RapidRun+1); len(h.recent) > longest {
		h.recent = slices.Delete(h.recent, 0, len(h.recent)-longest)
	}
	row := func(n int, follows func(a, b opening) bool) []opening {
		if len(h.recent) < n {
			return nil
		}
		tail := h.recent[len(h.recent)-n:]
		for i := 1; i < n; i++ {
			if !follows(tail[i-1], tail[i]) {
				return nil
			}
		}
		return tail
	}
	// The last record of a run is the one that is being looked at: only those
	// before it have been left.
	if tail := row(w.t.RapidRun+1, func(a, b opening) bool { return b.at.Sub(a.at) < w.t.RapidDwell }); tail != nil {
		w.raiseOnce(h, tail[0].at, seqs(tail), len(tail), signal(CodeRapid, "count", fmt.Sprint(w.t.RapidRun), "seconds", fmt.Sprintf("%.0f", w.t.RapidDwell.Seconds())))
	}
	tail := row(w.t.SequenceRun, func(a, b opening) bool { return w.facts.Follows(a.patient, b.patient) })
	if tail != nil && r.At.Sub(tail[0].at) <= w.t.SequenceWithin {
		w.raiseOnce(h, tail[0].at, seqs(tail), len(tail), signal(CodeSequence, "count", fmt.Sprint(len(tail))))
	}
}

func seqs(run []opening) []uint64 {
	out := make([]uint64, 0, min(len(run), maxEvidence))
	for _, o := range run {
		out = cite(out, o.seq)
	}
	return out
}

// export compares how much a user exports with what they usually do.
func (w *Watch) export(h *habits, r *Record) {
	h.today.exports++
	h.exports = cite(h.exports, r.Seq)
	sum := 0
	for _, d := range h.past {
		sum += d.exports
	}
	limit := float64(w.t.ExportMin)
	if len(h.past) > 0 {
		limit = max(limit, w.t.ExportFactor*float64(sum)/float64(len(h.past)))
	}
	if float64(h.today.exports) > limit {
		w.raiseOnce(h, r.At, h.exports, h.today.exports, signal(CodeExports, "count", fmt.Sprint(h.today.exports), "limit", fmt.Sprintf("%.0f", limit)))
	}
}

// emergency has an emergency access wait for its review, and counts how often a
// user has them.
func (w *Watch) emergency(h *habits, patient glabella.PatientID, r *Record) {
	since := r.At.AddDate(0, 0, -w.t.WindowDays)
	// Everything that is done to one patient in one emergency is one emergency.
	if n := len(h.emergencies); n > 0 && h.emergencies[n-1].patient == patient && r.At.Sub(h.emergencies[n-1].at) < 24*time.Hour {
		return
	}
	if len(w.emergencies) < maxEmergencies {
		w.emergencies = append(w.emergencies, emergency{pair{h.user, patient}, r.Seq, r.At})
	}
	h.emergencies = slices.DeleteFunc(append(h.emergencies, opening{patient, r.Seq, r.At}), func(o opening) bool { return o.at.Before(since) })
	if n := len(h.emergencies); n > maxRun {
		h.emergencies = slices.Delete(h.emergencies, 0, n-maxRun)
	}
	if n := len(h.emergencies); n > w.t.BreakGlassMax {
		w.raise(h.user, glabella.PatientID{}, r.At, seqs(h.emergencies), n, signal(CodeBreakGlassRate, "count", fmt.Sprint(n), "days", fmt.Sprint(w.t.WindowDays)))
	}
}

// security takes an event that the host reported.
func (w *Watch) security(r *Record, v *Event) {
	if !SecurityEventType(v.Type).Valid() {
		return
	}
	e, err := ParseSecurityEvent(*v)
	if err != nil {
		return
	}
	account, ok := glabella.RefAs[glabella.StaffID](e.Account)
	if !ok && r.Actor.Kind == glabella.ActorStaff {
		account, err = glabella.ParseID[glabella.StaffID](r.Actor.ID)
		ok = err == nil
	}
	if !ok {
		return
	}
	h := w.habits(account, r.At)
	switch e.Type {
	case Exported, Printed:
		if !slices.Contains(w.t.ExportActions, r.Action) {
			w.export(h, r)
		}
	case LoginFailed:
		h.failures = append(h.failures, opening{seq: r.Seq, at: r.At})
		if n := len(h.failures); n > maxRun {
			h.failures = slices.Delete(h.failures, 0, n-maxRun)
		}
	case LoginSucceeded:
		w.login(h, r, e)
	}
}

// login looks at a log-in that succeeded: after how many failures, and where.
func (w *Watch) login(h *habits, r *Record, e SecurityEvent) {
	if w.facts.Terminated(h.user, r.At) {
		w.raise(h.user, glabella.PatientID{}, r.At, []uint64{r.Seq}, 1, signal(CodeTerminated))
	}
	since := r.At.Add(-w.t.FailedWithin)
	failed := slices.DeleteFunc(h.failures, func(o opening) bool { return o.at.Before(since) })
	if n := len(failed); n >= w.t.FailedLogins {
		row := append(failed, opening{seq: r.Seq, at: r.At})
		w.raiseAlways(h.user, glabella.PatientID{}, row[0].at, seqs(row), n+1, signal(CodeFailedLogins, "count", fmt.Sprint(n)))
	}
	h.failures = nil
	if e.Place == "" {
		return
	}
	if !slices.Contains(h.places, e.Place) {
		if h.logins >= w.t.PlacesKnown {
			w.raiseAlways(h.user, glabella.PatientID{}, r.At, []uint64{r.Seq}, 1, signal(CodeNewPlace))
		}
		if len(h.places) == maxPlaces {
			h.places = slices.Delete(h.places, 0, 1)
		}
		h.places = append(h.places, e.Place)
	}
	h.logins++
}
