// Package access models who may do what: staff with their roles, credentials and
// trainings, the policy that grants actions to roles, and the decision.
//
// A [Policy] is data: what each role is granted, what is permitted or denied under
// conditions ([Rule]), what an action demands of who does it ([Requirement]), and
// which classes of fields each role sees and changes ([Sight]). It is compiled
// once into [Rules], which decide.
//
// [Authorize] gives every reason and never stops at the first: a denial names
// the role that lacks the action, the rule that denies it, the credential that
// has expired and the training that is missing, each with what would settle it.
// What nothing permits is denied, and a rule that denies beats all that permit.
//
//	d := access.Authorize(access.Facts{Rules: rules, Actor: actor, Staff: &staff, Action: access.StockReceive, …})
//
// A [BreakGlass] opens one patient's record to one member of staff in an
// emergency, for a time, against rules on restricted records and on the care
// relationship. The decision is then a warning, to be journaled, and the access
// is reviewed by someone else.
//
// [View] shows a role what it may see of a record, and [MayWrite] holds changes to
// what it may write.
//
// What it does not do: it does not authenticate. The host vouches for the actor
// and says how and when they proved who they are; a policy may demand a level and
// a maximum age of that proof.
package access
