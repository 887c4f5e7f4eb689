package audit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

var nurse = glabella.MustParseID[glabella.StaffID]("01890000-0000-7000-8000-0000000000a1")

func TestSecurityEventsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	for _, e := range []audit.SecurityEvent{
		{Type: audit.LoginSucceeded, Account: nurse.Ref(), Place: "k:9f2c", Method: "passkey"},
		{Type: audit.LoginFailed, Cause: "unknown-account"},
		{Type: audit.PolicyChanged, After: audit.Digest([]byte("a policy"))},
		{Type: audit.Printed, Count: 3},
	} {
		v, err := e.Event()
		if err != nil {
			t.Fatal(err)
		}
		if v.Type != string(e.Type) {
			t.Errorf("Event of %s has the type %s", e.Type, v.Type)
		}
		got, err := audit.ParseSecurityEvent(v)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Errorf("ParseSecurityEvent (-want +got):\n%s", diff)
		}
	}
}

func TestSecurityEventsThatAreNotValidAreRefused(t *testing.T) {
	t.Parallel()
	digest := audit.Digest([]byte("a policy"))
	for _, tt := range []struct {
		name string
		e    audit.SecurityEvent
		path string
		code glabella.Code
	}{
		{"of no known type", audit.SecurityEvent{Type: "security.tea"}, "/type", glabella.CodeUnknownValue},
		{"a log-in of nobody", audit.SecurityEvent{Type: audit.LoginSucceeded}, "/account", glabella.CodeRequired},
		{"an account of a lot", audit.SecurityEvent{Type: audit.LockedOut, Account: glabella.Ref{Kind: "lot", ID: nurse.String()}}, "/account", glabella.CodeFormat},
		{"prose for a cause", audit.SecurityEvent{Type: audit.LoginFailed, Cause: "typed hunter2"}, "/cause", glabella.CodeFormat},
		{"a long place", audit.SecurityEvent{Type: audit.LoginFailed, Place: strings.Repeat("a", 65)}, "/place", glabella.CodeFormat},
		{"a policy without a digest", audit.SecurityEvent{Type: audit.PolicyChanged}, "/after", glabella.CodeRequired},
		{"a change to the same", audit.SecurityEvent{Type: audit.PolicyChanged, Before: digest, After: digest}, "/after", glabella.CodeMismatch},
		{"a digest that is none", audit.SecurityEvent{Type: audit.RolesChanged, Account: nurse.Ref(), Before: "abc"}, "/before", glabella.CodeFormat},
		{"less than nothing printed", audit.SecurityEvent{Type: audit.Printed, Count: -1}, "/count", glabella.CodeOutOfRange},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.e.Event()
			var invalid *glabella.ValidationError
			if !errors.As(err, &invalid) || len(invalid.Issues) != 1 || invalid.Issues[0].Path != tt.path || invalid.Issues[0].Code != tt.code {
				t.Errorf("Event() = %v, want %s at %s only", err, tt.code, tt.path)
			}
		})
	}
	for _, v := range []audit.Event{{Type: string(audit.Printed)}, {Type: string(audit.Printed), Data: []byte(`{"count":1,"who":"x"}`)}, {Type: "vial.opened", Data: []byte(`{}`)}} {
		if _, err := audit.ParseSecurityEvent(v); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("ParseSecurityEvent(%s %s) = %v, want an invalid event", v.Type, v.Data, err)
		}
	}
}
