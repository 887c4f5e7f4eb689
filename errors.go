package glabella

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The kinds of error that every package of this module returns. Test for them
// with [errors.Is]; the typed errors below carry the detail. No error text of
// this module holds personal data.
var (
	// ErrNotFound says that no such record exists.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that the record has changed since it was read.
	ErrConflict = errors.New("conflict")
	// ErrInvalid says that the input is malformed; see [*ValidationError].
	ErrInvalid = errors.New("invalid")
	// ErrRefused says that a rule forbids it; see [*RefusedError].
	ErrRefused = errors.New("refused")
	// ErrDenied says that the actor may not do it; see [*DeniedError].
	ErrDenied = errors.New("denied")
	// ErrUnimplemented says that a storage backend does not have this part.
	ErrUnimplemented = errors.New("not implemented by this backend")
)

// Codes of issues that any package may raise.
const (
	// CodeRequired says that a value must be given.
	CodeRequired Code = "required"
	// CodeUnknownValue says that the text is not one of the allowed values.
	CodeUnknownValue Code = "unknown-value"
	// CodeOutOfRange says that a number, date or length is outside its bounds.
	CodeOutOfRange Code = "out-of-range"
	// CodeFormat says that the text does not have the form it must have.
	CodeFormat Code = "format"
	// CodeDuplicate says that a value that must be unique is given twice.
	CodeDuplicate Code = "duplicate"
	// CodeMismatch says that two values that must agree do not.
	CodeMismatch Code = "mismatch"
	// CodeUnknownField says that a file has a field that is not known.
	CodeUnknownField Code = "unknown-field"
	// CodeSyntax says that a file is not well-formed.
	CodeSyntax Code = "syntax"
	// CodeText says that text is not valid UTF-8 or has a NUL character.
	CodeText Code = "text"
)

// Issue is one thing that is wrong with an input. Path is a JSON Pointer
// (RFC 6901) into the input, such as /lines/2/quantity; the empty path is the
// input as a whole. Line and Column, counted from 1, are set for files.
type Issue struct {
	Path   string            `json:"path"`
	Code   Code              `json:"code"`
	Text   string            `json:"text"`
	Args   map[string]string `json:"args,omitempty"`
	Line   int               `json:"line,omitempty"`
	Column int               `json:"column,omitempty"`
}

// String returns the place, the code and the text.
func (i Issue) String() string {
	s := fmt.Sprintf("%s: %s", i.Code, i.Text)
	if i.Path != "" {
		s = i.Path + ": " + s
	}
	if i.Line > 0 {
		s = fmt.Sprintf("%d:%d: %s", i.Line, i.Column, s)
	}
	return s
}

// ValidationError carries everything that is wrong with an input. It unwraps to
// [ErrInvalid].
type ValidationError struct {
	Subject string // what was validated: "patient", or the name of a file
	Issues  []Issue
}

// Error lists the issues.
func (e *ValidationError) Error() string {
	texts := make([]string, len(e.Issues))
	for i, issue := range e.Issues {
		texts[i] = issue.String()
	}
	return fmt.Sprintf("invalid %s: %s", e.Subject, strings.Join(texts, "; "))
}

// Unwrap returns [ErrInvalid].
func (e *ValidationError) Unwrap() error { return ErrInvalid }

// Invalid returns a [*ValidationError] with the issues sorted by place and code,
// or nil if there are none.
func Invalid(subject string, issues ...Issue) error {
	if len(issues) == 0 {
		return nil
	}
	issues = slices.Clone(issues)
	slices.SortStableFunc(issues, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Code, b.Code))
	})
	return &ValidationError{Subject: subject, Issues: issues}
}

// RefusedError carries the decision that forbids an action, with all its
// reasons. It unwraps to [ErrRefused].
type RefusedError struct{ Decision Decision }

// Error returns the outcome and the codes of the reasons.
func (e *RefusedError) Error() string { return "refused: " + e.Decision.String() }

// Unwrap returns [ErrRefused].
func (e *RefusedError) Unwrap() error { return ErrRefused }

// Refuse returns a [*RefusedError] unless the decision permits the action with
// the given warnings acknowledged.
func Refuse(d Decision, acknowledged ...Code) error {
	if d.Permits(acknowledged...) {
		return nil
	}
	return &RefusedError{Decision: d}
}

// DeniedError carries the access decision that keeps an actor from an action. It
// unwraps to [ErrDenied].
type DeniedError struct{ Decision Decision }

// Error returns the outcome and the codes of the reasons.
func (e *DeniedError) Error() string { return "denied: " + e.Decision.String() }

// Unwrap returns [ErrDenied].
func (e *DeniedError) Unwrap() error { return ErrDenied }

// TransitionError says that an action is not possible in the state that a record
// is in. It unwraps to [ErrRefused].
type TransitionError struct {
	Machine string // the state machine: "note", "invoice"
	From    string // the state
	Action  string // the verb
}

// Error names the machine, the state and the action.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("%s: cannot %s when %s", e.Machine, e.Action, e.From)
}

// Unwrap returns [ErrRefused].
func (e *TransitionError) Unwrap() error { return ErrRefused }
