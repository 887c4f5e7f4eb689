package audit_test

import (
	"cmp"
	"encoding/binary"
	"math/rand"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// year is the journal of a made-up clinic's year, what its records would tell of
// its users and patients, and the cases that were planted in it.
type year struct {
	audit.NoFacts
	rng      *rand.Rand
	records  []audit.Record
	staff    []person
	patients []client
	byID     map[glabella.PatientID]int
	byStaff  map[glabella.StaffID]int
	links    map[glabella.PatientID][]link
	reviewed map[string]bool // by user and time of an emergency access
	seqs     map[uint64]bool
	cases    []planted
}

type person struct {
	id         glabella.StaffID
	role       string
	department string
	surname    int
	house      int
	days       [7]bool
	from, to   int // hours
	until      time.Time
	place      string
	record     int // of themselves among the patients, or -1
}

type client struct {
	id       glabella.PatientID
	surname  int
	house    int
	vip      bool
	coworker bool
	services []string
}

// link is an event of a patient's care, with somebody or with the desk.
type link struct {
	at   time.Time
	user int // -1 for the desk, the biller and the manager
}

// planted is a case that a reviewer would confirm.
type planted struct {
	kind     string
	user     int
	patient  int // or -1
	from, to time.Time
}

const (
	commonSurnames = 12 // those below are too common to tell
	surnames       = 260
)

// yearOf makes the year of a clinic with twelve people and three thousand
// patients out of a seed.
func yearOf(seed int64) *year {
	y := &year{
		rng: rand.New(rand.NewSource(seed)), byID: map[glabella.PatientID]int{}, byStaff: map[glabella.StaffID]int{},
		links: map[glabella.PatientID][]link{}, reviewed: map[string]bool{}, seqs: map[uint64]bool{},
	}
	y.people()
	start := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)
	for d := range 365 {
		y.day(start.AddDate(0, 0, d))
	}
	y.plant(start)
	for _, l := range y.links {
		slices.SortFunc(l, func(a, b link) int { return a.at.Compare(b.at) })
	}
	slices.SortStableFunc(y.records, func(a, b audit.Record) int { return a.At.Compare(b.At) })
	for i := range y.records {
		r := &y.records[i]
		r.Seq = uint64(i)
		if y.reviewed[r.Actor.ID+r.At.String()] {
			y.seqs[r.Seq] = true
		}
	}
	return y
}

func number[I ~[16]byte](kind byte, n int) (id I) {
	id[0], id[6], id[8] = kind, 0x70, 0x80
	binary.BigEndian.PutUint32(id[12:], uint32(n+1))
	return id
}

func (y *year) people() {
	roles := []struct{ role, department string }{
		{"director", ""}, {"np", "injectables"}, {"np", "weight"}, {"nurse", "injectables"}, {"nurse", "injectables"}, {"nurse", "injectables"},
		{"laser", "laser"}, {"aesthetician", "skin"}, {"desk", ""}, {"desk", ""}, {"biller", ""}, {"manager", ""},
	}
	services := []string{"injectables", "injectables", "injectables", "laser", "laser", "skin", "skin", "weight"}
	for i := range 3000 {
		c := client{id: number[glabella.PatientID](1, i), surname: y.rng.Intn(surnames), house: i, vip: i%300 == 7, services: []string{services[y.rng.Intn(len(services))]}}
		if y.rng.Intn(3) == 0 {
			c.surname = y.rng.Intn(commonSurnames)
		}
		if y.rng.Intn(4) == 0 {
			c.services = append(c.services, services[y.rng.Intn(len(services))])
		}
		y.patients = append(y.patients, c)
		y.byID[c.id] = i
	}
	for i, r := range roles {
		p := person{id: number[glabella.StaffID](2, i), role: r.role, department: r.department, surname: commonSurnames + 7*i, house: 10000 + i, from: 8, to: 18, place: string(rune('a' + i)), record: -1}
		if i%2 == 1 {
			p.from, p.to = 10, 19
		}
		off := i % 6
		for d := 1; d <= 6; d++ {
			p.days[d] = d != off+1
		}
		if i < 7 {
			p.record = 2900 + i
			y.patients[p.record].coworker, y.patients[p.record].surname, y.patients[p.record].house = true, p.surname, p.house
			y.patients[2950+i].house = p.house // somebody who lives with them
		}
		y.staff = append(y.staff, p)
		y.byStaff[p.id] = i
	}
}

func (y *year) works(user int, on time.Time) bool {
	p := &y.staff[user]
	return p.days[on.Weekday()] && (p.until.IsZero() || on.Before(p.until))
}

// any returns somebody of a role who works that day, or -1.
func (y *year) any(on time.Time, ok func(*person) bool) int {
	var at []int
	for i := range y.staff {
		if y.works(i, on) && ok(&y.staff[i]) {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return -1
	}
	return at[y.rng.Intn(len(at))]
}

// write adds a record of an access.
func (y *year) write(at time.Time, user int, action string, patient int) *audit.Record {
	o := audit.Read
	if action != "patient.read" && action != "encounter.read" {
		o = audit.Done
	}
	r := audit.Record{
		At: at.Add(time.Duration(y.rng.Intn(1000)) * time.Millisecond), Action: action, Outcome: o,
		Actor: glabella.Actor{Kind: glabella.ActorStaff, ID: y.staff[user].id.String(), Purpose: glabella.PurposeTreatment},
	}
	if patient >= 0 {
		r.Subject = y.patients[patient].id.Ref()
	}
	y.records = append(y.records, r)
	return &y.records[len(y.records)-1]
}

func (y *year) link(at time.Time, user, patient int) {
	id := y.patients[patient].id
	y.links[id] = append(y.links[id], link{at, user})
}

func (y *year) report(at time.Time, user int, e audit.SecurityEvent) {
	v, err := e.Event()
	if err != nil {
		panic(err)
	}
	r := audit.Record{At: at, Action: "security.report", Outcome: audit.Done, Actor: glabella.SystemActor("sign-in"), Events: []audit.Event{v}}
	if e.Type == audit.Exported || e.Type == audit.Printed {
		r.Actor = glabella.Actor{Kind: glabella.ActorStaff, ID: y.staff[user].id.String(), Purpose: glabella.PurposeOperations}
	}
	y.records = append(y.records, r)
}

func (y *year) login(at time.Time, user int, place string) {
	y.report(at, user, audit.SecurityEvent{Type: audit.LoginSucceeded, Account: y.staff[user].id.Ref(), Place: place})
}

func hour(on time.Time, h float64) time.Time { return on.Add(time.Duration(h * float64(time.Hour))) }

// day is an ordinary day: visits from the booking to the bill, and everything
// that looks odd and is not.
func (y *year) day(on time.Time) {
	if on.Weekday() == time.Sunday {
		return
	}
	for i := range y.staff {
		p := &y.staff[i]
		if !y.works(i, on) {
			continue
		}
		for range y.rng.Intn(20) / 17 {
			y.report(hour(on, float64(p.from)-0.05), i, audit.SecurityEvent{Type: audit.LoginFailed, Account: p.id.Ref(), Cause: "wrong-secret"})
		}
		if y.rng.Intn(900) == 0 {
			p.place += "x" // a new telephone
		}
		y.login(hour(on, float64(p.from)), i, p.place)
	}
	for range 30 + y.rng.Intn(12) {
		y.visit(on)
	}
	desk := func(p *person) bool { return p.role == "desk" }
	clinical := func(p *person) bool { return p.department != "" }
	for range y.rng.Intn(5) { // a question on the telephone that leads to nothing
		if d := y.any(on, desk); d >= 0 {
			y.write(hour(on, 10.5+7*y.rng.Float64()), d, "patient.read", y.rng.Intn(2900))
		}
	}
	if y.rng.Intn(2) == 0 { // the wrong one of two with similar names
		if u := y.any(on, clinical); u >= 0 {
			y.write(hour(on, 11+6*y.rng.Float64()), u, "patient.read", y.rng.Intn(2900))
		}
	}
	if d := y.any(on, desk); d >= 0 { // tomorrow's patients are called
		at := hour(on, 15)
		for range 8 + y.rng.Intn(6) {
			p := y.rng.Intn(2900)
			y.link(at.AddDate(0, 0, 1), -1, p)
			at = at.Add(time.Duration(20+y.rng.Intn(200)) * time.Second)
			y.write(at, d, "patient.read", p)
		}
	}
	if on.Day() == 28 { // the charts of the month are sampled
		if m := y.any(on, func(p *person) bool { return p.role == "manager" || p.role == "director" }); m >= 0 {
			for i := range 15 {
				p := y.rng.Intn(2900)
				y.link(on, m, p)
				y.write(hour(on, 11+float64(i)/10), m, "encounter.read", p)
			}
		}
	}
	if on.Day() == 3 { // reports go to the accountant
		if b := y.any(on, func(p *person) bool { return p.role == "biller" || p.role == "manager" }); b >= 0 {
			for i := range 2 + y.rng.Intn(3) {
				y.report(hour(on, 12+float64(i)/10), b, audit.SecurityEvent{Type: audit.Exported, Count: 40})
			}
		}
	}
	if y.rng.Intn(40) == 0 { // an emergency
		if u := y.any(on, clinical); u >= 0 {
			p, at := y.rng.Intn(2900), hour(on, 13)
			r := y.write(at, u, "patient.read", p)
			r.Actor.BreakGlass = "emergency"
			y.reviewed[r.Actor.ID+r.At.String()] = true
			y.link(at, u, p)
		}
	}
}

// visit is one patient's visit, and what is done before and after it.
func (y *year) visit(on time.Time) {
	p := y.rng.Intn(2960)
	if y.rng.Intn(3) > 0 {
		p = y.rng.Intn(900) // those who come often
	}
	c := &y.patients[p]
	service := c.services[y.rng.Intn(len(c.services))]
	u := y.any(on, func(s *person) bool { return s.department == service && s.record != p })
	desk := y.any(on, func(s *person) bool { return s.role == "desk" })
	if u < 0 || desk < 0 {
		return
	}
	s := &y.staff[u]
	at := hour(on, float64(s.from)+float64(s.to-s.from-1)*y.rng.Float64())
	y.link(at, u, p)
	y.link(at, -1, p)
	booked := at.Add(-time.Duration(1+y.rng.Intn(20)) * 24 * time.Hour)
	if b := y.any(booked, func(s *person) bool { return s.role == "desk" }); b >= 0 {
		y.link(booked, -1, p)
		y.write(booked, b, "patient.read", p)
		y.write(booked.Add(time.Minute), b, "appointment.book", p)
	}
	y.write(at, desk, "appointment.check-in", p)
	for i, action := range []string{"patient.read", "treatment.screen", "encounter.chart", "photo.take", "encounter.complete"} {
		y.write(at.Add(time.Duration(4+5*i)*time.Minute), u, action, p)
	}
	sign := at.Add(40 * time.Minute)
	if y.rng.Intn(12) == 0 {
		sign = hour(on, 20.5+y.rng.Float64()) // at home
	}
	y.write(sign, u, "note.sign", p)
	y.write(at.Add(35*time.Minute), desk, "invoice.issue", p)
	if b := y.any(on, func(s *person) bool { return s.role == "biller" }); b >= 0 && y.rng.Intn(3) == 0 {
		y.write(hour(on, 10+7*y.rng.Float64()), b, "invoice.read", p)
	}
	if y.rng.Intn(4) == 0 {
		y.write(at.Add(time.Hour), 0, "note.cosign", p)
		y.link(at, 0, p)
	}
}

// stranger returns a patient whom nothing links to anybody around a day.
func (y *year) stranger(on time.Time, ok func(*client) bool) int {
	for range 200000 {
		p := y.rng.Intn(len(y.patients))
		c := &y.patients[p]
		near := slices.ContainsFunc(y.links[c.id], func(l link) bool {
			return l.at.After(on.AddDate(0, 0, -60)) && l.at.Before(on.AddDate(0, 0, 60))
		})
		if !near && ok(c) {
			return p
		}
	}
	return -1
}

func (y *year) plant(start time.Time) {
	// The first weeks are left alone, as they would be in a clinic that begins to
	// watch.
	when := func(user int) time.Time {
		for {
			if on := start.AddDate(0, 0, 40+y.rng.Intn(300)); y.works(user, on) {
				return on
			}
		}
	}
	add := func(kind string, user, patient int, from, to time.Time) {
		if patient >= -1 {
			y.cases = append(y.cases, planted{kind, user, patient, from, to})
		}
	}
	peek := func(kind string, n int, times int, pick func(s *person) func(*client) bool, h func(s *person) float64) {
		for range n {
			u := y.rng.Intn(len(y.staff))
			on := when(u)
			p := y.stranger(on, pick(&y.staff[u]))
			if p < 0 {
				continue
			}
			at := hour(on, h(&y.staff[u]))
			for i := range times {
				at = at.AddDate(0, 0, 3*min(i, 1))
				y.write(at, u, "patient.read", p)
				y.write(at.Add(2*time.Minute), u, "encounter.read", p)
			}
			add(kind, u, p, hour(on, 0), at)
		}
	}
	inHours := func(s *person) float64 { return float64(s.from) + 1 + float64(s.to-s.from-2)*y.rng.Float64() }
	atNight := func(*person) float64 { return 21.5 + 2*y.rng.Float64() }
	plain := func(c *client) bool { return !c.vip && !c.coworker && c.house < 10000 }
	anybody := func(*person) func(*client) bool { return plain }
	peek("household", 6, 1, func(s *person) func(*client) bool {
		return func(c *client) bool { c.house = s.house; return !c.coworker }
	}, inHours)
	peek("surname", 6, 1, func(s *person) func(*client) bool {
		return func(c *client) bool { return !c.coworker && c.surname == s.surname }
	}, inHours)
	peek("coworker", 6, 1, func(s *person) func(*client) bool {
		return func(c *client) bool { return c.coworker && (s.record < 0 || c.id != y.patients[s.record].id) }
	}, inHours)
	peek("prominent", 6, 1, func(*person) func(*client) bool { return func(c *client) bool { return c.vip } }, inHours)
	peek("night", 5, 1, anybody, atNight)
	peek("former partner", 4, 5, anybody, inHours)
	peek("neighbour", 6, 1, anybody, inHours)
	for i := range 4 {
		on := when(i)
		y.write(hour(on, 12), i, "patient.read", y.staff[i].record)
		add("own record", i, y.staff[i].record, on, on.AddDate(0, 0, 1))
	}
	bulk := func(kind string, n int, do func(u int, at time.Time)) {
		for range n {
			u := 1 + y.rng.Intn(11)
			on := when(u)
			do(u, hour(on, inHours(&y.staff[u])))
			add(kind, u, -1, on, on.AddDate(0, 0, 1))
		}
	}
	bulk("list", 3, func(u int, at time.Time) {
		first := y.rng.Intn(2000)
		for i := range 12 {
			y.write(at.Add(time.Duration(i)*30*time.Second), u, "patient.read", first+i)
		}
	})
	bulk("scraping", 3, func(u int, at time.Time) {
		for i := range 25 {
			y.write(at.Add(time.Duration(i)*3*time.Second), u, "patient.read", y.rng.Intn(2900))
		}
	})
	bulk("trawl", 3, func(u int, at time.Time) {
		for i := range 70 {
			y.write(at.Add(time.Duration(i)*20*time.Second), u, "patient.read", y.rng.Intn(2900))
		}
	})
	bulk("exports", 3, func(u int, at time.Time) {
		for i := range 20 {
			y.write(at.Add(time.Duration(i)*time.Minute), u, "patient.export", y.rng.Intn(2900))
		}
	})
	bulk("stolen password", 3, func(u int, at time.Time) {
		for i := range 8 {
			y.report(at.Add(time.Duration(i)*20*time.Second), u, audit.SecurityEvent{Type: audit.LoginFailed, Account: y.staff[u].id.Ref(), Cause: "wrong-secret"})
		}
		y.login(at.Add(4*time.Minute), u, "elsewhere")
	})
	gone, on := 3+y.rng.Intn(3), start.AddDate(0, 0, 350) // later than all other cases
	y.staff[gone].until = on
	y.records = slices.DeleteFunc(y.records, func(r audit.Record) bool {
		of := func(v audit.Event) bool { return strings.Contains(string(v.Data), y.staff[gone].id.String()) }
		return r.At.After(on) && (r.Actor.ID == y.staff[gone].id.String() || slices.ContainsFunc(r.Events, of))
	})
	y.login(hour(on, 34), gone, "elsewhere")
	add("account of one who left", gone, -1, on, on.AddDate(0, 0, 2))
	for i := range 2 {
		u := 3 + i
		on := when(u)
		for d := range 6 {
			r := y.write(hour(on.AddDate(0, 0, 3*d), 13), u, "patient.read", y.rng.Intn(2900))
			r.Actor.BreakGlass = "emergency"
			y.reviewed[r.Actor.ID+r.At.String()] = i == 0
		}
		add("emergencies", u, -1, on, on.AddDate(0, 0, 20))
	}
}

func (y *year) Relationship(user glabella.StaffID, patient glabella.PatientID, from, to time.Time) ([]glabella.Ref, bool) {
	u := y.byStaff[user]
	role := y.staff[u].role
	all := y.links[patient]
	i, _ := slices.BinarySearchFunc(all, from, func(l link, t time.Time) int { return l.at.Compare(t) })
	for ; i < len(all) && !all[i].at.After(to); i++ {
		if l := all[i].user; l == u || l < 0 && (role == "desk" || role == "biller" || role == "manager") {
			return []glabella.Ref{{Kind: "encounter", ID: "linked"}}, true
		}
	}
	return nil, true
}

func (y *year) SameSurname(user glabella.StaffID, patient glabella.PatientID) bool {
	s := y.patients[y.byID[patient]].surname
	return s >= commonSurnames && s == y.staff[y.byStaff[user]].surname
}

func (y *year) SameHousehold(user glabella.StaffID, patient glabella.PatientID) bool {
	return y.patients[y.byID[patient]].house == y.staff[y.byStaff[user]].house
}

func (y *year) SamePerson(user glabella.StaffID, patient glabella.PatientID) bool {
	return y.byID[patient] == y.staff[y.byStaff[user]].record
}

func (y *year) Coworker(patient glabella.PatientID) bool {
	return y.patients[y.byID[patient]].coworker
}

func (y *year) Prominent(patient glabella.PatientID) bool { return y.patients[y.byID[patient]].vip }

func (y *year) OnDuty(user glabella.StaffID, at time.Time) (on, known bool) {
	p := &y.staff[y.byStaff[user]]
	return p.days[at.Weekday()] && at.Hour() >= p.from && at.Hour() < p.to, true
}

func (y *year) LastEvent(patient glabella.PatientID, before time.Time) (time.Time, bool) {
	all := y.links[patient]
	i, _ := slices.BinarySearchFunc(all, before, func(l link, t time.Time) int { return l.at.Compare(t) })
	if i == 0 {
		return time.Date(2023, time.January, 1, 0, 0, 0, 0, time.UTC).AddDate(0, y.byID[patient]%24, 0), true
	}
	return all[i-1].at, true
}

func (y *year) Terminated(user glabella.StaffID, at time.Time) bool {
	until := y.staff[y.byStaff[user]].until
	return !until.IsZero() && at.After(until)
}

func (y *year) Department(user glabella.StaffID) string { return y.staff[y.byStaff[user]].department }

func (y *year) Services(patient glabella.PatientID) []string {
	return y.patients[y.byID[patient]].services
}

func (y *year) Follows(a, b glabella.PatientID) bool {
	step := y.byID[b] - y.byID[a]
	return step > 0 && step <= 3
}

func (y *year) Reviewed(seq uint64) bool { return y.seqs[seq] }

// marks says how the findings do against the cases.
type marks struct {
	findings, right, cases, found int
	missed                        []string
	wrong                         map[glabella.Code]int
}

func (m marks) precision() float64 { return float64(m.right) / float64(max(1, m.findings)) }
func (m marks) recall() float64    { return float64(m.found) / float64(max(1, m.cases)) }

func (y *year) mark(findings []audit.Finding) marks {
	m := marks{findings: len(findings), cases: len(y.cases), wrong: map[glabella.Code]int{}}
	hit := make([]bool, len(y.cases))
	for _, f := range findings {
		right := false
		for i, c := range y.cases {
			if f.Staff != y.staff[c.user].id || f.At.Before(c.from.AddDate(0, 0, -1)) || f.At.After(c.to.AddDate(0, 0, 2)) {
				continue
			}
			if c.patient >= 0 && f.Patient != y.patients[c.patient].id || c.patient < 0 && !f.Patient.IsZero() && c.kind != "emergencies" {
				continue
			}
			hit[i], right = true, true
		}
		if right {
			m.right++
		} else {
			m.wrong[f.Rule]++
		}
	}
	for i, c := range y.cases {
		if hit[i] {
			m.found++
		} else {
			m.missed = append(m.missed, c.kind)
		}
	}
	slices.SortFunc(m.missed, cmp.Compare[string])
	return m
}
