package audit_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// A command leaves one record: who, what, when and which versions.
func ExampleRecord_Bytes() {
	r := audit.Record{
		Seq: 7, At: time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC), Action: "vial.open", Outcome: audit.Done,
		Actor:  glabella.SystemActor("demo"),
		Events: []audit.Event{{Type: "vial.opened", Data: json.RawMessage(`{"units": "100"}`)}},
	}
	fmt.Printf("%s\n", r.Bytes())
	// Output:
	// {"v":1,"seq":7,"at":"2026-03-02T09:30:00.000000Z","action":"vial.open","outcome":"done","actor":{"kind":"system","id":"demo","purpose":"HOPERAT"},"events":[{"type":"vial.opened","data":{"units":"100"}}]}
}

// A checkpoint that was signed and kept elsewhere shows that the journal was cut
// and its tree made anew.
func ExampleVerify() {
	ctx := context.Background()
	skey, vkey, err := note.GenerateKey(bytes.NewReader(make([]byte, ed25519.SeedSize)), "clinic.example/journal")
	if err != nil {
		fmt.Println(err)
		return
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		fmt.Println(err)
		return
	}

	var journal, rewritten memJournal
	for i := range 10 {
		r := audit.Record{At: time.Unix(int64(i), 0), Action: "patient.read", Outcome: audit.Read, Actor: glabella.SystemActor("demo")}
		for _, j := range []*memJournal{&journal, &rewritten} {
			if j == &rewritten && i >= 9 {
				continue
			}
			if _, err := audit.Add(ctx, j, r); err != nil {
				fmt.Println(err)
				return
			}
		}
	}
	msg, err := audit.Sign("clinic.example/journal", journal.head, signer)
	if err != nil {
		fmt.Println(err)
		return
	}
	checkpoint, err := audit.OpenCheckpoint(msg, note.VerifierList(verifier))
	if err != nil {
		fmt.Println(err)
		return
	}

	options := &audit.VerifyOptions{Checkpoints: []audit.Checkpoint{checkpoint}}
	report, err := audit.Verify(ctx, &journal, options)
	fmt.Println(report.Size, err)
	_, err = audit.Verify(ctx, &rewritten, nil)
	fmt.Println("on its own:", err)
	_, err = audit.Verify(ctx, &rewritten, options)
	fmt.Println("with the checkpoint:", err)
	// Output:
	// 10 <nil>
	// on its own: <nil>
	// with the checkpoint: journal truncated at 9
}

// A proof shows that one entry is in the journal to someone who only has a root.
func ExampleProveInclusion() {
	ctx := context.Background()
	var journal memJournal
	for i := range 3 {
		if _, err := audit.Add(ctx, &journal, audit.Record{At: time.Unix(int64(i), 0), Action: "patient.read", Outcome: audit.Read}); err != nil {
			fmt.Println(err)
			return
		}
	}
	proof, err := audit.ProveInclusion(ctx, &journal, 1, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	root, err := journal.head.Root()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(proof)
	fmt.Println(proof.Verify(journal.entries[1].Bytes, root))
	fmt.Println(proof.Verify(journal.entries[2].Bytes, root))
	// Output:
	// glabella journal inclusion
	// 1
	// 3
	// paaf0WpyPnrsQxgt9bNmL9QFjNDydA5cyIsI/btBI2s=
	// j4WeV04WVB/Dn49d/+x8YvLALBmoz5XDuMuII/8dhDw=
	// <nil>
	// journal unproven at 3
}

// A nurse opens the record of somebody with the same surname. Nothing links the
// two, so that a day later somebody else is asked to look.
func ExampleWatch() {
	w, err := audit.NewWatch(namesakes{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)
	user := glabella.MustParseID[glabella.StaffID]("01890000-0000-7000-8000-000000000001")
	patient := glabella.MustParseID[glabella.PatientID]("01890000-0000-7000-8000-000000000002")
	w.See(audit.Record{
		Seq: 41, At: at, Action: "patient.read", Outcome: audit.Read, Subject: patient.Ref(),
		Actor: glabella.Actor{Kind: glabella.ActorStaff, ID: user.String(), Purpose: glabella.PurposeTreatment},
	})
	for _, f := range w.Tick(at.AddDate(0, 0, 1)) {
		fmt.Println(f.Score, f.Evidence)
		for _, r := range f.Decision().Reasons {
			fmt.Printf("%s (%s)\n", r.Text, r.Source)
		}
		_, err := f.Dismiss(user, at.AddDate(0, 0, 2), "it was me")
		fmt.Println(err)
	}
	// Output:
	// 65 [41]
	// the user and the patient have the same surname (Hedda et al. 2017 (PMC5977720))
	// nothing on record links the user to the patient (Fabbri and LeFevre, JAMIA 2013 (PMC3555324))
	// refused: deny: audit.review.own
}

// namesakes knows of one surname, and of nothing that links anybody.
type namesakes struct{ audit.NoFacts }

func (namesakes) SameSurname(glabella.StaffID, glabella.PatientID) bool { return true }

func (namesakes) Relationship(glabella.StaffID, glabella.PatientID, time.Time, time.Time) ([]glabella.Ref, bool) {
	return nil, true
}
