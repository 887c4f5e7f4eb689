package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// refusal returns the reasons of a refusal as text, and the error itself if it is
// anything else.
func refusal(err error) (string, error) {
	var refused *glabella.RefusedError
	var denied *glabella.DeniedError
	switch {
	case errors.As(err, &refused):
		return refused.Decision.String(), nil
	case errors.As(err, &denied):
		return denied.Decision.String(), nil
	case err == nil:
		return "", errors.New("was not refused")
	}
	return "", err
}

// treat opens the containers, charts both treatments and completes the visit.
func (s *story) treat(ctx context.Context) error {
	s.at("09:45", "The containers are opened, and both treatments are charted by site, lot and unit")
	suggested, err := s.SuggestLots(ctx, s.nurse, practice.SuggestLots{Product: "onabotulinumtoxinA-100", Quantity: s.files.chart[0].Total})
	if err != nil {
		return fmt.Errorf("suggest: %w", err)
	}
	s.w.result("suggest", suggested)
	for _, l := range suggested {
		s.w.line("first to expire: %s of the lot that is good until %s", people(l.Quantity), l.Expires)
	}
	for i, c := range s.files.chart {
		o, err := s.OpenVial(ctx, s.nurse, practice.OpenVial{Command: s.today("open-" + c.Lot), Lot: c.Lot, DiluentLot: c.DiluentLot, DiluentVolume: c.DiluentVolume})
		if err != nil {
			return fmt.Errorf("open: %w", err)
		}
		s.vials[c.Lot] = opened{o.Vial, o.Lot}
		s.w.result("open", o)
		if o.Concentration.IsZero() {
			s.w.line("lot %s opened", c.Lot)
		} else {
			s.w.line("lot %s reconstituted with %s of lot %s: %s per mL, use until %s", c.Lot, people(c.DiluentVolume), c.DiluentLot, o.Concentration.Value().String()+" U", o.BeyondUse)
		}
		chart := practice.ChartTreatment{
			Command: s.today("chart-" + c.Treatment), Encounter: s.visit, Treatment: c.Treatment, Product: c.Product, Values: c.Values, Pregnant: c.Pregnant, Total: c.Total,
			Maps: []treatment.Map{{Diagram: "face-front", DiagramVersion: 1, Points: s.points(c)}},
		}
		if i == 0 {
			chart.Values = map[string]string{"reconstituted-at": s.now.UTC().Format(time.RFC3339)}
			for k, v := range c.Values {
				chart.Values[k] = v
			}
		}
		charted, err := s.ChartTreatment(ctx, s.nurse, chart)
		if err != nil {
			return fmt.Errorf("chart: %w", err)
		}
		s.w.result("chart", charted)
		for _, a := range charted.Administrations {
			s.w.line("charted %s of %s at %d points in %s", people(a.Quantity), a.Product, len(c.Points), strings.Join(a.Regions, ", "))
		}
	}
	s.at("10:10", "The visit is completed: stock, charges, event and journal in one transaction")
	done, err := s.CompleteVisit(ctx, s.nurse, practice.CompleteVisit{Command: s.today("complete"), Encounter: s.visit})
	if err != nil {
		return fmt.Errorf("complete: %w", err)
	}
	s.w.result("complete", done)
	s.w.line("%s taken out of stock", count(len(done.Movements), "container's draw", "containers' draws"))
	wasted, err := s.DiscardVial(ctx, s.nurse, practice.DiscardVial{Command: s.today("discard"), Vial: s.vials[s.files.chart[0].Lot].vial, Reason: "opened-not-used", Witness: staffID(s.director)})
	if err != nil {
		return fmt.Errorf("discard: %w", err)
	}
	s.w.result("discard", wasted)
	s.w.line("the rest of the vial, %s, is discarded before a witness", people(wasted.Wasted))
	return s.drawMap(ctx)
}

// points are a chart's points with the container that they were drawn from.
func (s *story) points(c chartEntry) []treatment.Point {
	out := append([]treatment.Point(nil), c.Points...)
	for i := range out {
		out[i].Vial, out[i].Lot = s.vials[c.Lot].vial, s.vials[c.Lot].lot
	}
	return out
}

func (s *story) drawMap(ctx context.Context) error {
	svg, err := s.DrawMap(ctx, s.nurse, practice.DrawMap{Encounter: s.visit, Diagram: "face-front", DiagramVersion: 1})
	if err != nil {
		return fmt.Errorf("draw the map: %w", err)
	}
	return s.save("injection-map.svg", svg)
}

// note signs and cosigns the note.
func (s *story) note(ctx context.Context) error {
	s.at("10:20", "The nurse signs the note; it waits for the physician")
	signed, err := s.SignNote(ctx, s.nurse, practice.SignNote{Command: s.today("sign"), Encounter: s.visit, Remarks: "Tolerated well. Photographs taken before and after.", Cosigner: staffID(s.director)})
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	s.w.result("sign", signed)
	s.w.line("%s, hash %s…", signed.State, signed.Hash[:12])
	s.at("12:30", "The physician cosigns it")
	cosigned, err := s.CosignNote(ctx, s.director, practice.CosignNote{Command: s.today("cosign"), Note: signed.Note})
	if err != nil {
		return fmt.Errorf("cosign: %w", err)
	}
	s.w.result("cosign", cosigned)
	s.w.line("%s", cosigned.State)
	n, err := s.ReadNote(ctx, s.nurse, signed.Note)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(n.Text)
	for _, sig := range n.Signatures {
		fmt.Fprintf(&b, "\nSigned as %s by %s %s (%s) at %s\n  over SHA-256 %s\n", sig.Role, sig.Credential.Kind, sig.Credential.Number, sig.Credential.Jurisdiction, sig.At.In(s.zone).Format("2006-01-02 15:04 MST"), sig.Hash)
	}
	if encounter.HashText(n.Text) != n.Signatures[0].Hash {
		return errors.New("the note is not what was signed")
	}
	return s.save("note.txt", []byte(b.String()))
}

// checkOut pays with prepaid units, a card and cash.
func (s *story) checkOut(ctx context.Context) error {
	s.at("12:40", "Checkout: prepaid units cover 50 of 64, the rest is charged; tax, tip, two tenders")
	card, cash := money.MustParse("USD 1092.30"), money.MustParse("USD 120.00")
	in := practice.CheckOut{Encounter: s.visit, Tips: []billing.Tip{{Provider: staffID(s.nurse), Amount: money.MustParse("USD 60.00")}}}
	in.DryRun = true // the preview that the patient sees
	preview, err := s.CheckOut(ctx, s.desk, in)
	var refused *glabella.RefusedError
	switch {
	case err == nil:
		s.w.line("preview: %s due after prepaid units", preview.Totals.Due)
	case errors.As(err, &refused) && refused.Decision.Has(practice.CodeSettled): // the day is taken up after its checkout
	default:
		return fmt.Errorf("preview: %w", err)
	}
	in.Command = s.today("check-out")
	in.Payments = []practice.Payment{{Kind: billing.Card, Amount: card, Reference: "AUTH-7002"}, {Kind: billing.Cash, Amount: cash}}
	out, err := s.CheckOut(ctx, s.desk, in)
	if err != nil {
		return fmt.Errorf("check out: %w", err)
	}
	s.w.result("check-out", out)
	s.invoice, s.lines = out.Invoice, out.Lines
	s.w.line("net %s + tax %s + tip %s = %s", out.Totals.Net, out.Totals.Tax, out.Totals.Tips, out.Totals.Gross)
	s.w.line("prepaid units pay %s, card %s, cash %s, change %s: due %s", out.Totals.Redeemed, card, cash, out.Change, out.Totals.Due)
	return nil
}

// correct corrects a line after payment.
func (s *story) correct(ctx context.Context) error {
	s.at("12:55", "Two units were billed too many: the line is corrected after payment, the original stays")
	out, err := s.CorrectInvoice(ctx, s.biller, practice.CorrectInvoice{Command: s.today("correct"), Invoice: s.invoice, Line: s.lines[1], Quantity: quantity.MustParseNumber("12"), Reason: "courtesy-units", Refund: true})
	if err != nil {
		return fmt.Errorf("correct: %w", err)
	}
	s.w.result("correct", out)
	text, err := s.PrintInvoice(ctx, s.biller, s.invoice)
	if err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		s.w.line("%s", strings.TrimRight(line, "\n"))
	}
	return s.save("invoice.txt", []byte(text))
}

// trace answers who received a lot.
func (s *story) trace(ctx context.Context) error {
	lot := s.files.chart[0].Lot
	s.at("13:30", "Who received lot "+lot+"?")
	t, err := s.TraceLot(ctx, s.director, lot)
	if err != nil {
		return fmt.Errorf("trace: %w", err)
	}
	for _, e := range t.Exposures {
		who := e.Patient.String()
		if e.Patient == s.ada {
			who = "Ada"
		}
		s.w.line("%s, %s: %s in %s", e.On, who, people(e.Amount), strings.Join(e.Regions, ", "))
	}
	for _, b := range t.Balances {
		s.w.line("on hand: %s, %s unopened", people(b.OnHand), count(b.Sealed, "container", "containers"))
	}
	s.w.result("trace", t.Exposures)
	return nil
}

// export writes Ada's record as a FHIR Bundle.
func (s *story) export(ctx context.Context) error {
	s.at("13:45", "Ada's record is exported as FHIR R4")
	x, err := s.ExportPatient(ctx, s.director, s.ada)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	kinds := map[string]int{}
	for _, e := range x.Bundle.Entry {
		kinds[e.Resource.ResourceType()]++
	}
	s.w.result("export", map[string]any{"resources": kinds, "losses": x.Losses})
	s.w.line("%s in a %s bundle, %s without a place in it", count(len(x.Bundle.Entry), "resource", "resources"), x.Bundle.Type, count(len(x.Losses), "fact", "facts"))
	for _, loss := range x.Losses {
		s.w.line("  %s", loss)
	}
	bundle, err := fhirconv.Encode(x.Bundle)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := json.Indent(&buf, bundle, "", "  "); err != nil {
		return err
	}
	return s.save("patient-bundle.json", append(buf.Bytes(), '\n'))
}

// report prints the day's report and demands that it reconciles.
func (s *story) report(ctx context.Context) error {
	s.at("18:00", "The day's report")
	r, err := s.ReportDay(ctx, s.director, s.date)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	s.w.result("report", r)
	l := r.Ledger
	s.w.line("%d booked, %d arrived, %d completed, %d signatures, %d refused", r.Day.Booked, r.Day.Arrived, r.Day.Completed, r.Day.Notes, r.Day.Refused)
	s.w.line("used %s, wasted %s of the toxin", people(r.Day.Used["onabotulinumtoxinA"]), people(r.Day.Wasted["onabotulinumtoxinA"]))
	for _, row := range []struct {
		name string
		a    money.Amount
	}{
		{"Net sales", l.NetSales}, {"Tax", l.Tax}, {"Tips", l.Tips}, {"Prepaid units sold", l.CreditGranted}, {"Prepaid units used", l.CreditRedeemed.Neg()},
		{"= Collections", l.Collections}, {"    card", l.ByTender[billing.Card]}, {"    cash", l.ByTender[billing.Cash]}, {"+ change of receivables", l.ReceivableChange}, {"Residual", l.Residual},
	} {
		s.w.line("%-26s %14s", row.name, strings.TrimPrefix(row.a.String(), "USD "))
	}
	for _, d := range r.Differences {
		s.w.line("DIFFERENCE %s", d)
	}
	if !l.Residual.IsZero() || !l.CreditResidual.IsZero() || len(r.Differences) > 0 {
		return errors.New("the day does not reconcile")
	}
	s.w.line("journal, ledger, documents and stock agree")
	return nil
}

// proveAudit verifies the whole store, signs a checkpoint and prints an inclusion
// proof. A checkpoint of an earlier run in the folder for results is held against
// the journal too.
func (s *story) proveAudit(ctx context.Context) error {
	s.at("18:05", "The audit log is verified")
	var trusted []audit.Checkpoint
	if s.o.out != "" {
		earlier, err := readCheckpoint(s.o.out)
		if err != nil {
			return err
		}
		trusted = earlier
	}
	report, err := s.VerifyAudit(ctx, s.director, &audit.VerifyOptions{Checkpoints: trusted})
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	s.w.result("verify", report)
	s.w.line("%d journal records, %d versions of %d stored records, %s: nothing was altered", report.Journal.Size, report.Versions, report.Records, count(len(trusted), "earlier checkpoint", "earlier checkpoints"))

	secret, public, err := note.GenerateKey(s.o.rand, origin)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return err
	}
	msg, err := s.Checkpoint(ctx, s.director, origin, signer)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	checkpoint, err := audit.OpenCheckpoint(msg, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	records, err := s.Journal(ctx, s.director, 0, int(checkpoint.Size))
	if err != nil {
		return err
	}
	completed := records[0]
	for _, rec := range records {
		if rec.Action == "encounter.complete" && rec.Outcome == audit.Done {
			completed = rec
		}
	}
	proof, err := s.ProveInclusion(ctx, s.director, completed.Seq, checkpoint.Size)
	if err != nil {
		return fmt.Errorf("prove: %w", err)
	}
	if err := proof.Verify(completed.Bytes(), checkpoint.Root); err != nil {
		return fmt.Errorf("the proof: %w", err)
	}
	s.w.line("the completed visit is record %d of the log; its proof under the checkpoint holds:", completed.Seq)
	for line := range strings.Lines(proof.String()) {
		s.w.line("  %s", strings.TrimRight(line, "\n"))
	}
	if err := s.save("checkpoint.txt", msg); err != nil {
		return err
	}
	return s.save("checkpoint.pub", []byte(public+"\n"))
}

// origin is the name of the clinic's log in its checkpoints.
const origin = "lakeline.example/audit"

// readCheckpoint reads the checkpoint that an earlier run has left, if there is
// one. A real clinic keeps it where nobody who can write the store can.
func readCheckpoint(dir string) ([]audit.Checkpoint, error) {
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint.txt"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	public, err := os.ReadFile(filepath.Join(dir, "checkpoint.pub"))
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(public)))
	if err != nil {
		return nil, err
	}
	c, err := audit.OpenCheckpoint(msg, note.VerifierList(verifier))
	if err != nil {
		return nil, fmt.Errorf("the earlier checkpoint: %w", err)
	}
	return []audit.Checkpoint{c}, nil
}
