// Package practice holds the use cases of an aesthetic-medicine practice: the
// only place where several kinds of record change together.
//
// A host opens a [Practice] over a storage backend and calls one method per use
// case. Each takes the context, the [glabella.Actor] whom the host vouches for,
// and a struct that is named like the method:
//
//	p, err := practice.New(backend, nil)
//	receipt, err := p.RegisterPatient(ctx, actor, practice.RegisterPatient{Intake: intake})
//
// A command returns a receipt: identities, codes and amounts, never personal
// data, so that the same command sent again under the same key can be answered
// with the same receipt. Whatever else the host wants to show, it asks for with a
// query, and that is journaled.
//
// Every command runs in one transaction: access decision, idempotency, version
// check, rules, writes, events and journal record. It happens whole or not at
// all, and a command that was refused leaves a journal record and nothing else.
//
// What it does not do: it does not authenticate, it shows nothing, and it talks
// to no network. Rules are in the packages that are named after their subject.
package practice
