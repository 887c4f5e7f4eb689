package storage

import (
	"encoding/json"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

// Command is an accepted command that carried an idempotency key: what was asked
// (as a digest) and the receipt that was given. Asking again with the same key
// and input gets the same receipt and has no second effect. Receipts hold
// references, codes and amounts only.
type Command struct {
	ID glabella.CommandID `json:"id"`
	glabella.Meta
	Action  access.Action   `json:"action"`
	Actor   glabella.Ref    `json:"actor"`
	Input   string          `json:"input"` // hex SHA-256 of the action and the input
	Receipt json.RawMessage `json:"receipt"`
}

// CommandIDOf returns the identity of the command with the idempotency key.
func CommandIDOf(key string) glabella.CommandID {
	return glabella.DeriveID[glabella.CommandID](key)
}

// Ref returns the reference to the command.
func (c Command) Ref() glabella.Ref { return c.ID.Ref() }

// Validate reports a command that could not be compared with a later one.
func (c Command) Validate() error {
	var issues []glabella.Issue
	for _, f := range []struct {
		path    string
		missing bool
	}{
		{"/id", c.ID.IsZero()},
		{"/action", c.Action == ""},
		{"/actor", c.Actor.IsZero()},
		{"/input", c.Input == ""},
		{"/receipt", len(c.Receipt) == 0},
	} {
		if f.missing {
			issues = append(issues, glabella.Issue{Path: f.path, Code: glabella.CodeRequired, Text: "an accepted command says what was asked and answered"})
		}
	}
	return glabella.Invalid("command", issues...)
}
