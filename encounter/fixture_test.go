package encounter_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

func id[I glabella.Identity](n int) I {
	return glabella.MustParseID[I](fmt.Sprintf("01900000-0000-7000-8000-%012d", n))
}

var (
	visitID    = id[glabella.EncounterID](1)
	patientID  = id[glabella.PatientID](2)
	siteID     = id[glabella.SiteID](3)
	nurse      = id[glabella.StaffID](4)
	doctor     = id[glabella.StaffID](5)
	otherStaff = id[glabella.StaffID](6)
	lotA, lotB = id[glabella.LotID](7), id[glabella.LotID](8)
	vialA      = id[glabella.VialID](9)
	vialB      = id[glabella.VialID](10)
	lotC       = id[glabella.LotID](11)
	syringe    = id[glabella.VialID](12)

	morning = time.Date(2026, time.November, 3, 15, 30, 0, 0, time.UTC)
)

func face(t testing.TB) treatment.Diagram {
	t.Helper()
	d, ok := treatment.BuiltIn().Diagram("face-front", 1)
	if !ok {
		t.Fatal("no diagram face-front version 1")
	}
	return d
}

func template(t testing.TB, code string) treatment.Template {
	t.Helper()
	out, ok := treatment.BuiltIn().Latest(code)
	if !ok {
		t.Fatalf("no template %s", code)
	}
	return out
}

// spot is a point without what all points of a record share.
type spot struct {
	region, muscle string
	side           glabella.Side
	x, y           float64
}

const right, left, midline = glabella.SideRight, glabella.SideLeft, glabella.SideMidline

// The patterns that the Botox Cosmetic label names for upper facial lines, at
// schematic places.
var (
	glabellarLines = []spot{
		{"glabella", "procerus", midline, 0.5, 0.375},
		{"glabella", "corrugator-supercilii", right, 0.44, 0.37}, {"glabella", "corrugator-supercilii", right, 0.4, 0.36},
		{"glabella", "corrugator-supercilii", left, 0.56, 0.37}, {"glabella", "corrugator-supercilii", left, 0.6, 0.36},
	}
	foreheadLines = []spot{
		{"forehead", "frontalis", midline, 0.5, 0.265},
		{"forehead", "frontalis", right, 0.4, 0.275}, {"forehead", "frontalis", left, 0.6, 0.275},
		{"forehead", "frontalis", right, 0.32, 0.29}, {"forehead", "frontalis", left, 0.68, 0.29},
	}
	canthalLines = []spot{
		{"lateral-canthal", "orbicularis-oculi", right, 0.3, 0.405}, {"lateral-canthal", "orbicularis-oculi", right, 0.285, 0.425}, {"lateral-canthal", "orbicularis-oculi", right, 0.3, 0.445},
		{"lateral-canthal", "orbicularis-oculi", left, 0.7, 0.405}, {"lateral-canthal", "orbicularis-oculi", left, 0.715, 0.425}, {"lateral-canthal", "orbicularis-oculi", left, 0.7, 0.445},
	}
)

func onFace(amount string, lot glabella.LotID, vial glabella.VialID, spots ...[]spot) treatment.Map {
	m := treatment.Map{Diagram: "face-front", DiagramVersion: 1}
	for _, group := range spots {
		for _, s := range group {
			m.Points = append(m.Points, treatment.Point{
				Seq: len(m.Points) + 1, X: s.x, Y: s.y, Region: s.region, Muscle: s.muscle, Side: s.side,
				Amount: quantity.MustParse(amount), Lot: lot, Vial: vial,
			})
		}
	}
	return m
}

// upperFace is a record of the whole labelled pattern: 16 points of 4 U.
func upperFace(t testing.TB) treatment.Record {
	return treatment.Record{
		Template: template(t, "botulinum-toxin").Ref(), Product: "onabotulinumtoxinA",
		Values: map[string]string{
			"allergies-reviewed": "true", "medications-reviewed": "true", "pregnancy-status": "no", "anaesthesia": "topical", "anaesthetic": "lidocaine 4% cream",
			"vial-units": "100", "diluent": "preservative-free-saline", "diluent-volume": "2.5", "reconstituted-at": "2026-11-03T15:00:00Z", "pain": "2", "aftercare-given": "true",
		},
		Maps:  []treatment.Map{onFace("4 [arb'U]{onabotulinumtoxinA}", lotA, vialA, glabellarLines, foreheadLines, canthalLines)},
		Total: quantity.MustParse("64 [arb'U]{onabotulinumtoxinA}"),
	}
}

// cheeks is a record of 1 mL in each cheek, each out of a syringe of its own.
func cheeks(t testing.TB) treatment.Record {
	r := treatment.Record{
		Template: template(t, "dermal-filler").Ref(), Product: "juvederm-voluma-xc",
		Values: map[string]string{
			"allergies-reviewed": "true", "medications-reviewed": "true", "vision-before": "normal", "hyaluronidase-available": "true",
			"syringes-used": "2", "plane": "supraperiosteal", "device": "cannula", "gauge": "25",
			"capillary-refill": "normal", "vision-after": "normal", "aftercare-given": "true",
		},
		Maps: []treatment.Map{onFace("1 mL{juvederm-voluma-xc}", lotB, vialB,
			[]spot{{"cheek", "", right, 0.32, 0.52}, {"cheek", "", left, 0.68, 0.52}})},
		Total: quantity.MustParse("2 mL{juvederm-voluma-xc}"),
	}
	second := &r.Maps[0].Points[1]
	second.Lot, second.Vial = lotC, syringe
	return r
}

var mapOptions = encounter.MapOptions{
	Title:    "Robin Example, 3 November 2026",
	Products: map[string]string{"onabotulinumtoxinA": "Botox Cosmetic", "juvederm-voluma-xc": "Juvéderm Voluma XC"},
	Labels:   map[glabella.Ref]string{lotA.Ref(): "C1234, expires 2027-03-31", lotB.Ref(): "V001, expires 2027-05-31", lotC.Ref(): "V002, expires 2027-06-30"},
}
