package access

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// demands is a requirement made ready to be asked.
type demands struct {
	Requirement
	kinds []uint64 // the kinds of credential, see brief
	marks uint64   // one bit for each of them, see mark
}

func (r Requirement) compile() demands {
	d := demands{Requirement: r}
	for _, kind := range r.Credentials {
		n := brief(kind)
		d.kinds, d.marks = append(d.kinds, n), d.marks|mark(n)
	}
	return d
}

// brief returns a text of up to seven bytes as a number, and 0 for a longer one.
// Kinds of credential are nearly always that short, and numbers are compared
// faster.
func brief(s string) uint64 {
	if len(s) > 7 {
		return 0
	}
	n := uint64(len(s) + 1)
	for i := range len(s) {
		n = n<<8 | uint64(s[i])
	}
	return n
}

// mark returns one bit that stands for a brief text. Texts may share it: it tells
// quickly that one is not in a list, not that it is.
func mark(n uint64) uint64 { return 1 << (n * 0x9e3779b97f4a7c15 >> 58) }

// takes reports whether a kind of credential is one of those that are demanded.
func (d *demands) takes(kind string) bool {
	n := brief(kind)
	if n == 0 {
		return slices.Contains(d.Credentials, kind)
	}
	if d.marks&mark(n) == 0 {
		return false
	}
	for _, other := range d.kinds {
		if other == n {
			return true
		}
	}
	return false
}

// licensed reports whether the member of staff has a credential that is demanded,
// if any is.
func (d *demands) licensed(s *Staff, jurisdiction string, day int) bool {
	if len(d.Credentials) == 0 {
		return true
	}
	for i := range s.Credentials {
		if c := &s.Credentials[i]; d.takes(c.Kind) && c.holdsIn(jurisdiction) && c.validOn(day) {
			return true
		}
	}
	return false
}

// trained reports whether the member of staff has completed every training that
// is demanded, and all of them count on the day.
func (d *demands) trained(s *Staff, day int) bool {
	for _, course := range d.Trainings {
		if _, current := s.trained(course, day); !current {
			return false
		}
	}
	return true
}

// fresh reports whether the actor proved who they are within the age that is
// demanded, if one is.
func (d *demands) fresh(auth *glabella.Authentication, now time.Time) bool {
	return d.MaxAuthAge == 0 || fresh(auth, d.MaxAuthAge, now)
}

// clockSkew is how far the host's clock may be ahead of the library's. A proof of
// identity from later than that is no proof.
const clockSkew = time.Minute

// fresh reports whether the actor proved who they are within the age.
func fresh(auth *glabella.Authentication, age time.Duration, now time.Time) bool {
	since := now.Sub(auth.At)
	return !auth.At.IsZero() && since <= age && since >= -clockSkew
}

// separate reports whether nobody else is demanded, or the member of staff is
// somebody else than who did what went before.
func (d *demands) separate(s *Staff, before []glabella.StaffID) bool {
	return !d.Distinct || !slices.Contains(before, s.ID)
}
