package audit

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
)

// strangers knows that nothing links anybody to anybody.
type strangers struct{ NoFacts }

func (strangers) Relationship(glabella.StaffID, glabella.PatientID, time.Time, time.Time) ([]glabella.Ref, bool) {
	return nil, true
}
func (strangers) Department(u glabella.StaffID) string { return u.String() }
func (strangers) Services(p glabella.PatientID) []string {
	return []string{p.String()}
}

func TestAWatchNeedsBoundedMemory(t *testing.T) {
	t.Parallel()
	thresholds := DefaultThresholds()
	thresholds.MinScore = 0
	w, err := NewWatch(strangers{}, &WatchOptions{Thresholds: &thresholds})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	for i := range maxWaiting + maxRemembered + 100 {
		var user glabella.StaffID
		var patient glabella.PatientID
		binary.BigEndian.PutUint32(user[:], uint32(i%(2*maxUsers)+1))
		if i%3 > 0 {
			binary.BigEndian.PutUint32(user[:], 1) // one who opens most
		}
		binary.BigEndian.PutUint32(patient[:], uint32(i+1))
		w.See(Record{
			Seq: uint64(i), At: at.Add(time.Duration(i) * time.Second / 2), Action: "patient.read", Outcome: Read, Subject: patient.Ref(),
			Actor: glabella.Actor{Kind: glabella.ActorStaff, ID: user.String(), Purpose: glabella.PurposeBreakGlass},
		})
	}
	var most int
	for _, h := range w.users {
		most = max(most, len(h.patients), len(h.hourly))
		if len(h.recent) > maxRun || len(h.emergencies) > maxRun || len(h.opened) > maxEvidence || len(h.inHour) > maxEvidence || len(h.past) > maxWindow {
			t.Fatalf("a user's habits have grown to %+v", h)
		}
	}
	for _, n := range []struct {
		name      string
		have, max int
	}{
		{"users", len(w.users), maxUsers}, {"waiting", len(w.queue), maxWaiting}, {"waiting by pair", len(w.waiting), maxWaiting},
		{"emergencies", len(w.emergencies), maxEmergencies}, {"repeats", len(w.repeats.values), maxRemembered}, {"raised", len(w.raised.values), maxRemembered},
		{"departments", len(w.departments), maxDepartments}, {"patients of a user", most, maxPatients},
	} {
		if n.have > n.max {
			t.Errorf("%s: %d, want at most %d", n.name, n.have, n.max)
		}
	}
	if len(w.queue) != len(w.waiting) {
		t.Errorf("%d wait in the queue and %d by pair", len(w.queue), len(w.waiting))
	}
	// What did not fit any more was judged early and not dropped.
	if len(w.repeats.values) < maxRemembered {
		t.Errorf("%d accesses were judged, want at least %d", len(w.repeats.values), maxRemembered)
	}
}
