package main

import (
	"embed"
	"strings"

	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/internal/strict"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

//go:embed testdata/settings.json testdata/delivery.txt testdata/intake-ada.json testdata/intake-beatriz.json testdata/consents.json testdata/chart.json
var testdata embed.FS

// settings is the clinic's settings file.
type settings struct {
	Site     config.Site                  `json:"site"`
	Staff    []access.Staff               `json:"staff"`
	Services []billing.Service            `json:"services"`
	Products []inventory.Product          `json:"products"`
	Charts   encounter.CompletenessPolicy `json:"charts"` // what a chart holds before its note is signed
}

// chartEntry is one treatment of the chart file, with the lots on the containers
// that were drawn from.
type chartEntry struct {
	Treatment     string            `json:"treatment"`
	Product       string            `json:"product"`
	Lot           string            `json:"lot"`
	DiluentLot    string            `json:"diluentLot"`
	DiluentVolume quantity.Quantity `json:"diluentVolume"`
	Pregnant      string            `json:"pregnant"`
	Total         quantity.Quantity `json:"total"`
	Values        map[string]string `json:"values"`
	Points        []treatment.Point `json:"points"`
}

// clinicFiles is what the clinic has.
type clinicFiles struct {
	settings settings
	delivery []string // one scan a line
	ada      patient.Intake
	beatriz  patient.Intake
	forms    []consent.Form
	chart    []chartEntry
}

func readFiles() (clinicFiles, error) {
	var f clinicFiles
	read := func(name string) []byte {
		data, err := testdata.ReadFile("testdata/" + name)
		if err != nil {
			panic(err) // the files are part of the program
		}
		return data
	}
	for name, into := range map[string]any{"settings.json": &f.settings, "chart.json": &f.chart} {
		if err := strict.Decode(name, read(name), into); err != nil {
			return f, err
		}
	}
	f.delivery = strings.Split(strings.TrimSuffix(string(read("delivery.txt")), "\n"), "\n")
	var err error
	if f.ada, err = patient.ParseIntake("intake-ada.json", read("intake-ada.json")); err != nil {
		return f, err
	}
	if f.beatriz, err = patient.ParseIntake("intake-beatriz.json", read("intake-beatriz.json")); err != nil {
		return f, err
	}
	f.forms, err = consent.ParseForms("consents.json", read("consents.json"))
	return f, err
}
