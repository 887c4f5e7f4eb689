package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

var update = flag.Bool("update", false, "write the golden files")

// vectors are records whose canonical bytes are fixed for good.
func vectors() []struct {
	name   string
	record audit.Record
} {
	full := audit.Record{
		Seq: 42, At: noon, Action: "encounter.complete", Outcome: audit.Done,
		Actor: glabella.Actor{
			Kind: glabella.ActorStaff, ID: staff.String(), OnBehalfOf: patient.Ref(), Site: site, Purpose: glabella.PurposeTreatment,
			Auth: glabella.Authentication{Method: "hwk", Level: 3, At: noon.Add(-time.Hour)}, BreakGlass: "emergency",
		},
		Site: site, Subject: patient.Ref(),
		Reasons:      []audit.ReasonRef{{Code: "encounter.interval.short", Outcome: glabella.Warn, Refs: []glabella.Ref{noteID.Ref()}}, {Code: "consent.expired", Outcome: glabella.Deny}},
		Acknowledged: []glabella.Code{"encounter.interval.short"},
		Reads:        []glabella.Ref{patient.Ref(), noteID.Ref()},
		Changes:      []audit.Change{{Ref: noteID.Ref(), Before: 1, After: 2, Digest: audit.Digest([]byte("v2")), Fields: []string{"state", "signature"}}, {Ref: patient.Ref(), After: 1}},
		Events:       []audit.Event{{Type: "encounter.completed", Data: json.RawMessage(`{"units":"20","ok":true,"list":[1,2.50,-0],"none":null}`)}, {Type: "note.signed"}},
		Key:          audit.Digest([]byte("key")),
	}
	return []struct {
		name   string
		record audit.Record
	}{
		{"minimal", audit.Record{At: time.Unix(0, 0), Action: "patient.read", Outcome: audit.Read}},
		{"full", full},
		{"denied actor without identity", audit.Record{Seq: 7, At: noon, Action: "report.read", Outcome: audit.Denied, Actor: glabella.Actor{Kind: "robot"}}},
		{"every escape", audit.Record{At: noon, Action: "a\"\\/\b\f\n\r\t\x01\x1f\x7f<>&é\u2028𝄞", Outcome: audit.Failed}},
		{"event data is compacted", audit.Record{At: noon, Action: "x", Outcome: audit.DryRun, Events: []audit.Event{{Type: "e", Data: json.RawMessage(" { \"b\" : [ ] , \"a\" : \"\\u003c\\/\\u00E9\\ud834\\udd1e\\u000a\" } ")}}}},
		{"largest number", audit.Record{Seq: 1<<64 - 1, At: time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), Action: "x", Outcome: audit.Done}},
	}
}

func TestCanonicalBytesAndLeafHashesAreGolden(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	for _, v := range vectors() {
		b := v.record.Bytes()
		fmt.Fprintf(&got, "# %s\n%s\n%s\n", v.name, b, audit.LeafHash(b))
	}
	const file = "testdata/vectors.txt"
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("canonical bytes changed (-want +got):\n%s", diff)
	}
}

func TestLeafHashIsThatOfRFC6962(t *testing.T) {
	t.Parallel()
	if got, want := audit.LeafHash([]byte("entry")), tlog.RecordHash([]byte("entry")); got != want {
		t.Errorf("LeafHash = %v, want %v", got, want)
	}
}

func TestCanonicalBytesAreJSONOfTheRecord(t *testing.T) {
	t.Parallel()
	for _, v := range vectors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			var got audit.Record
			if err := json.Unmarshal(v.record.Bytes(), &got); err != nil {
				t.Fatalf("json.Unmarshal = %v", err)
			}
			want := v.record
			want.At = want.At.UTC().Truncate(time.Microsecond)
			for i, e := range want.Events {
				if len(e.Data) > 0 {
					want.Events[i].Data = compact(t, e.Data)
				}
			}
			for i, e := range got.Events {
				if len(e.Data) > 0 {
					got.Events[i].Data = compact(t, e.Data)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("record after encoding/json (-want +got):\n%s", diff)
			}
		})
	}
}

// compact brings JSON into one form with encoding/json alone, so that the test
// does not rely on the code under test.
func compact(t *testing.T, b []byte) json.RawMessage {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestParseRecordReadsWhatAppendWrites(t *testing.T) {
	t.Parallel()
	for _, v := range vectors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			b := v.record.Bytes()
			r, err := audit.ParseRecord(b)
			if err != nil {
				t.Fatalf("ParseRecord = %v", err)
			}
			if again := r.Append([]byte("x")); string(again) != "x"+string(b) {
				t.Errorf("Append after ParseRecord = %s, want %s", again[1:], b)
			}
		})
	}
}

func TestParseRecordRefusesEveryOtherForm(t *testing.T) {
	t.Parallel()
	const ok = `{"v":1,"seq":0,"at":"2026-03-02T12:00:00.000000Z","action":"x","outcome":"done"}`
	if _, err := audit.ParseRecord([]byte(ok)); err != nil {
		t.Fatalf("ParseRecord(canonical) = %v", err)
	}
	replace := func(old, to string) string { return strings.Replace(ok, old, to, 1) }
	for _, tt := range []struct {
		name   string
		in     string
		code   glabella.Code
		column int
	}{
		{name: "white space", in: replace(`,"seq"`, `, "seq"`), code: glabella.CodeFormat, column: 8},
		{name: "other order", in: `{"seq":0,"v":1,` + ok[15:], code: glabella.CodeFormat, column: 3},
		{name: "unknown member", in: replace(`"done"`, `"done","more":1`), code: glabella.CodeFormat, column: len(ok)},
		{name: "member twice", in: replace(`"seq":0`, `"seq":0,"seq":0`), code: glabella.CodeFormat, column: 17},
		{name: "zero member", in: replace(`"done"`, `"done","key":""`), code: glabella.CodeFormat, column: len(ok)},
		{name: "member name in another case", in: replace(`"seq"`, `"Seq"`), code: glabella.CodeFormat, column: 9},
		{name: "needless escape", in: replace(`"x"`, `"\u0078"`), code: glabella.CodeFormat, column: strings.Index(ok, `"x"`) + 2},
		{name: "time in another zone", in: replace("00.000000Z", "00.000000+00:00"), code: glabella.CodeFormat, column: strings.Index(ok, "Z") + 1},
		{name: "time with fewer decimals", in: replace("00.000000Z", "00Z"), code: glabella.CodeFormat, column: strings.Index(ok, ".") + 1},
		{name: "number in another form", in: replace(`"v":1`, `"v":1.0`), code: glabella.CodeSyntax},
		{name: "another version", in: replace(`"v":1`, `"v":2`), code: glabella.CodeUnknownValue},
		{name: "no version", in: replace(`"v":1,`, ``), code: glabella.CodeUnknownValue},
		{name: "trailing data", in: ok + "{}", code: glabella.CodeSyntax},
		{name: "cut off", in: ok[:len(ok)-1], code: glabella.CodeSyntax},
		{name: "not an object", in: `[]`, code: glabella.CodeSyntax},
		{name: "nothing", in: ``, code: glabella.CodeSyntax},
		{name: "no action", in: replace(`"x"`, `""`), code: glabella.CodeRequired},
		{name: "event data with a member twice", in: replace(`"done"`, `"done","events":[{"type":"e","data":{"a":1,"a":1}}]`), code: glabella.CodeSyntax},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := audit.ParseRecord([]byte(tt.in))
			var invalid *glabella.ValidationError
			if !errors.As(err, &invalid) {
				t.Fatalf("ParseRecord(%s) = %v, want a validation error", tt.in, err)
			}
			if got := invalid.Issues[0]; got.Code != tt.code || got.Column != tt.column {
				t.Errorf("ParseRecord(%s) = %q at column %d, want %q at %d", tt.in, got.Code, got.Column, tt.code, tt.column)
			}
		})
	}
}

func TestValidateReportsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	bad := "\xff"
	r := audit.Record{
		Outcome:      "x",
		Actor:        glabella.Actor{Kind: "a\x00", ID: bad, OnBehalfOf: glabella.Ref{Kind: bad, ID: bad}, Purpose: "\xff", Auth: glabella.Authentication{Method: bad, At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, BreakGlass: bad},
		Subject:      glabella.Ref{Kind: bad, ID: bad},
		Reasons:      []audit.ReasonRef{{Refs: []glabella.Ref{{}}}},
		Acknowledged: []glabella.Code{""},
		Reads:        []glabella.Ref{patient.Ref(), {Kind: bad}},
		Changes:      []audit.Change{{Digest: "abc", Fields: []string{bad}}},
		Events:       []audit.Event{{Data: json.RawMessage(`{`)}},
		Key:          strings.Repeat("A", 64),
	}
	var invalid *glabella.ValidationError
	if !errors.As(r.Validate(), &invalid) {
		t.Fatal("Validate = nil")
	}
	var got []string
	for _, i := range invalid.Issues {
		got = append(got, i.Path+" "+string(i.Code))
	}
	want := []string{
		"/acknowledged/0 required", "/action required", "/actor/auth/at out-of-range", "/actor/auth/method text", "/actor/breakGlass text",
		"/actor/id text", "/actor/kind text", "/actor/onBehalfOf/id text", "/actor/onBehalfOf/kind text", "/actor/purpose text", "/at required",
		"/changes/0/digest format", "/changes/0/fields/0 text", "/changes/0/ref required", "/events/0/data syntax", "/events/0/type required",
		"/key format", "/outcome unknown-value", "/reads/1/kind text", "/reasons/0/code required", "/reasons/0/outcome unknown-value",
		"/reasons/0/refs/0 required", "/subject/id text", "/subject/kind text",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
}

// TestAddRefusesExactlyWhatValidateReports breaks single values of a full record
// at random: encoding, which checks on the way, and Validate must agree.
func TestAddRefusesExactlyWhatValidateReports(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(2))
	pick := func(values ...string) string { return values[rng.Intn(len(values))] }
	refused := 0
	for range 2000 {
		r := vectors()[1].record
		switch rng.Intn(12) {
		case 0:
			r.Action = pick("", "a\x00", "\xc3", "é")
		case 1:
			r.Outcome = audit.Outcome(pick("", "done", "ok"))
		case 2:
			r.At = []time.Time{{}, noon, time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}[rng.Intn(4)]
		case 3:
			r.Key = pick("", "x", audit.Digest(nil), strings.Repeat("g", 64))
		case 4:
			r.Changes[0].Digest = pick("", "x", audit.Digest(nil))
			r.Changes[0].Fields[0] = pick("", "\xff", "a")
		case 5:
			r.Changes[1].Ref = glabella.Ref{Kind: pick("", "x")}
		case 6:
			r.Reads[1] = glabella.Ref{ID: pick("", "x", "\x00")}
		case 7:
			r.Reasons[0].Code = glabella.Code(pick("", "x", "\xff"))
			r.Reasons[0].Outcome = glabella.Outcome(pick("", "deny", "maybe"))
		case 8:
			r.Reasons[0].Refs = []glabella.Ref{{Kind: pick("", "x", "\xff")}}
		case 9:
			r.Events[0].Data = json.RawMessage(pick(`{}`, `{"a":1,"a":2}`, `01`, `"\ud800"`, `"\u0000"`, `1 2`, strings.Repeat("[", 40), `"`+"\xff"+`"`, ``))
			r.Events[1].Type = pick("", "x")
		case 10:
			r.Acknowledged[0] = glabella.Code(pick("", "x"))
		case 11:
			r.Actor.BreakGlass, r.Actor.Auth.Method = pick("", "\xff", "x"), pick("", "\x00", "x")
		}
		valid := r.Validate()
		_, err := audit.Add(t.Context(), &memJournal{}, r)
		if (valid == nil) != (err == nil) {
			t.Fatalf("Validate = %v but Add = %v", valid, err)
		}
		b := r.Bytes()
		if !json.Valid(b) {
			t.Fatalf("Bytes = %s, want JSON even for a record that is not valid", b)
		}
		if valid != nil {
			refused++
			if got, err := audit.ParseRecord(b); err == nil && cmp.Equal(got, r) {
				t.Fatalf("ParseRecord(%s) gave an invalid record", b)
			}
		}
	}
	if refused < 200 {
		t.Errorf("only %d of 2000 records were refused", refused)
	}
}

func TestReasonRefsLeaveOutTheTexts(t *testing.T) {
	t.Parallel()
	d := glabella.Decide(glabella.Denied("consent.missing", "text").With("form", "x").WithFix("fix").For(patient.Ref()))
	want := []audit.ReasonRef{{Code: "consent.missing", Outcome: glabella.Deny, Refs: []glabella.Ref{patient.Ref()}}}
	if diff := cmp.Diff(want, audit.ReasonRefs(d)); diff != "" {
		t.Errorf("ReasonRefs (-want +got):\n%s", diff)
	}
	if got := audit.ReasonRefs(glabella.Decide()); got != nil {
		t.Errorf("ReasonRefs(allow) = %v, want none", got)
	}
}

func TestEventDataWithManyMembersIsCheckedForRepetition(t *testing.T) {
	t.Parallel()
	members := make([]string, 40)
	for i := range members {
		members[i] = fmt.Sprintf(`"k%d":%d`, i, i)
	}
	r := signature(0)
	r.Events = []audit.Event{{Type: "e", Data: json.RawMessage("{" + strings.Join(members, ",") + "}")}}
	if err := r.Validate(); err != nil {
		t.Errorf("Validate = %v", err)
	}
	for _, again := range []int{0, 20, 38} {
		members[39] = fmt.Sprintf(`"\u006b%d":0`, again)
		r.Events[0].Data = json.RawMessage("{" + strings.Join(members, ",") + "}")
		if r.Validate() == nil {
			t.Errorf("Validate with member k%d twice = nil", again)
		}
	}
}

func TestEnumsListTheirValues(t *testing.T) {
	t.Parallel()
	for _, o := range audit.Outcomes() {
		if !o.Valid() {
			t.Errorf("%q.Valid() = false", o)
		}
	}
	for _, k := range audit.TamperKinds() {
		if !k.Valid() {
			t.Errorf("%q.Valid() = false", k)
		}
	}
	for _, e := range audit.SecurityEventTypes() {
		if !e.Valid() {
			t.Errorf("%q.Valid() = false", e)
		}
	}
	for _, s := range audit.FindingStates() {
		if !s.Valid() {
			t.Errorf("%q.Valid() = false", s)
		}
	}
	for _, s := range audit.ReviewStates() {
		if !s.Valid() {
			t.Errorf("%q.Valid() = false", s)
		}
	}
	for _, b := range audit.DisclosureBases() {
		if !b.Valid() {
			t.Errorf("%q.Valid() = false", b)
		}
	}
	for _, r := range audit.Retaineds() {
		if !r.Valid() {
			t.Errorf("%q.Valid() = false", r)
		}
	}
	if audit.Outcome("").Valid() || audit.TamperKind("").Valid() || audit.SecurityEventType("").Valid() || audit.FindingState("").Valid() ||
		audit.ReviewState("").Valid() || audit.DisclosureBasis("").Valid() || audit.Retained("").Valid() {
		t.Error("the zero value is valid")
	}
}

func FuzzParseRecord(f *testing.F) {
	for _, v := range vectors() {
		f.Add(v.record.Bytes())
	}
	f.Add([]byte(`{"v":1,"seq":0,"at":"2026-03-02T12:00:00.000000Z","action":"x","outcome":"done","events":[{"type":"e","data":null}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := audit.ParseRecord(b)
		if err != nil {
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Fatalf("ParseRecord = %v, which is not invalid input", err)
			}
			return
		}
		if got := r.Bytes(); !bytes.Equal(got, b) {
			t.Fatalf("Bytes = %q, want what was parsed: %q", got, b)
		}
		if _, err := audit.Add(t.Context(), &memJournal{}, r); err != nil {
			t.Fatalf("Add(parsed record) = %v", err)
		}
	})
}
