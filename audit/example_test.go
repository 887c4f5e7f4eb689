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
