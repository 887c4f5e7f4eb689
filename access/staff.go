package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

// Role is a job in the practice. What a role may do is the policy's matter.
type Role string

// The roles.
const (
	Owner            Role = "owner"
	MedicalDirector  Role = "medical-director"
	Physician        Role = "physician"
	NP               Role = "np" // nurse practitioner
	PA               Role = "pa" // physician assistant
	NurseInjector    Role = "nurse-injector"
	LaserTechnician  Role = "laser-technician"
	Aesthetician     Role = "aesthetician"
	FrontDesk        Role = "front-desk"
	Biller           Role = "biller"
	Marketer         Role = "marketer"
	InventoryManager Role = "inventory-manager"
	Auditor          Role = "auditor"
	Patient          Role = "patient" // every actor of the kind patient
	System           Role = "system"  // every actor of the kind system
)

// Roles returns every role.
func Roles() []Role {
	return []Role{Owner, MedicalDirector, Physician, NP, PA, NurseInjector, LaserTechnician, Aesthetician, FrontDesk, Biller, Marketer, InventoryManager, Auditor, Patient, System}
}

// Valid reports whether r is one of [Roles].
func (r Role) Valid() bool { return r.place() > 0 }

// place returns the place of the role among [Roles], from 1, and 0 for what is no
// role.
func (r Role) place() int {
	switch r {
	case Owner:
		return 1
	case MedicalDirector:
		return 2
	case Physician:
		return 3
	case NP:
		return 4
	case PA:
		return 5
	case NurseInjector:
		return 6
	case LaserTechnician:
		return 7
	case Aesthetician:
		return 8
	case FrontDesk:
		return 9
	case Biller:
		return 10
	case Marketer:
		return 11
	case InventoryManager:
		return 12
	case Auditor:
		return 13
	case Patient:
		return 14
	case System:
		return 15
	}
	return 0
}

// Staff is a member of the practice's staff.
type Staff struct {
	ID glabella.StaffID `json:"id" validate:"required"`
	glabella.Meta
	Name         string            `json:"name" validate:"required"`
	Roles        []Role            `json:"roles" validate:"min=1"`
	Sites        []glabella.SiteID `json:"sites"` // where they work; empty is every site
	Credentials  []Credential      `json:"credentials"`
	Trainings    []Training        `json:"trainings"`
	TerminatedOn glabella.Date     `json:"terminatedOn,omitzero"` // from this day on they may do nothing
}

// Credential is a licence or certificate.
type Credential struct {
	Kind         string           `json:"kind"` // MD, DO, NP, PA, RN, …
	Number       string           `json:"number"`
	Jurisdiction string           `json:"jurisdiction"` // ISO 3166; one of a country holds in all of its parts
	ValidFrom    glabella.Date    `json:"validFrom"`
	ValidTo      glabella.Date    `json:"validTo,omitzero"` // the last day; zero is without end
	Supervisor   glabella.StaffID `json:"supervisor,omitzero"`
}

// ValidOn reports whether the credential holds on a day.
func (c Credential) ValidOn(on glabella.Date) bool {
	return c.validOn(ordinal(on))
}

func (c *Credential) validOn(day int) bool {
	return day >= ordinal(c.ValidFrom) && lasts(c.ValidTo, day)
}

// lasts reports whether the day is not after the last one, if there is a last one.
func lasts(to glabella.Date, day int) bool {
	last := ordinal(to)
	return last == 0 || day <= last
}

// HoldsIn reports whether the credential is of the jurisdiction, or of the country
// or state that it is part of.
func (c Credential) HoldsIn(jurisdiction string) bool {
	return c.holdsIn(jurisdiction)
}

func (c *Credential) holdsIn(jurisdiction string) bool {
	if c.Jurisdiction == jurisdiction {
		return jurisdiction != ""
	}
	rest, within := strings.CutPrefix(jurisdiction, c.Jurisdiction)
	return c.Jurisdiction != "" && within && rest[0] == '-'
}

// Training is a course that a member of staff has completed.
type Training struct {
	Course    string        `json:"course"` // a code of the practice's own
	Completed glabella.Date `json:"completed"`
	ValidTo   glabella.Date `json:"validTo,omitzero"` // the last day on which it counts; zero is without end
	Evidence  string        `json:"evidence,omitempty"`
}

// Ref returns the reference to the member of staff.
func (s Staff) Ref() glabella.Ref { return s.ID.Ref() }

// Validate reports everything that is wrong with the staff record.
func (s Staff) Validate() error {
	issues := check.Struct(s)
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	for i, r := range s.Roles {
		if !r.Valid() || r == Patient || r == System {
			add(glabella.CodeUnknownValue, "not a role of staff", "/roles/%d", i)
		}
	}
	for i, c := range s.Credentials {
		for _, f := range []struct{ name, value string }{{"kind", c.Kind}, {"number", c.Number}, {"jurisdiction", c.Jurisdiction}} {
			if f.value == "" {
				add(glabella.CodeRequired, "must be given", "/credentials/%d/%s", i, f.name)
			}
		}
		if !c.ValidFrom.Valid() {
			add(glabella.CodeRequired, "a credential has a first day", "/credentials/%d/validFrom", i)
		}
		if !c.ValidTo.IsZero() && c.ValidTo.Before(c.ValidFrom) {
			add(glabella.CodeOutOfRange, "ends before it begins", "/credentials/%d/validTo", i)
		}
	}
	for i, c := range s.Trainings {
		if c.Course == "" {
			add(glabella.CodeRequired, "must be given", "/trainings/%d/course", i)
		}
		if !c.Completed.Valid() {
			add(glabella.CodeRequired, "a training has a day of completion", "/trainings/%d/completed", i)
		}
		if !c.ValidTo.IsZero() && c.ValidTo.Before(c.Completed) {
			add(glabella.CodeOutOfRange, "ends before it begins", "/trainings/%d/validTo", i)
		}
	}
	return glabella.Invalid("staff", issues...)
}

// Credential returns the first of the member's credentials that is of one of the
// kinds and holds in the jurisdiction on the day.
func (s Staff) Credential(kinds []string, jurisdiction string, on glabella.Date) (Credential, bool) {
	for _, c := range s.Credentials {
		if slices.Contains(kinds, c.Kind) && c.HoldsIn(jurisdiction) && c.ValidOn(on) {
			return c, true
		}
	}
	return Credential{}, false
}

// trained reports whether the member has completed a course by the day, and
// whether that still counts.
func (s *Staff) trained(course string, day int) (done, current bool) {
	for i := range s.Trainings {
		if t := &s.Trainings[i]; t.Course == course && ordinal(t.Completed) <= day {
			done = true
			if lasts(t.ValidTo, day) {
				return true, true
			}
		}
	}
	return done, false
}

// Kinds returns the kinds of the member's credentials that hold in the
// jurisdiction on the day.
func (s Staff) Kinds(jurisdiction string, on glabella.Date) []string {
	var out []string
	for _, c := range s.Credentials {
		if c.HoldsIn(jurisdiction) && c.ValidOn(on) && !slices.Contains(out, c.Kind) {
			out = append(out, c.Kind)
		}
	}
	return out
}
