package fhirconv

import (
	"math"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// Base is the URI below which this library's own code systems, extensions and
// identifier systems are named.
const Base = "https://glabella-ehr.github.io/fhir"

// URIs of the code systems and extensions of this library.
const (
	SystemTreatment    = Base + "/CodeSystem/treatment"     // codes of treatment templates, and good-faith-exam
	SystemRegion       = Base + "/CodeSystem/region"        // regions of the diagrams
	SystemSubstance    = Base + "/CodeSystem/substance"     // substances, as quantities name them
	SystemService      = Base + "/CodeSystem/service"       // the practice's price list
	SystemConsentForm  = Base + "/CodeSystem/consent-form"  // the practice's consent forms
	SystemDecision     = Base + "/CodeSystem/exam-decision" // what a good-faith exam decided
	SystemCancellation = Base + "/CodeSystem/cancellation"  // the practice's reasons for cancelling
	SystemPrice        = Base + "/CodeSystem/price"         // discounts, tax classes, credits and tips
	SystemCredential   = Base + "/CodeSystem/credential"    // kinds of licence

	ExtensionPoint = Base + "/StructureDefinition/injection-point"
)

// Code systems and identifier systems of others.
const (
	systemUCUM       = "http://unitsofmeasure.org"
	systemLOINC      = "http://loinc.org"
	systemNDC        = "http://hl7.org/fhir/sid/ndc"
	systemGS1        = "http://hl7.org/fhir/NamingSystem/gs1-di"
	systemGTIN       = "urn:oid:2.51.1.1"
	systemActCode    = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	systemLanguage   = "urn:ietf:bcp:47"
	extensionBirth   = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
	systemContainer  = Base + "/NamingSystem/container"
	systemInvoice    = Base + "/NamingSystem/invoice"
	terminologyStart = "http://terminology.hl7.org/CodeSystem/"
)

// concept returns the concept with one coding, or nil without a code.
func concept(system, code, display string) *r4.CodeableConcept {
	if code == "" {
		return nil
	}
	c := r4.Concept(system, code, display)
	return &c
}

// conceptOf returns the concept of a coding of the record's.
func conceptOf(c glabella.Coding) *r4.CodeableConcept {
	switch {
	case c.IsZero():
		return nil
	case c.Code == "":
		return &r4.CodeableConcept{Text: c.Display}
	default:
		return concept(c.System, c.Code, c.Display)
	}
}

// extension returns this library's extension made of parts, without those that
// say nothing. Without any it returns none.
func extension(name string, parts ...r4.Extension) []r4.Extension {
	n := 0
	for _, p := range parts {
		if p.URL != "" {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	said := make([]r4.Extension, 0, n)
	for _, p := range parts {
		if p.URL != "" {
			said = append(said, p)
		}
	}
	return []r4.Extension{{URL: Base + "/StructureDefinition/" + name, Extension: said}}
}

// single returns this library's extension with one value, or none.
func single(name string, value r4.Extension) []r4.Extension {
	if value.URL == "" {
		return nil
	}
	value.URL = Base + "/StructureDefinition/" + name
	return []r4.Extension{value}
}

// The functions below return one part of an extension, or the zero Extension if
// there is nothing to say.

func textPart(name, v string) r4.Extension {
	if v == "" {
		return r4.Extension{}
	}
	return r4.Extension{URL: name, Value: r4.String(v)}
}

func codePart[V ~string](name string, v V) r4.Extension {
	if v == "" {
		return r4.Extension{}
	}
	return r4.Extension{URL: name, Value: r4.Code(v)}
}

func timePart(name string, t time.Time) r4.Extension { return datePart(name, instant(t)) }

func datePart(name, v string) r4.Extension {
	if v == "" {
		return r4.Extension{}
	}
	return r4.Extension{URL: name, Value: r4.DateTime(v)}
}

func intPart(name string, n int) r4.Extension {
	if n == 0 {
		return r4.Extension{}
	}
	return r4.Extension{URL: name, Value: r4.Integer(n)}
}

func decimalPart(name string, d r4.Decimal) r4.Extension {
	return r4.Extension{URL: name, Value: d}
}

func quantityPart(name string, q quantity.Quantity) r4.Extension {
	if q.IsZero() && q.Unit().IsZero() {
		return r4.Extension{}
	}
	return r4.Extension{URL: name, Value: quantityOf(q)}
}

func refPart(name string, r *r4.Reference) r4.Extension {
	if r == nil {
		return r4.Extension{}
	}
	return r4.Extension{URL: name, Value: r}
}

// number returns a decimal with the digits that it has: 0.10 stays 0.10.
func number(d decimal.Decimal) r4.Decimal {
	return r4.Decimal(d.StringFixed(max(0, -d.Exponent())))
}

// fraction returns a position on a diagram, in plain notation.
func (b *builder) fraction(path string, f float64) r4.Decimal {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		b.issue(path, glabella.CodeOutOfRange, "not a number")
		return "0"
	}
	return r4.Decimal(strconv.FormatFloat(f, 'f', -1, 64))
}

// quantityOf returns a quantity with its UCUM code. The product of a unit that is
// product-typed stands in the text of the unit: UCUM's code cannot say it.
func quantityOf(q quantity.Quantity) *r4.Quantity {
	out := &r4.Quantity{Value: number(q.Value())}
	if u := q.Unit(); !u.IsZero() {
		out.System, out.Code, out.Unit = systemUCUM, u.Code(), u.Code()
		if u.Product() != "" {
			out.Unit += " " + u.Product()
		}
	}
	return out
}

// moneyOf returns an amount with the digits of its currency, or nil for one of no
// currency.
func moneyOf(a money.Amount) *r4.Money {
	if a.Currency() == "" {
		return nil
	}
	return &r4.Money{Value: number(a.Decimal()), Currency: string(a.Currency())}
}
