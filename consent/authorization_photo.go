package consent

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// PhotoFact returns the authorization as [MayPublish] looks at it at the instant t.
// One for marketing is for publication too, which shows the practice's work to the
// public; one for research is for education and for training programs; one for
// operations is for education.
func (a Authorization) PhotoFact(t time.Time, zone *time.Location) AuthorizationFact {
	f := AuthorizationFact{ID: a.ID, RevokedAt: a.RevokedAt, Remuneration: a.Statements.Remuneration}
	f.From, f.Until = a.Window(zone)
	ended := []AuthorizationDefect{DefectExpired, DefectRevoked} // which the times say
	f.Defective = f.From.IsZero() || slices.ContainsFunc(a.defects(t, zone), func(d AuthorizationDefect) bool { return !slices.Contains(ended, d) })
	for _, p := range a.Purposes {
		switch p.Purpose {
		case glabella.PurposeMarketing:
			f.Purposes = append(f.Purposes, PhotoMarketing, PhotoPublication)
		case glabella.PurposeResearch:
			f.Purposes = append(f.Purposes, PhotoTrainingAI, PhotoEducation)
		case glabella.PurposeOperations:
			f.Purposes = append(f.Purposes, PhotoEducation)
		}
	}
	return f
}
