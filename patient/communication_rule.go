package patient

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of what keeps a message from a patient.
const (
	// CodeReachDeceased says that the patient has died.
	CodeReachDeceased glabella.Code = "patient.reach.deceased"
	// CodeReachRetracted says that the record was retracted.
	CodeReachRetracted glabella.Code = "patient.reach.retracted"
	// CodeReachDismissed says that the patient was dismissed and is not invited or reminded any more.
	CodeReachDismissed glabella.Code = "patient.reach.dismissed"
	// CodeReachOptedOut says that the patient does not want messages of this purpose on this channel.
	CodeReachOptedOut glabella.Code = "patient.reach.opted-out"
	// CodeReachQuiet says that it is a time at which the patient is not to be reached.
	CodeReachQuiet glabella.Code = "patient.reach.quiet"
	// CodeReachNoAddress says that the patient has no address for this channel.
	CodeReachNoAddress glabella.Code = "patient.reach.no-address"
	// CodeReachConfidential says that the patient asked to be reached in other ways only.
	CodeReachConfidential glabella.Code = "patient.reach.confidential"
	// CodeReachUnknown says that the channel, the purpose, the time or the zone of the message is not known.
	CodeReachUnknown glabella.Code = "patient.reach.unknown"
)

const (
	sourceConfidential = "45 CFR 164.522(b)"
	sourceQuiet        = "47 CFR 64.1200(c)(1)"
)

// ReachPolicy is what a practice has decided on the times of its messages.
type ReachPolicy struct {
	Quiet    []QuietHours   // for calls and text messages; for those of the purposes below
	Purposes []ReachPurpose // the purposes that the quiet hours are for
	Source   string
}

// DefaultReachPolicy returns the hours outside of which federal law forbids
// telephone solicitations in the United States: before 8 and after 21 o'clock
// where the patient is. A practice may widen them.
func DefaultReachPolicy() ReachPolicy {
	return ReachPolicy{
		Quiet:    []QuietHours{{From: "21:00", To: "08:00"}},
		Purposes: []ReachPurpose{ReachRecall, ReachMarketing, ReachSurvey},
		Source:   sourceQuiet,
	}
}

// CommunicationFacts are what [MayReach] asks for.
type CommunicationFacts struct {
	Patient Patient
	Channel Channel
	Purpose ReachPurpose
	Address string // the contact's value; empty is any of the channel
	At      time.Time
	Zone    *time.Location // the patient's, or that of the practice
	Urgent  bool           // a message for the patient's safety: quiet hours do not hold it back
	Policy  ReachPolicy
}

// ContactsFor returns the contacts that a channel can use on a day, the preferred
// ones first. Text messages go to numbers that are for them, and to mobile phones.
func (p Patient) ContactsFor(channel Channel, on glabella.Date) []Contact {
	var out []Contact
	for _, preferred := range []bool{true, false} {
		for _, c := range p.Contacts {
			if c.Preferred != preferred || !c.Holds(on) {
				continue
			}
			switch {
			case channel == ChannelEmail && c.System == Email,
				channel == ChannelPhone && c.System == Phone,
				channel == ChannelSMS && (c.System == SMS || c.System == Phone && c.Use == "mobile"):
				out = append(out, c)
			}
		}
	}
	return out
}

// reachable reports whether the channel leads to the address, or to any if none
// is given.
func (p Patient) reachable(channel Channel, address string, on glabella.Date) bool {
	switch channel {
	case ChannelApp:
		return true
	case ChannelPost:
		return slices.ContainsFunc(p.Addresses, func(a Address) bool { return a.Holds(on) })
	}
	return slices.ContainsFunc(p.ContactsFor(channel, on), func(c Contact) bool { return address == "" || c.Value == address })
}

// MayReach answers whether a message may go to the patient: their wishes, quiet
// hours, a request for confidential communication, the standing of the record,
// and whether there is an address. It answers no question of consent: a law that
// asks for one, such as for marketing by text message, is for package consent.
func MayReach(f CommunicationFacts) glabella.Decision {
	var reasons []glabella.Reason
	add := func(code glabella.Code, source, text, fix string) {
		reasons = append(reasons, glabella.Denied(code, text).For(f.Patient.Ref()).With("channel", string(f.Channel)).With("purpose", string(f.Purpose)).WithFix(fix).CitedFrom(source))
	}
	if !f.Channel.Valid() || !f.Purpose.Valid() || f.At.IsZero() || f.Zone == nil {
		add(CodeReachUnknown, "", "the channel, purpose, time or zone is not known", "say how, what for and when")
		return glabella.Decide(reasons...)
	}
	on := glabella.DateOf(f.At.In(f.Zone))
	switch f.Patient.Standing.Current() {
	case StandingDeceased:
		add(CodeReachDeceased, "", "the patient has died", "write to the patient's representative, if there is one")
	case StandingRetracted:
		add(CodeReachRetracted, "", "the record was retracted", "use the patient's own record")
	case StandingDismissed:
		if f.Purpose != ReachCare && f.Purpose != ReachBilling {
			add(CodeReachDismissed, "", "the patient was dismissed", "send what concerns care and bills only")
		}
	}
	if f.Patient.Communication.Wanted(f.Channel, f.Purpose, f.Address) == WishNo {
		add(CodeReachOptedOut, "", "the patient does not want it", "choose another channel; appointments stay booked")
	}
	if !f.Patient.reachable(f.Channel, f.Address, on) {
		add(CodeReachNoAddress, "", "the patient has no such address", "record one or choose another channel")
	}
	if asked := slices.DeleteFunc(slices.Clone(f.Patient.Communication.Confidential), func(r ConfidentialRequest) bool { return !holds(r.From, r.To, on) }); len(asked) > 0 {
		if !slices.ContainsFunc(asked, func(r ConfidentialRequest) bool {
			return r.Channel == f.Channel && (r.Address == "" || r.Address == f.Address)
		}) {
			add(CodeReachConfidential, sourceConfidential, "the patient asked to be reached otherwise", "use the channel and the address that the patient asked for")
		}
	}
	if !f.Urgent {
		source, quiet := "", false
		if f.Channel == ChannelSMS || f.Channel == ChannelPhone || f.Channel == ChannelApp {
			quiet = slices.ContainsFunc(f.Patient.Communication.Quiet, func(q QuietHours) bool { return q.Covers(f.At, f.Zone) })
		}
		if !quiet && slices.Contains(f.Policy.Purposes, f.Purpose) && (f.Channel == ChannelSMS || f.Channel == ChannelPhone) {
			quiet = slices.ContainsFunc(f.Policy.Quiet, func(q QuietHours) bool { return q.Covers(f.At, f.Zone) })
			source = f.Policy.Source
		}
		if quiet {
			add(CodeReachQuiet, source, "it is a quiet time", "wait until the quiet time is over")
		}
	}
	return glabella.Decide(reasons...)
}
