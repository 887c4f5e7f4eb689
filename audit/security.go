package audit

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// SecurityEventType names what happened outside of the library's own commands, in
// the host's sign-in or at a printer. It is the Type of an [Event].
type SecurityEventType string

// The security events that a host reports. Those of sign-in are what 45 CFR
// 164.308(a)(5)(ii)(C) calls log-in monitoring.
const (
	LoginSucceeded SecurityEventType = "security.login-succeeded"
	LoginFailed    SecurityEventType = "security.login-failed"
	LoggedOut      SecurityEventType = "security.logged-out"      // by the user
	SessionExpired SecurityEventType = "security.session-expired" // automatic logoff
	LockedOut      SecurityEventType = "security.locked-out"      // an account was closed after failures
	Unlocked       SecurityEventType = "security.unlocked"
	SecretChanged  SecurityEventType = "security.secret-changed" // a password or a second factor
	RolesChanged   SecurityEventType = "security.roles-changed"
	PolicyChanged  SecurityEventType = "security.policy-changed" // who may do what
	Exported       SecurityEventType = "security.exported"       // data left the system as a file
	Printed        SecurityEventType = "security.printed"
	BackedUp       SecurityEventType = "security.backed-up"
	Restored       SecurityEventType = "security.restored"
)

// SecurityEventTypes returns every type of security event.
func SecurityEventTypes() []SecurityEventType {
	return []SecurityEventType{LoginSucceeded, LoginFailed, LoggedOut, SessionExpired, LockedOut, Unlocked, SecretChanged, RolesChanged, PolicyChanged, Exported, Printed, BackedUp, Restored}
}

// Valid reports whether t is one of [SecurityEventTypes].
func (t SecurityEventType) Valid() bool { return slices.Contains(SecurityEventTypes(), t) }

// aboutAccount reports whether the event is about somebody's account.
func (t SecurityEventType) aboutAccount() bool {
	switch t {
	case LoginSucceeded, LoggedOut, SessionExpired, LockedOut, Unlocked, SecretChanged, RolesChanged:
		return true
	}
	return false
}

// SecurityEvent is what a host says of a security event. It holds codes only:
// what a user typed in for a name or a password has no place in it, nor has an
// address that leads to a person's home.
type SecurityEvent struct {
	Type SecurityEventType `json:"-"`
	// Account is whose account it is about, as staff or a patient. It is not known
	// for a log-in that failed because there is no such account.
	Account glabella.Ref `json:"account,omitzero"`
	// Place is the host's own code for the device or network, such as a keyed hash
	// of it. It is compared and never shown.
	Place  string `json:"place,omitempty"`
	Method string `json:"method,omitempty"` // how they signed in: "password", "passkey", "password+totp"
	Cause  string `json:"cause,omitempty"`  // a code of the host: "unknown-account", "wrong-secret", "too-many"
	// Before and After are the digests of what was changed, such as of a policy; see
	// [Digest].
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Count is how many records went into an export, a print or a backup.
	Count int `json:"count,omitempty"`
}

// maxCode bounds the codes in a security event, which are no place for prose.
const maxCode = 64

// Validate reports everything that is wrong with the event.
func (e SecurityEvent) Validate() error {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !e.Type.Valid() {
		add("/type", glabella.CodeUnknownValue, "not a type of security event")
	}
	if e.Type.aboutAccount() && e.Account.IsZero() {
		add("/account", glabella.CodeRequired, "the event is about an account")
	}
	if !e.Account.IsZero() {
		_, staff := glabella.RefAs[glabella.StaffID](e.Account)
		_, patient := glabella.RefAs[glabella.PatientID](e.Account)
		if !staff && !patient {
			add("/account", glabella.CodeFormat, "an account is that of staff or of a patient")
		}
	}
	for _, f := range []struct{ path, value string }{{"/place", e.Place}, {"/method", e.Method}, {"/cause", e.Cause}} {
		if len(f.value) > maxCode || strings.ContainsFunc(f.value, notOfCode) {
			add(f.path, glabella.CodeFormat, "a code has letters, digits and - . _ + : only, and at most 64 of them")
		}
	}
	for _, f := range []struct{ path, value string }{{"/before", e.Before}, {"/after", e.After}} {
		if f.value != "" && !isDigest(f.value) {
			add(f.path, glabella.CodeFormat, "a digest is 64 lower-case hexadecimal digits")
		}
	}
	if e.Type == PolicyChanged && e.After == "" {
		add("/after", glabella.CodeRequired, "a change of policy names what it leads to")
	}
	if e.Before != "" && e.Before == e.After {
		add("/after", glabella.CodeMismatch, "a change has two sides that differ")
	}
	if e.Count < 0 {
		add("/count", glabella.CodeOutOfRange, "a count is not negative")
	}
	return glabella.Invalid("security event", issues...)
}

func notOfCode(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._+:", r)
}

// Event returns the event as a record of the journal holds it.
func (e SecurityEvent) Event() (Event, error) {
	if err := e.Validate(); err != nil {
		return Event{}, err
	}
	data, err := json.Marshal(e)
	return Event{Type: string(e.Type), Data: data}, err
}

// ParseSecurityEvent reads the security event that [SecurityEvent.Event] wrote.
// An event of another type, or one that is not valid, is a
// [*glabella.ValidationError].
func ParseSecurityEvent(v Event) (SecurityEvent, error) {
	out := SecurityEvent{}
	d := json.NewDecoder(bytes.NewReader(v.Data))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return SecurityEvent{}, glabella.Invalid("security event", glabella.Issue{Code: glabella.CodeSyntax, Text: "not the data of a security event"})
	}
	out.Type = SecurityEventType(v.Type)
	return out, out.Validate()
}
