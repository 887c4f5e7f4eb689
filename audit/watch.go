package audit

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// WatchOptions say how a journal is watched.
type WatchOptions struct {
	Thresholds *Thresholds    // the default is [DefaultThresholds]
	Zone       *time.Location // in which a day begins; the default is UTC
}

// Watch looks for anomalies in the records of a journal, one after the other. The
// same records and facts give the same findings, whether they are seen as they are
// written or read again later.
//
// Rules about an access first ask for its explanation: what links the user and the
// patient. Because that often comes after the access, an access waits for
// [Thresholds.Settle] before it is judged, together with others of the same user
// to the same record. Rules about a user's habits compare with the user's own
// last days.
//
// A Watch needs memory for the users of the practice, and a bounded amount for
// each and for the accesses that wait; when that is used up, the oldest are judged
// early or forgotten. It must not be used by several goroutines at once.
type Watch struct {
	t     Thresholds
	zone  *time.Location
	facts Facts
	now   time.Time // of the newest record

	users       map[glabella.StaffID]*habits
	waiting     map[pair]*visit
	queue       []*visit // those that wait, the oldest first
	emergencies []emergency
	repeats     *memory[pair, []time.Time] // unexplained accesses
	raised      *memory[topic, raise]
	departments map[string]*department

	out []Finding
}

// The bounds of a watch's memory.
const (
	maxUsers       = 1000
	maxWaiting     = 20000
	maxEmergencies = 1000
	maxRemembered  = 20000
	maxPatients    = 5000 // that are told apart in one user's day
	maxPlaces      = 100  // of one user
	maxDepartments = 100
	maxServices    = 200 // of one department
)

// pair is a user and a patient.
type pair struct {
	user    glabella.StaffID
	patient glabella.PatientID
}

// visit is one or more accesses of a user to a patient's record that wait for
// their explanation.
type visit struct {
	pair
	first, last time.Time
	evidence    []uint64
	entries     int
}

type emergency struct {
	pair
	seq uint64
	at  time.Time
}

// topic is what is not raised again for a while.
type topic struct {
	rule glabella.Code // "" for what is judged by the score of an access
	pair
}

type raise struct {
	at    time.Time
	score int
}

type department struct {
	total    int
	services map[string]int
}

// NewWatch returns a watch that has seen nothing. With nil options it uses the
// defaults. Thresholds that make no sense are a [*glabella.ValidationError].
func NewWatch(facts Facts, o *WatchOptions) (*Watch, error) {
	w := &Watch{
		t: DefaultThresholds(), zone: time.UTC, facts: facts,
		users: map[glabella.StaffID]*habits{}, waiting: map[pair]*visit{}, departments: map[string]*department{},
		repeats: newMemory[pair, []time.Time](maxRemembered), raised: newMemory[topic, raise](maxRemembered),
	}
	if facts == nil {
		w.facts = NoFacts{}
	}
	if o != nil && o.Thresholds != nil {
		w.t = *o.Thresholds
		w.t.ExportActions = slices.Clone(o.Thresholds.ExportActions)
	}
	if o != nil && o.Zone != nil {
		w.zone = o.Zone
	}
	if err := w.t.Validate(); err != nil {
		return nil, err
	}
	return w, nil
}

// See takes the next record of the journal and returns what was found by it and
// until it. Records come in the order of the journal.
func (w *Watch) See(r Record) []Finding {
	w.settle(r.At)
	if id, err := glabella.ParseID[glabella.StaffID](r.Actor.ID); err == nil && r.Actor.Kind == glabella.ActorStaff {
		w.access(id, &r)
	}
	for i := range r.Events {
		w.security(&r, &r.Events[i])
	}
	return w.take()
}

// Tick tells the watch that the time is now although nothing was written, and
// returns what was found because of that: accesses that nothing has explained,
// and emergency accesses that nobody has reviewed.
func (w *Watch) Tick(now time.Time) []Finding {
	w.settle(now)
	return w.take()
}

// Finish judges everything that still waits, as if its time had come, and returns
// what was found. Emergency accesses whose review is not yet due are left alone.
func (w *Watch) Finish() []Finding {
	for len(w.queue) > 0 {
		w.judgeOldest()
	}
	return w.take()
}

func (w *Watch) take() []Finding {
	out := w.out
	w.out = nil
	return out
}

// access takes a record of what a user did.
func (w *Watch) access(user glabella.StaffID, r *Record) {
	patient, about := glabella.RefAs[glabella.PatientID](r.Subject)
	if w.facts.Terminated(user, r.At) {
		w.raise(user, glabella.PatientID{}, r.At, []uint64{r.Seq}, 1, signal(CodeTerminated))
	}
	h := w.habits(user, r.At)
	if r.Outcome == Denied || r.Outcome == Failed {
		return
	}
	if slices.Contains(w.t.ExportActions, r.Action) {
		w.export(h, r)
	}
	if !about {
		return
	}
	own := w.facts.SamePerson(user, patient)
	if own {
		w.raise(user, patient, r.At, []uint64{r.Seq}, 1, signal(CodeOwnRecord))
	}
	if r.emergency() {
		w.emergency(h, patient, r)
	}
	w.volume(h, patient, r)
	w.run(h, patient, r)
	if !own {
		w.wait(pair{user, patient}, r)
	}
}

// wait has an access wait for its explanation.
func (w *Watch) wait(p pair, r *Record) {
	v := w.waiting[p]
	if v == nil {
		if len(w.queue) == maxWaiting {
			w.judgeOldest()
		}
		v = &visit{pair: p, first: r.At}
		w.waiting[p], w.queue = v, append(w.queue, v)
	}
	v.last = r.At
	v.entries++
	v.evidence = cite(v.evidence, r.Seq)
}

// settle judges what has waited long enough.
func (w *Watch) settle(now time.Time) {
	if now.After(w.now) {
		w.now = now
	}
	for len(w.queue) > 0 && !w.queue[0].first.Add(w.t.Settle).After(w.now) {
		w.judgeOldest()
	}
	for len(w.emergencies) > 0 && !w.emergencies[0].at.Add(w.t.BreakGlassReview).After(w.now) {
		e := w.emergencies[0]
		w.emergencies = w.emergencies[1:]
		if !w.facts.Reviewed(e.seq) {
			hours := fmt.Sprintf("%.0f", w.t.BreakGlassReview.Hours())
			w.raiseAlways(e.user, e.patient, e.at, []uint64{e.seq}, 1, signal(CodeBreakGlassUnreviewed, "hours", hours))
		}
	}
}

func (w *Watch) judgeOldest() {
	v := w.queue[0]
	w.queue[0] = nil
	w.queue = w.queue[1:]
	delete(w.waiting, v.pair)
	w.judge(v)
}

// judge asks what explains an access, and raises what nothing does.
func (w *Watch) judge(v *visit) {
	links, known := w.facts.Relationship(v.user, v.patient, v.first.Add(-w.t.RelationBefore), v.last.Add(w.t.RelationAfter))
	services := w.facts.Services(v.patient)
	d := w.department(v.user)
	if known && len(links) > 0 {
		d.learn(services)
		return
	}
	var signals []Signal
	add := func(is bool, code glabella.Code, args ...string) {
		if is {
			signals = append(signals, signal(code, args...))
		}
	}
	add(known, CodeNoRelationship, "days", days(w.t.RelationBefore))
	add(w.facts.SameSurname(v.user, v.patient), CodeSameSurname)
	add(w.facts.SameHousehold(v.user, v.patient), CodeSameHousehold)
	add(w.facts.Coworker(v.patient), CodeCoworker)
	add(w.facts.Prominent(v.patient), CodeProminent)
	add(w.offDuty(v.user, v.first), CodeOffDuty)
	last, known := w.facts.LastEvent(v.patient, v.first)
	add(known && v.first.Sub(last) > time.Duration(w.t.DormantDays)*24*time.Hour, CodeDormant, "days", fmt.Sprint(w.t.DormantDays))
	add(d.foreign(services, w.t), CodeOtherDepartment)
	times := within(append(w.repeats.get(v.pair), v.first), v.first.AddDate(0, 0, -w.t.WindowDays))
	w.repeats.put(v.pair, times[max(0, len(times)-maxRun):])
	add(len(times) >= w.t.Repeats, CodeRepeated, "count", fmt.Sprint(len(times)), "days", fmt.Sprint(w.t.WindowDays))
	if len(signals) > 0 {
		w.raiseTopic(topic{pair: v.pair}, newFinding(v.user, v.patient, v.first, v.evidence, v.entries, signals...))
	}
}

// days formats a duration as a number of days.
func days(d time.Duration) string { return fmt.Sprintf("%.0f", d.Hours()/24) }

// within returns the times after a limit.
func within(times []time.Time, after time.Time) []time.Time {
	return slices.DeleteFunc(times, func(t time.Time) bool { return !t.After(after) })
}

// offDuty reports whether the user is known not to be on duty, nor shortly
// before or after.
func (w *Watch) offDuty(user glabella.StaffID, at time.Time) bool {
	for _, t := range []time.Time{at, at.Add(-w.t.DutySlack), at.Add(w.t.DutySlack)} {
		if on, known := w.facts.OnDuty(user, t); on || !known {
			return false
		}
	}
	return true
}

// department returns what is known of the habits of the user's department, and
// nil for a user of all departments.
func (w *Watch) department(user glabella.StaffID) *department {
	name := w.facts.Department(user)
	if name == "" {
		return nil
	}
	d := w.departments[name]
	if d == nil && len(w.departments) < maxDepartments {
		d = &department{services: map[string]int{}}
		w.departments[name] = d
	}
	return d
}

func (d *department) learn(services []string) {
	if d == nil || len(services) == 0 {
		return
	}
	d.total++
	for _, s := range services {
		if _, ok := d.services[s]; ok || len(d.services) < maxServices {
			d.services[s]++
		}
	}
}

// foreign reports whether the department does not serve patients of the kind.
func (d *department) foreign(services []string, t Thresholds) bool {
	if d == nil || len(services) == 0 || d.total < t.DepartmentMin {
		return false
	}
	return !slices.ContainsFunc(services, func(s string) bool {
		return float64(d.services[s]) >= t.DepartmentShare*float64(d.total)
	})
}

// raise makes a finding of one rule, unless it was raised of late.
func (w *Watch) raise(user glabella.StaffID, patient glabella.PatientID, at time.Time, evidence []uint64, entries int, s Signal) {
	w.raiseTopic(topic{s.Rule, pair{user, patient}}, newFinding(user, patient, at, evidence, entries, s))
}

// raiseAlways makes a finding of one rule, even if it was raised of late.
func (w *Watch) raiseAlways(user glabella.StaffID, patient glabella.PatientID, at time.Time, evidence []uint64, entries int, s Signal) {
	if f := newFinding(user, patient, at, evidence, entries, s); f.Score >= w.t.MinScore {
		w.out = append(w.out, f)
	}
}

func (w *Watch) raiseTopic(t topic, f Finding) {
	if f.Score < w.t.MinScore {
		return
	}
	if last := w.raised.get(t); !last.at.IsZero() && f.At.Before(last.at.AddDate(0, 0, w.t.QuietDays)) && f.Score <= last.score {
		return
	}
	w.raised.put(t, raise{f.At, f.Score})
	w.out = append(w.out, f)
}

// memory is a map that forgets what was put into it first.
type memory[K comparable, V any] struct {
	values map[K]V
	order  []K // in a ring
	next   int
}

func newMemory[K comparable, V any](size int) *memory[K, V] {
	return &memory[K, V]{values: map[K]V{}, order: make([]K, 0, size)}
}

func (m *memory[K, V]) get(k K) V { return m.values[k] }

func (m *memory[K, V]) put(k K, v V) {
	if _, ok := m.values[k]; !ok {
		if len(m.order) < cap(m.order) {
			m.order = append(m.order, k)
		} else {
			delete(m.values, m.order[m.next])
			m.order[m.next] = k
			m.next = (m.next + 1) % len(m.order)
		}
	}
	m.values[k] = v
}

// Anomalies reads the journal from the entry from on and yields what a watch
// finds in it: the same as one that saw those entries as they were written, with
// the facts as they are now. It yields at most one error, last: that of the
// journal, of an entry that is not a record, or of thresholds that make no sense.
//
// Habits are learned from the entries that are read: begin some weeks before the
// time of interest.
func Anomalies(ctx context.Context, j Journal, from uint64, facts Facts, o *WatchOptions) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		w, err := NewWatch(facts, o)
		if err != nil {
			yield(Finding{}, err)
			return
		}
		for r, err := range recordsOf(ctx, j, from) {
			if err != nil {
				yield(Finding{}, err)
				return
			}
			for _, f := range w.See(r) {
				if !yield(f, nil) {
					return
				}
			}
		}
		for _, f := range w.Finish() {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// recordsOf decodes the entries from the number from on. It yields at most one
// error, last.
func recordsOf(ctx context.Context, j Journal, from uint64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for e, err := range j.Entries(ctx, from, 0) {
			if err != nil {
				yield(Record{}, fmt.Errorf("journal entry: %w", err))
				return
			}
			r, err := ParseRecord(e.Bytes)
			if err != nil {
				yield(Record{}, fmt.Errorf("journal entry %d: %w", e.Seq, err))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}
