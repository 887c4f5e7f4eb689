package consent

import (
	"time"

	"github.com/glabella-ehr/glabella"
)

// ShareFacts are what [MayShare] decides on.
type ShareFacts struct {
	Patient   glabella.PatientID
	Recipient glabella.Ref // who would get the data
	Role      string       // the class of parties that the recipient is of
	Purpose   glabella.Purpose
	Class     string
	Tags      []Sensitivity
	Labels    []string
	Codes     []glabella.Coding
	DataAt    time.Time
	At        time.Time

	Directives []Directive
}
