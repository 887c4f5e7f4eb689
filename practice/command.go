package practice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/storage"
)

// Codes of reasons that the runner raises.
const (
	// CodeKeyReused says that an idempotency key was already used for another command.
	CodeKeyReused glabella.Code = "practice.key.reused"
	// CodeVersionUnused says that IfVersion was given to a command that changes no existing record.
	CodeVersionUnused glabella.Code = "practice.version.unused"
)

// Command is the part that every command's input has: how it is to be carried
// out. The zero Command is an ordinary one.
type Command struct {
	// Key makes the command idempotent: sent again with the same key and input, it
	// has no second effect and returns the first receipt. A key that is used for
	// other input is refused with [CodeKeyReused]. Hosts send one with every command
	// that a network may repeat.
	Key string `json:"-"`
	// IfVersion, if set, is the version of the record that the caller has seen. The
	// command fails with [glabella.ErrConflict] if it has changed since.
	IfVersion uint64 `json:"-"`
	// DryRun tries the command and takes everything back. The receipt says what
	// would have happened; identities in it name nothing.
	DryRun bool `json:"-"`
	// Acknowledge names the warnings that the actor has seen and goes ahead in spite
	// of. They are journaled. A denial cannot be acknowledged.
	Acknowledge []glabella.Code `json:"-"`
}

func (c Command) command() Command { return c }

// input is satisfied by every struct that embeds [Command].
type input interface{ command() Command }

// work is what a use case works with: the store's tracked repositories and the
// practice that it belongs to.
type work struct {
	*storage.Work
	p              *Practice
	actor          glabella.Actor
	ifVersion      uint64
	versionChecked bool
}

// expect compares the caller's IfVersion with the version of the record that
// the command is about.
func (w *work) expect(ref glabella.Ref, version uint64) error {
	w.versionChecked = true
	if w.ifVersion != 0 && w.ifVersion != version {
		return fmt.Errorf("%s: version %d was expected, version %d is stored: %w", ref, w.ifVersion, version, glabella.ErrConflict)
	}
	return nil
}

// acknowledged does what asks for a decision of its own. Warnings that it stops
// at count as settled if the actor has acknowledged them, and are journaled.
func (w *work) acknowledged(do func(settled []glabella.Code) error) error {
	err := do(w.Settled())
	var refused *glabella.RefusedError
	if !errors.As(err, &refused) {
		return err
	}
	if err := w.Require(refused.Decision); err != nil {
		return err
	}
	return do(w.Settled())
}

// run carries out one command: access decision, idempotency, IfVersion, dry run,
// acknowledged warnings, the writes, the events and one journal record, in one
// transaction. A use case gives its action and a function that returns a
// [storage.Outcome]; without either it does not compile.
func run[In input, Out any](
	ctx context.Context, p *Practice, actor glabella.Actor, action access.Action, patient glabella.PatientID, in In,
	fn func(ctx context.Context, w *work, in In, out *Out) (storage.Outcome, error),
) (Out, error) {
	var out, none Out
	c := in.command()
	asked, err := inputDigest(action, in)
	if err != nil {
		return none, err
	}
	ses := storage.Session{Actor: actor, Action: action, Patient: patient}
	if c.Key != "" {
		ses.Key = digestOf([]byte(c.Key))
	}
	_, err = p.store.Update(ctx, ses, func(ctx context.Context, sw *storage.Work) (storage.Outcome, error) {
		out = none
		w := &work{Work: sw, p: p, actor: actor, ifVersion: c.IfVersion}
		w.Acknowledge(c.Acknowledge...)
		if c.Key != "" {
			done, err := earlier(ctx, w, c.Key, asked, &out)
			if err != nil || done {
				return storage.AlreadyDone(), err
			}
		}
		outcome, err := fn(ctx, w, in, &out)
		if err != nil {
			return failed(err)
		}
		if c.IfVersion != 0 && !w.versionChecked {
			return storage.Outcome{}, glabella.Invalid("command", glabella.Issue{Path: "/ifVersion", Code: CodeVersionUnused, Text: "the command changes no existing record"})
		}
		if c.DryRun {
			return outcome.Tried(), nil
		}
		if c.Key != "" {
			if err := remember(ctx, w, c.Key, asked, action, actor, out); err != nil {
				return storage.Outcome{}, err
			}
		}
		return outcome, nil
	})
	if err != nil {
		return none, err
	}
	return out, nil
}

// failed ends a command that failed.
func failed(err error) (storage.Outcome, error) { return storage.Outcome{}, err }

// earlier looks for a command with the same key. If there is one with the same
// input, it reads its receipt into out and reports true.
func earlier(ctx context.Context, w *work, key, asked string, out any) (bool, error) {
	cmd, err := w.Commands().Get(ctx, storage.CommandIDOf(key))
	switch {
	case errors.Is(err, glabella.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case cmd.Input != asked:
		return false, &glabella.RefusedError{Decision: glabella.Decide(
			glabella.Denied(CodeKeyReused, "the idempotency key was used for another command").For(cmd.Ref()).WithFix("send the command under a key of its own"))}
	}
	if err := json.Unmarshal(cmd.Receipt, out); err != nil {
		return false, fmt.Errorf("receipt of %s: %w", cmd.Ref(), err)
	}
	return true, nil
}

func remember(ctx context.Context, w *work, key, asked string, action access.Action, actor glabella.Actor, out any) error {
	receipt, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	_, err = w.Commands().Put(ctx, storage.Command{ID: storage.CommandIDOf(key), Action: action, Actor: actor.Ref(), Input: asked, Receipt: receipt})
	return err
}

func inputDigest(action access.Action, in any) (string, error) {
	b, err := json.Marshal(in)
	if err != nil {
		return "", fmt.Errorf("input of %s: %w: %w", action, glabella.ErrInvalid, err)
	}
	return digestOf(append([]byte(action+"\x00"), b...)), nil
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// query answers one question: access decision, the reads, and a journal record
// of what was read, before the answer is handed out.
func query[Out any](
	ctx context.Context, p *Practice, actor glabella.Actor, action access.Action, patient glabella.PatientID,
	fn func(ctx context.Context, r *storage.Reading) (Out, error),
) (Out, error) {
	var out, none Out
	err := p.store.View(ctx, storage.Session{Actor: actor, Action: action, Patient: patient}, func(ctx context.Context, r *storage.Reading) (err error) {
		out, err = fn(ctx, r)
		return err
	})
	if err != nil {
		return none, err
	}
	return out, nil
}
