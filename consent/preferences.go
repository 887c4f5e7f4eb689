package consent

import (
	"fmt"

	"github.com/glabella-ehr/glabella"
)

// Preferences are what is on record of what a patient allows and has asked for,
// beside the consents to treatment.
type Preferences struct {
	Permissions     []Permission     `json:"permissions"`
	Publications    []Publication    `json:"publications"`
	ContactConsents []ContactConsent `json:"contactConsents"`
	Directives      []Directive      `json:"directives"`
	Restrictions    []Restriction    `json:"restrictions"`
	Authorizations  []Authorization  `json:"authorizations"`
	Requests        []Request        `json:"requests"`
}

// Each calls fn for every record with its place among the preferences, as a JSON
// Pointer, and whose it is.
func (p *Preferences) Each(fn func(path string, of *glabella.PatientID)) {
	for i := range p.Permissions {
		fn(fmt.Sprintf("/permissions/%d", i), &p.Permissions[i].Patient)
	}
	for i := range p.Publications {
		fn(fmt.Sprintf("/publications/%d", i), &p.Publications[i].Patient)
	}
	for i := range p.ContactConsents {
		fn(fmt.Sprintf("/contactConsents/%d", i), &p.ContactConsents[i].Patient)
	}
	for i := range p.Directives {
		fn(fmt.Sprintf("/directives/%d", i), &p.Directives[i].Patient)
	}
	for i := range p.Restrictions {
		fn(fmt.Sprintf("/restrictions/%d", i), &p.Restrictions[i].Patient)
	}
	for i := range p.Authorizations {
		fn(fmt.Sprintf("/authorizations/%d", i), &p.Authorizations[i].Patient)
	}
	for i := range p.Requests {
		fn(fmt.Sprintf("/requests/%d", i), &p.Requests[i].Patient)
	}
}
