// Package audit is the journal: a tamper-evident record of every command and
// every access.
//
// A [Record] says who did what, when, where and with what outcome: what the
// rules answered and which warnings were acknowledged, which records were read,
// which were written (from which version to which, with a digest), and the
// business events that came of it. It holds references, codes, field names,
// amounts and digests only, so that erasing a patient's data never touches the
// journal.
//
// The journal is a transparency log in the sense of Certificate Transparency
// (RFC 6962), built on golang.org/x/mod/sumdb/tlog. Each record is stored as its
// exact canonical bytes ([Record.Append]); the hash of those bytes is a leaf of a
// Merkle tree. [Add] numbers a record, encodes it, and extends the tree; it needs
// to read only the [Head], whose frontier grows with the logarithm of the size.
//
//	rec, err := audit.Add(ctx, tx.Journal(), audit.Record{At: now, Action: "note.sign", Outcome: audit.Done, Actor: actor})
//
// [Verify] recomputes the whole tree from the stored bytes without decoding
// them. It finds entries that were altered, dropped, inserted, exchanged or cut
// off. Whoever can rewrite the whole store can also make a new tree; that shows
// against a [Checkpoint] that was signed earlier and kept elsewhere.
// [ProveInclusion] and [ProveConsistency] show to someone without the journal
// that an entry is in it, and that it was only ever appended to.
//
// [WriteLog] exports the journal, a record a line, and [VerifyLog] checks such a log
// with nothing but a checkpoint. A [Witness] confirms with a cosignature of its own
// that the journal was only appended to. What happens outside of the library, such
// as log-ins, hosts report as a [SecurityEvent].
//
// Who looks at the journal has [Activity] and [Contacts] (all that a user touched,
// all who touched a patient), [AccessReport] for patients, and [Account] for the
// accounting of disclosures (45 CFR 164.528). A [Watch] takes records one by one
// and gives a [Finding], with its evidence and why, for what looks odd:
//
//	for _, f := range watch.See(rec) {
//		fmt.Println(f.Score, f.Decision())
//	}
//
// Findings are dismissed or confirmed, and an [ActivityReview] of a sample is
// signed, never by the one whom it is about.
//
// A host implements [Journal] as a part of its storage transaction, or uses one
// of the backends below package storage.
//
// What it does not do: it does not decide who may read the journal, does not
// hold keys, and cannot tell a false statement that was journaled from a true
// one.
package audit
