package fhirconv

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// keeper returns what may stay of a value, and nil if nothing may.
type keeper func(d *deidentifier, path string, v any) any

// elements are the members of an element that may stay.
type elements map[string]keeper

// letters are the identifiers of 45 CFR 164.514(b)(2)(i) that well-known elements
// hold. An element that is not here is left out all the same, as (R).
var letters = map[string]string{
	"name": "A", "contact": "A", "display": "A", "family": "A", "given": "A",
	"city": "B", "line": "B", "district": "B", "period": "C",
	"identifier": "H", "photo": "Q", "udiCarrier": "M", "serialNumber": "M", "lotNumber": "R", "batch": "R",
	"text": "R", "note": "R", "extension": "R", "modifierExtension": "R", "meta": "R", "link": "R", "communication": "R", "contained": "R",
	"performer": "R", "participant": "R", "location": "B", "generalPractitioner": "R", "managingOrganization": "R", "recorder": "R", "asserter": "R",
}

// removedKinds are the resources that a copy never has and that a proof names.
var removedKinds = map[string]bool{
	"Practitioner": true, "PractitionerRole": true, "Location": true, "Organization": true, "RelatedPerson": true, "Device": true,
	"DocumentReference": true, "Consent": true, "Invoice": true, "Media": true, "Binary": true, "Provenance": true, "Observation": true,
}

// deidentified are the resources that may stay, and what of each.
var deidentified = map[string]elements{
	"Patient": {
		"gender":    codes("female", "male", "other", "unknown"),
		"birthDate": year,
		"address":   address,
		"active":    boolean,
	},
	"Encounter": {
		"status": codes("planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error", "unknown"),
		"class":  coding, "subject": reference, "period": years, "appointment": reference,
	},
	"Appointment": {
		"status": codes("proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error", "checked-in", "waitlist"),
		"start":  year, "end": year, "serviceType": concepts, "cancelationReason": concepts,
	},
	"Condition": {
		"clinicalStatus": concepts, "verificationStatus": concepts, "code": concepts, "subject": reference,
		"onsetDateTime": year, "abatementDateTime": year, "recordedDate": year,
	},
	"AllergyIntolerance": {
		"clinicalStatus": concepts, "verificationStatus": concepts, "code": concepts, "patient": reference, "recordedDate": year,
		"type": codes("allergy", "intolerance"), "criticality": codes("low", "high", "unable-to-assess"),
	},
	"MedicationStatement": {
		"status":                    codes("active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken"),
		"medicationCodeableConcept": concepts, "subject": reference, "effectivePeriod": years, "dateAsserted": year,
	},
	"Procedure": {
		"status": codes("preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"),
		"code":   concepts, "subject": reference, "encounter": reference, "performedDateTime": year, "bodySite": concepts, "outcome": concepts,
	},
	"MedicationAdministration": {
		"status":              codes("in-progress", "not-done", "on-hold", "completed", "entered-in-error", "stopped", "unknown"),
		"medicationReference": reference, "medicationCodeableConcept": concepts, "subject": reference, "context": reference, "partOf": reference,
		"effectiveDateTime": year, "dosage": dosage, "contained": contained,
	},
	"Medication": medication,
}

var medication = elements{"code": concepts}

// shared are the codes of HL7 that this package writes.
var shared = map[string][]string{
	terminologyStart + "condition-clinical":              {"active", "recurrence", "relapse", "inactive", "remission", "resolved"},
	terminologyStart + "allergyintolerance-clinical":     {"active", "inactive", "resolved"},
	terminologyStart + "allergyintolerance-verification": {"unconfirmed", "confirmed", "refuted", "entered-in-error"},
	systemActCode: {"AMB", "VR", "HH"},
	systemUCUM:    {"mL", "mg", "ug", "g", "[U]", "[iU]", "1"},
}

var usStates = strings.Fields("AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA VI WA WV WI WY")

func codes(allowed ...string) keeper {
	return func(d *deidentifier, path string, v any) any {
		if s, ok := v.(string); ok && slices.Contains(allowed, s) {
			return s
		}
		d.drop(path, "R", ruleCode)
		return nil
	}
}

func boolean(d *deidentifier, path string, v any) any {
	if b, ok := v.(bool); ok {
		return b
	}
	d.drop(path, "R", ruleUnknown)
	return nil
}

var dateText = regexp.MustCompile(`^([0-9]{4})(-[0-9]{2}(-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+))?)?)?$`)

// yearOf returns the year of a FHIR date.
func yearOf(v any) (int, bool) {
	s, _ := v.(string)
	m := dateText.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}

// year keeps the year, unless it shows that a person is or was 90 or older.
func year(d *deidentifier, path string, v any) any {
	n, ok := yearOf(v)
	switch {
	case !ok || n > d.o.On.Year+10:
		d.drop(path, "C", ruleRemove)
		return nil
	case d.o.On.Year-n >= 90:
		d.drop(path, "C", ruleAge)
		return nil
	}
	d.drop(path, "C", ruleYear)
	return v.(string)[:4]
}

func years(d *deidentifier, path string, v any) any {
	return d.inner(path, v, elements{"start": year, "end": year})
}

// oldest writes the one category of patients of 90 years and more.
func (d *deidentifier) oldest(in, out map[string]any) {
	if n, ok := yearOf(in["birthDate"]); ok && d.o.On.Year-n >= 90 {
		out["extension"] = []any{map[string]any{"url": Base + "/StructureDefinition/age-category", "valueCode": "90+"}}
	}
}

// inner returns what may stay of an object, and nil of anything else.
func (d *deidentifier) inner(path string, v any, rules elements) any {
	m, ok := v.(map[string]any)
	if !ok {
		d.drop(path, "R", ruleUnknown)
		return nil
	}
	if out := d.object(path, m, rules); len(out) > 0 {
		return out
	}
	return nil
}

func address(d *deidentifier, path string, v any) any {
	m, _ := v.(map[string]any)
	country, given := m["country"].(string)
	domestic := !given || slices.Contains([]string{"US", "USA"}, country)
	return d.inner(path, v, elements{
		"country": codes("US", "USA"),
		"state": func(d *deidentifier, path string, v any) any {
			if s, ok := v.(string); ok && domestic && slices.Contains(usStates, s) {
				return s
			}
			d.drop(path, "B", ruleRemove)
			return nil
		},
		"postalCode": func(d *deidentifier, path string, v any) any {
			s, _ := v.(string)
			if plain := strings.ReplaceAll(s, "-", ""); !domestic || !digits(plain) || len(plain) != 5 && len(plain) != 9 {
				d.drop(path, "B", ruleRemove)
				return nil
			}
			d.drop(path, "B", ruleZIP)
			if slices.Contains(d.o.Zip3, s[:3]) {
				return s[:3]
			}
			return "000"
		},
	})
}

// coding keeps the system and the code of a coding whose code is shared.
func coding(d *deidentifier, path string, v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		d.drop(path, "R", ruleUnknown)
		return nil
	}
	system, _ := m["system"].(string)
	code, _ := m["code"].(string)
	for name := range m {
		if name != "system" && name != "code" {
			d.unlisted(path, name, m[name])
		}
	}
	if code == "" || !slices.Contains(shared[system], code) && (d.o.Known == nil || !d.o.Known(system, code)) {
		d.drop(path, "R", ruleCode)
		return nil
	}
	return map[string]any{"system": system, "code": code}
}

func concepts(d *deidentifier, path string, v any) any {
	return d.inner(path, v, elements{"coding": coding})
}

// reference keeps references to resources that stay, by their random codes.
func reference(d *deidentifier, path string, v any) any {
	m, _ := v.(map[string]any)
	to, _ := m["reference"].(string)
	key := to
	if strings.HasPrefix(to, "#") {
		key = d.within + to
	} else if k, ok := d.alias[to]; ok {
		key = k
	}
	code, ok := d.codes[key]
	if !ok {
		d.drop(path, "R", ruleRemove)
		return nil
	}
	for name := range m {
		if name != "reference" {
			d.unlisted(path, name, m[name])
		}
	}
	d.drop(path+".reference", "R", ruleRandom)
	if strings.HasPrefix(to, "#") {
		return map[string]any{"reference": "#" + code}
	}
	kind, _, _ := strings.Cut(key, "/")
	return map[string]any{"reference": kind + "/" + code}
}

var amount = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,4})?$`)

func dosage(d *deidentifier, path string, v any) any {
	return d.inner(path, v, elements{"dose": func(d *deidentifier, path string, v any) any {
		m, _ := v.(map[string]any)
		n, _ := m["value"].(json.Number)
		unit, _ := coding(d, path, map[string]any{"system": m["system"], "code": m["code"]}).(map[string]any)
		if unit == nil || !amount.MatchString(n.String()) {
			d.drop(path, "R", ruleUnknown)
			return nil
		}
		unit["value"] = n
		return unit
	}})
}

// contained keeps the medications within an administration; what else a resource
// contains is left out.
func contained(d *deidentifier, path string, v any) any {
	m, _ := v.(map[string]any)
	id, _ := m["id"].(string)
	if m["resourceType"] != "Medication" || id == "" {
		d.drop(path, "R", ruleUnknown)
		return nil
	}
	return d.resource("Medication", m, medication, d.codes[d.within+"#"+id])
}
