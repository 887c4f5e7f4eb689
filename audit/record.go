package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/glabella-ehr/glabella"
)

// Outcome says how a command or an access ended.
type Outcome string

// The outcomes of a record.
const (
	Done    Outcome = "done"    // the command took effect
	Read    Outcome = "read"    // records were handed out, nothing changed
	Refused Outcome = "refused" // a rule forbade it
	Denied  Outcome = "denied"  // the actor may not do it
	Failed  Outcome = "failed"  // it broke off with an error and left no effect
	DryRun  Outcome = "dry-run" // it was tried without effect, because the caller asked for that
)

// Outcomes returns every outcome.
func Outcomes() []Outcome { return []Outcome{Done, Read, Refused, Denied, Failed, DryRun} }

// Valid reports whether o is one of [Outcomes].
func (o Outcome) Valid() bool { return slices.Contains(Outcomes(), o) }

// Record is what one command or access leaves in the journal. It holds
// references, codes, field names, amounts and digests only: nothing that would
// have to be erased with a patient's data.
type Record struct {
	Seq          uint64          `json:"seq"` // the number in the journal, from 0 without gaps
	At           time.Time       `json:"at"`  // UTC, microseconds
	Action       string          `json:"action"`
	Outcome      Outcome         `json:"outcome"`
	Actor        glabella.Actor  `json:"actor"`
	Site         glabella.SiteID `json:"site,omitzero"`    // where the command took effect
	Subject      glabella.Ref    `json:"subject,omitzero"` // the patient it concerns
	Reasons      []ReasonRef     `json:"reasons"`          // what the rules answered
	Acknowledged []glabella.Code `json:"acknowledged"`     // warnings that the actor took responsibility for
	Reads        []glabella.Ref  `json:"reads"`            // the records that were handed out
	Changes      []Change        `json:"changes"`          // the records that were written
	Events       []Event         `json:"events"`           // what happened, in terms of the practice
	Key          string          `json:"key,omitempty"`    // the [Digest] of the idempotency key, if there was one
}

// ReasonRef is a [glabella.Reason] without its texts.
type ReasonRef struct {
	Code    glabella.Code    `json:"code"`
	Outcome glabella.Outcome `json:"outcome"`
	Refs    []glabella.Ref   `json:"refs"`
}

// ReasonRefs returns the reasons of a decision without their texts.
func ReasonRefs(d glabella.Decision) []ReasonRef {
	if len(d.Reasons) == 0 {
		return nil
	}
	out := make([]ReasonRef, len(d.Reasons))
	for i, r := range d.Reasons {
		out[i] = ReasonRef{Code: r.Code, Outcome: r.Outcome, Refs: slices.Clone(r.Refs)}
	}
	return out
}

// Change says that a record was written: from which version to which, the
// [Digest] of the version as stored, and the names of the fields that differ.
type Change struct {
	Ref    glabella.Ref `json:"ref"`
	Before uint64       `json:"before,omitempty"` // 0 for a new record
	After  uint64       `json:"after,omitempty"`
	Digest string       `json:"digest,omitempty"`
	Fields []string     `json:"fields"`
}

// Event is a business event: a stable type such as "encounter.completed" and a
// JSON value of IDs, codes and amounts.
type Event struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data,omitempty"`
}

// Digest returns the SHA-256 of b in lower-case hexadecimal.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Validate reports a record that has no canonical form or would tell nothing: no
// time, action or outcome, an empty reference, a digest that is none, event data
// that is not JSON, or text that is not UTF-8. It does not ask for a valid actor,
// because the refusal of an invalid one is journaled too.
func (r Record) Validate() error {
	c := recordCheck{}
	switch {
	case r.At.IsZero():
		c.add("/at", glabella.CodeRequired, "a record has a time")
	case !validYear(r.At):
		c.add("/at", glabella.CodeOutOfRange, "the year has four digits")
	}
	c.required("/action", r.Action)
	if !r.Outcome.Valid() {
		c.add("/outcome", glabella.CodeUnknownValue, "not an outcome of a record")
	}
	c.actor("/actor", r.Actor)
	c.text("/subject/kind", r.Subject.Kind)
	c.text("/subject/id", r.Subject.ID)
	for i, reason := range r.Reasons {
		path := fmt.Sprintf("/reasons/%d", i)
		c.required(path+"/code", string(reason.Code))
		if !reason.Outcome.Valid() {
			c.add(path+"/outcome", glabella.CodeUnknownValue, "not an outcome of a rule")
		}
		c.refs(path+"/refs", reason.Refs)
	}
	for i, code := range r.Acknowledged {
		c.required(fmt.Sprintf("/acknowledged/%d", i), string(code))
	}
	c.refs("/reads", r.Reads)
	for i, change := range r.Changes {
		path := fmt.Sprintf("/changes/%d", i)
		c.ref(path+"/ref", change.Ref)
		c.digest(path+"/digest", change.Digest)
		for j, field := range change.Fields {
			c.text(fmt.Sprintf("%s/fields/%d", path, j), field)
		}
	}
	for i, event := range r.Events {
		path := fmt.Sprintf("/events/%d", i)
		c.required(path+"/type", event.Type)
		if len(event.Data) > 0 {
			if _, ok := appendCompact(nil, event.Data); !ok {
				c.add(path+"/data", glabella.CodeSyntax, "event data is one JSON value without repeated members")
			}
		}
	}
	c.digest("/key", r.Key)
	return glabella.Invalid("journal record", c.issues...)
}

type recordCheck struct{ issues []glabella.Issue }

func (c *recordCheck) add(path string, code glabella.Code, text string) {
	c.issues = append(c.issues, glabella.Issue{Path: path, Code: code, Text: text})
}

func (c *recordCheck) text(path, s string) {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		c.add(path, glabella.CodeText, "text is UTF-8 without NUL")
	}
}

func (c *recordCheck) required(path, s string) {
	if s == "" {
		c.add(path, glabella.CodeRequired, "must be given")
	}
	c.text(path, s)
}

func (c *recordCheck) digest(path, s string) {
	if s != "" && !isDigest(s) {
		c.add(path, glabella.CodeFormat, "a digest is 64 lower-case hexadecimal digits")
	}
}

func (c *recordCheck) refs(path string, refs []glabella.Ref) {
	for i, ref := range refs {
		c.ref(fmt.Sprintf("%s/%d", path, i), ref)
	}
}

func (c *recordCheck) ref(path string, ref glabella.Ref) {
	if ref.IsZero() {
		c.add(path, glabella.CodeRequired, "a reference names a record")
	}
	c.text(path+"/kind", ref.Kind)
	c.text(path+"/id", ref.ID)
}

func (c *recordCheck) actor(path string, a glabella.Actor) {
	c.text(path+"/kind", string(a.Kind))
	c.text(path+"/id", a.ID)
	c.text(path+"/onBehalfOf/kind", a.OnBehalfOf.Kind)
	c.text(path+"/onBehalfOf/id", a.OnBehalfOf.ID)
	c.text(path+"/purpose", string(a.Purpose))
	c.text(path+"/auth/method", a.Auth.Method)
	c.text(path+"/breakGlass", a.BreakGlass)
	if !a.Auth.At.IsZero() && !validYear(a.Auth.At) {
		c.add(path+"/auth/at", glabella.CodeOutOfRange, "the year has four digits")
	}
}

func validYear(t time.Time) bool {
	y := t.UTC().Year()
	return y >= 0 && y <= 9999
}

func isDigest(s string) bool {
	if len(s) != 2*sha256.Size {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
