// Package access models who may do what: staff with their roles, credentials and
// trainings, the policy that grants actions to roles, and the decision.
//
// [Authorize] evaluates every rule and never stops at the first: a denial names
// the role that lacks the action, the credential that has expired and the
// training that is missing, each with what would settle it. What no rule grants
// is denied.
//
//	d := access.Authorize(access.Facts{Policy: access.DefaultPolicy(), Actor: actor, Staff: &staff, Action: access.StockReceive, …})
//
// What it does not do: it does not authenticate. The host vouches for the actor
// and says how and when they proved who they are; a policy may demand a level and
// a maximum age of that proof.
package access
