package glabella_test

import (
	"errors"
	"fmt"

	"github.com/glabella-ehr/glabella"
)

func ExampleDecide() {
	d := glabella.Decide(
		glabella.Warned("treatment.interval.short", "the last treatment is recent"),
		glabella.Denied("consent.missing", "a consent has not been given").WithFix("have the patient sign it"),
	)
	fmt.Println(d)
	fmt.Println(d.Permits("treatment.interval.short"))
	fmt.Println(d.Reasons[0].Fix)
	// Output:
	// deny: consent.missing, treatment.interval.short
	// false
	// have the patient sign it
}

func ExampleJoin() {
	warned := glabella.Decide(glabella.Warned("treatment.interval.short", "the last treatment is recent"))
	fmt.Println(glabella.Join(glabella.Decide(), warned))
	fmt.Println(glabella.Join(glabella.Decide(), warned).Permits("treatment.interval.short"))
	fmt.Println(glabella.Join(glabella.Decide(), glabella.Decision{}))
	// Output:
	// warn: treatment.interval.short
	// true
	// deny
}

func ExampleDecision_Unacknowledged() {
	d := glabella.Decide(glabella.Warned("a", "one"), glabella.Warned("b", "two"))
	fmt.Println(d.Unacknowledged("a"))
	// Output: [b]
}

func ExampleRefuse() {
	err := glabella.Refuse(glabella.Decide(glabella.Denied("inventory.lot.expired", "the lot has expired")))
	var refused *glabella.RefusedError
	fmt.Println(errors.Is(err, glabella.ErrRefused), errors.As(err, &refused))
	fmt.Println(err)
	// Output:
	// true true
	// refused: deny: inventory.lot.expired
}

func ExampleInvalid() {
	err := glabella.Invalid("delivery",
		glabella.Issue{Path: "/lines/1/scan", Code: glabella.CodeFormat, Text: "not a GS1 element string"},
		glabella.Issue{Path: "/document", Code: glabella.CodeRequired, Text: "must be given"},
	)
	fmt.Println(err)
	// Output: invalid delivery: /document: required: must be given; /lines/1/scan: format: not a GS1 element string
}

func ExampleParseID() {
	id, err := glabella.ParseID[glabella.PatientID]("0198a3c4-5d6e-7f80-9a1b-2c3d4e5f6071")
	fmt.Println(id.Ref(), err)
	_, err = glabella.ParseID[glabella.PatientID]("4711")
	fmt.Println(err)
	// Output:
	// patient/0198a3c4-5d6e-7f80-9a1b-2c3d4e5f6071 <nil>
	// patient id: invalid: want 36 characters, got 4
}

func ExampleRefAs() {
	ref := glabella.MustParseID[glabella.PatientID]("0198a3c4-5d6e-7f80-9a1b-2c3d4e5f6071").Ref()
	_, isPatient := glabella.RefAs[glabella.PatientID](ref)
	_, isLot := glabella.RefAs[glabella.LotID](ref)
	fmt.Println(isPatient, isLot)
	// Output: true false
}

func ExampleDate_Add() {
	opened := glabella.MustParseDate("2026-01-31")
	fmt.Println(opened.Add(glabella.Period{Months: 1}))
	fmt.Println(opened.Add(glabella.Period{Days: 90}))
	// Output:
	// 2026-02-28
	// 2026-05-01
}

func ExampleDate_Age() {
	born := glabella.MustParseDate("2008-02-29")
	fmt.Println(born.Age(glabella.MustParseDate("2026-02-28")), born.Age(glabella.MustParseDate("2026-03-01")))
	// Output: 17 18
}

func ExamplePeriod_String() {
	fmt.Println(glabella.Period{Years: 1, Months: 6})
	// Output: P1Y6M
}

func ExampleActor_Validate() {
	fmt.Println(glabella.SystemActor("nightly-import").Validate())
	fmt.Println(glabella.Actor{Kind: glabella.ActorSystem, Purpose: glabella.PurposeOperations}.Validate())
	// Output:
	// <nil>
	// invalid actor: /id: required: an actor has an identity
}
