package consent_test

import (
	"encoding/json"
	"errors"
	"math/rand"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func deliveryID(n byte) glabella.DeliveryID { return glabella.DeliveryID{0: 7, 15: n} }

// sent returns a delivery of the first version of [toxinForm], sent at noon on
// 1 March for three days, and its token.
func sent(change ...func(*consent.Delivery)) (consent.Delivery, string) {
	token, hash := consent.NewToken([32]byte{1, 2, 3})
	at := day("2026-03-01")
	v1 := toxinForm(1)
	d := consent.Delivery{
		ID: deliveryID(1), Patient: pat, Forms: []consent.FormVersion{{Form: v1.ID, Code: v1.Code, Version: 1}}, Language: "en", Channel: consent.ChannelEmail,
		TokenSHA256: hash, SentAt: at, ExpiresAt: at.AddDate(0, 0, 3), State: consent.DeliverySent,
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: at},
	}
	for _, c := range change {
		c(&d)
	}
	return d, token
}

func refusedWith(t *testing.T, err error) []glabella.Code {
	t.Helper()
	var refused *glabella.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("%v is not a refusal", err)
	}
	return refused.Decision.Codes()
}

func TestNewToken(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(3))
	seen := map[string]bool{}
	for range 500 {
		var random [32]byte
		rng.Read(random[:])
		token, hash := consent.NewToken(random)
		if !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(token) || !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(hash) {
			t.Fatalf("NewToken = %q, %q", token, hash)
		}
		if strings.Contains(hash, token) || consent.TokenHash(token) != hash || seen[token] {
			t.Fatalf("the token %q does not go with its hash %q", token, hash)
		}
		seen[token] = true
	}
	// printf AAAA…A (43) | sha256sum
	if _, hash := consent.NewToken([32]byte{}); hash != "0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a" {
		t.Errorf("the hash of the token of zeros = %s", hash)
	}
}

func TestRedeem(t *testing.T) {
	t.Parallel()
	d, token := sent()
	first, err := d.Redeem(token, d.SentAt.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	second, err := first.Redeem(token, d.ExpiresAt.Add(-1))
	if err != nil {
		t.Fatal(err)
	}
	if d.State != consent.DeliverySent || d.Opens != 0 {
		t.Errorf("Redeem changed its argument: %+v", d)
	}
	if second.State != consent.DeliveryOpened || second.Opens != 2 || !second.OpenedAt.Equal(d.SentAt.Add(time.Minute)) {
		t.Errorf("after two openings: %+v", second)
	}
	if err := second.Validate(); err != nil {
		t.Errorf("Validate after Redeem = %v", err)
	}
	revoked, err := second.Revoke(d.SentAt.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	superseded, err := second.Supersede(deliveryID(2), d.SentAt.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	completed, err := second.Complete(d.SentAt.Add(2*time.Hour), []consent.Form{toxinForm(1)}, accepted(1, toxinForm(1), d.SentAt.Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	expired, err := second.Expire(d.ExpiresAt)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		d     consent.Delivery
		token string
		at    time.Time
		want  []glabella.Code
	}{
		{name: "another token", d: d, token: token[:42] + "_", at: d.SentAt, want: []glabella.Code{consent.CodeDeliveryToken}},
		{name: "no token", d: d, at: d.SentAt, want: []glabella.Code{consent.CodeDeliveryToken}},
		{name: "the hash instead of the token", d: d, token: d.TokenSHA256, at: d.SentAt, want: []glabella.Code{consent.CodeDeliveryToken}},
		{name: "before it was sent", d: d, token: token, at: d.SentAt.Add(-1), want: []glabella.Code{consent.CodeDeliveryEarly}},
		{name: "when it expires", d: d, token: token, at: d.ExpiresAt, want: []glabella.Code{consent.CodeDeliveryExpired}},
		{name: "recorded as expired", d: expired, token: token, at: d.SentAt.Add(time.Hour), want: []glabella.Code{consent.CodeDeliveryExpired}},
		{name: "revoked", d: revoked, token: token, at: d.SentAt.Add(time.Hour), want: []glabella.Code{consent.CodeDeliveryRevoked}},
		{name: "superseded", d: superseded, token: token, at: d.SentAt.Add(time.Hour), want: []glabella.Code{consent.CodeDeliverySuperseded}},
		{name: "completed", d: completed, token: token, at: d.SentAt.Add(3 * time.Hour), want: []glabella.Code{consent.CodeDeliveryCompleted}},
		{name: "everything at once", d: revoked, token: "x", at: d.SentAt.Add(-1), want: []glabella.Code{consent.CodeDeliveryToken, consent.CodeDeliveryEarly, consent.CodeDeliveryRevoked}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.d.Redeem(tt.token, tt.at)
			if diff := cmp.Diff(tt.want, refusedWith(t, err)); diff != "" || !cmp.Equal(got, tt.d) {
				t.Errorf("Redeem (-want +got):\n%s", diff)
			}
			if err != nil && tt.token != "" && strings.Contains(err.Error(), tt.token) && len(tt.token) > 1 {
				t.Errorf("the error %q holds the token", err)
			}
			if verr := tt.d.Validate(); verr != nil {
				t.Errorf("Validate = %v", verr)
			}
		})
	}
}

func TestSigningLooksAtTheForms(t *testing.T) {
	t.Parallel()
	d, token := sent()
	now := d.SentAt.Add(2 * time.Hour)
	opened, err := d.Redeem(token, d.SentAt.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	v1 := toxinForm(1)
	newer := func(change ...func(*consent.Form)) []consent.Form {
		return []consent.Form{v1, toxinForm(2, append([]func(*consent.Form){func(f *consent.Form) { f.PublishedAt = now }}, change...)...)}
	}
	material := func(f *consent.Form) { f.Material = true }
	for _, tt := range []struct {
		name  string
		facts consent.DeliveryFacts
		want  []glabella.Code
	}{
		{name: "the version that was sent", facts: consent.DeliveryFacts{Forms: []consent.Form{v1}}},
		{name: "with the token", facts: consent.DeliveryFacts{Forms: []consent.Form{v1}, Token: token}},
		{name: "with another token", facts: consent.DeliveryFacts{Forms: []consent.Form{v1}, Token: "x"}, want: []glabella.Code{consent.CodeDeliveryToken}},
		{name: "an editorial version since", facts: consent.DeliveryFacts{Forms: newer()}},
		{name: "a material version since", facts: consent.DeliveryFacts{Forms: newer(material)}, want: []glabella.Code{consent.CodeDeliveryMaterial}},
		{name: "a material version that is still to come", facts: consent.DeliveryFacts{Forms: newer(material, func(f *consent.Form) { f.PublishedAt = now.Add(1) })}},
		{name: "the version was retired", facts: consent.DeliveryFacts{Forms: []consent.Form{toxinForm(1, func(f *consent.Form) { f.RetiredAt = now })}}, want: []glabella.Code{consent.CodeDeliveryForm}},
		{name: "the form is not known", facts: consent.DeliveryFacts{}, want: []glabella.Code{consent.CodeDeliveryForm}},
		{name: "another patient", facts: consent.DeliveryFacts{Forms: []consent.Form{v1}, Patient: other}, want: []glabella.Code{consent.CodeDeliveryPatient}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := tt.facts
			f.Delivery, f.Signing, f.At = opened, true, now
			got := consent.EvaluateDelivery(f)
			if diff := cmp.Diff(append([]glabella.Code{}, tt.want...), got.Codes()); diff != "" {
				t.Errorf("EvaluateDelivery (-want +got):\n%s", diff)
			}
			for _, r := range got.Reasons {
				if r.Fix == "" || r.Source == "" || len(r.Refs) == 0 || r.Refs[0] != d.Ref() {
					t.Errorf("the reason %+v does not say all", r)
				}
			}
		})
	}
	if _, err := opened.Complete(now, newer(material), accepted(1, v1, now)); !cmp.Equal(refusedWith(t, err), []glabella.Code{consent.CodeDeliveryMaterial}) {
		t.Errorf("Complete after a material version = %v", err)
	}
}

func TestCompleteNeedsAnAnswerToEachForm(t *testing.T) {
	t.Parallel()
	v1 := toxinForm(1)
	photo := toxinForm(1, func(f *consent.Form) { f.ID, f.Code = formID(51), "photo-notice" })
	forms := []consent.Form{v1, toxinForm(2), photo}
	d, token := sent(func(d *consent.Delivery) {
		d.Forms = append(d.Forms, consent.FormVersion{Form: photo.ID, Code: photo.Code, Version: 1})
	})
	at := d.SentAt.Add(time.Hour)
	opened, err := d.Redeem(token, at)
	if err != nil {
		t.Fatal(err)
	}
	a, b := accepted(1, v1, at), accepted(2, photo, at, declined)
	got, err := opened.Complete(at, forms, a, b)
	if err != nil || got.State != consent.DeliveryCompleted || !cmp.Equal(got.CompletedBy, []glabella.ConsentID{a.ID, b.ID}) || !got.EndedAt.Equal(at) {
		t.Errorf("Complete = %+v, %v", got, err)
	}
	for _, tt := range []struct {
		name    string
		answers []consent.Consent
		want    []string
	}{
		{name: "one is missing", answers: []consent.Consent{a}, want: []string{"/forms/1 consent.delivery.answer"}},
		{name: "none", want: []string{"/forms/0 consent.delivery.answer", "/forms/1 consent.delivery.answer"}},
		{name: "an answer of another patient", answers: []consent.Consent{a, accepted(2, photo, at, func(c *consent.Consent) { c.Patient = other })}, want: []string{"/completedBy/1 consent.delivery.patient"}},
		{name: "an answer to another version", answers: []consent.Consent{accepted(1, toxinForm(2), at), b}, want: []string{"/completedBy/0 consent.delivery.answer", "/forms/0 consent.delivery.answer"}},
		{name: "one answer twice", answers: []consent.Consent{a, b, a}, want: []string{"/completedBy/2 consent.delivery.answer"}},
		{name: "an answer from before", answers: []consent.Consent{a, accepted(2, photo, d.SentAt.Add(-1))}, want: []string{"/completedBy/1 consent.order"}},
		{name: "an answer from later", answers: []consent.Consent{a, accepted(2, photo, at.Add(1))}, want: []string{"/completedBy/1 consent.order"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := opened.Complete(at, forms, tt.answers...)
			if diff := cmp.Diff(tt.want, issuesOf(t, err)); diff != "" {
				t.Errorf("Complete (-want +got):\n%s", diff)
			}
		})
	}
	var transition *glabella.TransitionError
	if _, err := d.Complete(at, forms, a, b); !errors.As(err, &transition) || transition.Action != "complete" {
		t.Errorf("Complete of what was never opened = %v", err)
	}
}

func TestEndedDeliveriesStayEnded(t *testing.T) {
	t.Parallel()
	d, _ := sent()
	now := d.SentAt.Add(time.Hour)
	if _, err := d.Expire(now); !cmp.Equal(refusedWith(t, err), []glabella.Code{consent.CodeDeliveryRunning}) {
		t.Errorf("Expire before its time = %v", err)
	}
	revoked, err := d.Revoke(now)
	if err != nil {
		t.Fatal(err)
	}
	var transition *glabella.TransitionError
	if _, err := revoked.Revoke(now); !errors.As(err, &transition) {
		t.Errorf("Revoke twice = %v", err)
	}
	if _, err := revoked.Supersede(deliveryID(2), now); !errors.As(err, &transition) {
		t.Errorf("Supersede what is revoked = %v", err)
	}
	if got, err := revoked.Expire(d.ExpiresAt); !errors.As(err, &transition) || got.State != consent.DeliveryRevoked {
		t.Errorf("Expire what is revoked = %v", err)
	}
	if got := d.StateAt(d.ExpiresAt); got != consent.DeliveryExpired || d.Active(d.ExpiresAt) || !d.Active(d.ExpiresAt.Add(-1)) {
		t.Errorf("StateAt the end = %s", got)
	}
	if got := revoked.StateAt(d.ExpiresAt); got != consent.DeliveryRevoked {
		t.Errorf("StateAt of what is revoked = %s", got)
	}
}

func TestSuperseding(t *testing.T) {
	t.Parallel()
	d, _ := sent(func(d *consent.Delivery) {
		d.ID, d.SentAt, d.Forms[0].Version = deliveryID(9), d.SentAt.Add(time.Hour), 2
	})
	open, _ := sent()
	foreign, _ := sent(func(d *consent.Delivery) { d.ID, d.Patient = deliveryID(2), other })
	otherForm, _ := sent(func(d *consent.Delivery) {
		d.ID, d.Forms = deliveryID(3), []consent.FormVersion{{Form: formID(50), Code: "laser-consent", Version: 1}}
	})
	past, _ := sent(func(d *consent.Delivery) {
		d.ID, d.SentAt, d.ExpiresAt = deliveryID(4), d.SentAt.AddDate(0, -1, 0), d.SentAt
	})
	revoked, err := open.Revoke(open.SentAt)
	if err != nil {
		t.Fatal(err)
	}
	revoked.ID = deliveryID(5)
	got := consent.Superseding(d, []consent.Delivery{foreign, open, otherForm, past, revoked, d})
	if len(got) != 1 || got[0].ID != open.ID || got[0].State != consent.DeliverySuperseded || got[0].NextID != d.ID || !got[0].EndedAt.Equal(d.SentAt) {
		t.Errorf("Superseding = %+v, want the open delivery of the same form", got)
	}
	if open.State != consent.DeliverySent {
		t.Error("Superseding changed its argument")
	}
}

// TestOneTokenIsOpen sends random deliveries one after the other.
func TestOneTokenIsOpen(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(9))
	codes := []string{"a", "b", "c"}
	var all []consent.Delivery
	now := day("2026-01-01")
	for n := range 200 {
		now = now.Add(time.Duration(rng.Intn(48)) * time.Hour)
		next, _ := sent(func(d *consent.Delivery) {
			d.ID, d.SentAt, d.ExpiresAt, d.Forms = deliveryID(byte(n)), now, now.AddDate(0, 0, 1+rng.Intn(5)), nil
			for _, c := range codes {
				if rng.Intn(2) == 0 {
					d.Forms = append(d.Forms, consent.FormVersion{Form: formID(c[0]), Code: c, Version: 1 + rng.Intn(3)})
				}
			}
			if rng.Intn(2) == 0 {
				d.Patient = other
			}
		})
		for _, changed := range consent.Superseding(next, all) {
			for i := range all {
				if all[i].ID == changed.ID {
					all[i] = changed
				}
			}
		}
		all = append(all, next)
		for _, patient := range []glabella.PatientID{pat, other} {
			for _, code := range codes {
				open := 0
				for _, d := range all {
					for _, f := range d.Forms {
						if d.Patient == patient && f.Code == code && d.Active(now) {
							open++
						}
					}
				}
				if open > 1 {
					t.Fatalf("%d tokens are open for form %s", open, code)
				}
			}
		}
	}
}

func TestDeliveryValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*consent.Delivery)
		want   []string
	}{
		{name: "a delivery that was sent is valid", change: func(*consent.Delivery) {}},
		{name: "an empty one lacks everything", change: func(d *consent.Delivery) { *d = consent.Delivery{} }, want: []string{
			"/channel unknown-value", "/expiresAt required", "/forms out-of-range", "/id required", "/language required", "/patient required",
			"/provenance/recordedAt required", "/provenance/source unknown-value", "/sentAt required", "/state unknown-value", "/tokenSHA256 required",
		}},
		{name: "a token instead of its hash", change: func(d *consent.Delivery) { d.TokenSHA256, _ = consent.NewToken([32]byte{}) }, want: []string{"/tokenSHA256 format"}},
		{name: "two versions of a form", change: func(d *consent.Delivery) {
			d.Forms = append(d.Forms, consent.FormVersion{Form: formID(2), Code: "toxin-consent", Version: 2})
		}, want: []string{"/forms/1/code duplicate"}},
		{name: "a form that is not named", change: func(d *consent.Delivery) { d.Forms[0] = consent.FormVersion{} }, want: []string{"/forms/0/code required", "/forms/0/form required", "/forms/0/formVersion out-of-range"}},
		{name: "expired before it was sent", change: func(d *consent.Delivery) { d.ExpiresAt = d.SentAt }, want: []string{"/expiresAt consent.order"}},
		{name: "opened without an opening", change: func(d *consent.Delivery) { d.State = consent.DeliveryOpened }, want: []string{"/opens mismatch"}},
		{name: "sent although it was opened", change: func(d *consent.Delivery) { d.Opens, d.OpenedAt = 1, d.SentAt }, want: []string{"/opens mismatch"}},
		{name: "ended without an end", change: func(d *consent.Delivery) { d.State = consent.DeliveryRevoked }, want: []string{"/endedAt mismatch"}},
		{name: "an end without having ended", change: func(d *consent.Delivery) { d.EndedAt = d.SentAt }, want: []string{"/endedAt mismatch"}},
		{name: "completed without answers", change: func(d *consent.Delivery) {
			d.State, d.Opens, d.OpenedAt, d.EndedAt = consent.DeliveryCompleted, 1, d.SentAt, d.SentAt
		}, want: []string{"/completedBy mismatch"}},
		{name: "superseded by nothing", change: func(d *consent.Delivery) { d.State, d.EndedAt = consent.DeliverySuperseded, d.SentAt }, want: []string{"/next mismatch"}},
		{name: "a successor of what was not superseded", change: func(d *consent.Delivery) { d.NextID = deliveryID(2) }, want: []string{"/next mismatch"}},
		{name: "a language that is none", change: func(d *consent.Delivery) { d.Language = "english!" }, want: []string{"/language format"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, _ := sent(tt.change)
			if diff := cmp.Diff(tt.want, issuesOf(t, d.Validate())); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStoredDeliveryRoundTrips(t *testing.T) {
	t.Parallel()
	full, token := sent(func(d *consent.Delivery) {
		d.Encounter, d.CompletedBy, d.NextID, d.OpenedAt, d.EndedAt, d.Opens = visit, []glabella.ConsentID{{1}}, deliveryID(2), d.SentAt, d.SentAt, 4
	})
	for _, d := range []consent.Delivery{full, {}} {
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), token) {
			t.Error("the token is stored")
		}
		var got consent.Delivery
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, got); diff != "" {
			t.Errorf("delivery after JSON (-want +got):\n%s", diff)
		}
	}
}

func TestNewEnumsListTheirValues(t *testing.T) {
	t.Parallel()
	type enum interface{ Valid() bool }
	var all []enum
	for _, v := range consent.Channels() {
		all = append(all, v)
	}
	for _, v := range consent.DeliveryStates() {
		all = append(all, v)
	}
	for _, v := range consent.CapacityOutcomes() {
		all = append(all, v)
	}
	for _, v := range consent.InterpreterRules() {
		all = append(all, v)
	}
	for _, v := range consent.GapKinds() {
		all = append(all, v)
	}
	for _, v := range consent.ChangeKinds() {
		all = append(all, v)
	}
	for _, v := range consent.Formats() {
		all = append(all, v)
	}
	for _, v := range consent.Stages() {
		all = append(all, v)
	}
	for _, v := range all {
		if !v.Valid() {
			t.Errorf("%v.Valid() = false", v)
		}
	}
	for _, v := range []enum{
		consent.Channel(""), consent.DeliveryState(""), consent.CapacityOutcome(""), consent.InterpreterRule(""), consent.GapKind(""), consent.ChangeKind(""), consent.Format(""), consent.Stage(""),
	} {
		if v.Valid() {
			t.Errorf("the zero %T is valid", v)
		}
	}
	if len(consent.DeliveryStates()) != 6 {
		t.Errorf("DeliveryStates() = %v, want six", consent.DeliveryStates())
	}
}
