package patient

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Channel is a way in which a message travels.
type Channel string

// The channels.
const (
	ChannelSMS   Channel = "sms"
	ChannelEmail Channel = "email"
	ChannelPhone Channel = "phone" // a call
	ChannelPost  Channel = "post"
	ChannelApp   Channel = "app" // a notice in the host's own app
)

// Channels returns every channel.
func Channels() []Channel {
	return []Channel{ChannelSMS, ChannelEmail, ChannelPhone, ChannelPost, ChannelApp}
}

// Valid reports whether c is one of [Channels].
func (c Channel) Valid() bool { return slices.Contains(Channels(), c) }

// ReachPurpose is what a message is for.
type ReachPurpose string

// The purposes of a message.
const (
	ReachAppointment ReachPurpose = "appointment"
	ReachCare        ReachPurpose = "care"   // instructions, results, safety notices
	ReachRecall      ReachPurpose = "recall" // an invitation to the next treatment
	ReachBilling     ReachPurpose = "billing"
	ReachMarketing   ReachPurpose = "marketing"
	ReachSurvey      ReachPurpose = "survey"
)

// ReachPurposes returns every purpose of a message.
func ReachPurposes() []ReachPurpose {
	return []ReachPurpose{ReachAppointment, ReachCare, ReachRecall, ReachBilling, ReachMarketing, ReachSurvey}
}

// Valid reports whether p is one of [ReachPurposes].
func (p ReachPurpose) Valid() bool { return slices.Contains(ReachPurposes(), p) }

// Wish is whether a patient wants to be reached in some way.
type Wish string

// The wishes.
const (
	WishYes Wish = "yes"
	WishNo  Wish = "no"
)

// Wishes returns every wish.
func Wishes() []Wish { return []Wish{WishYes, WishNo} }

// Valid reports whether w is one of [Wishes].
func (w Wish) Valid() bool { return slices.Contains(Wishes(), w) }

// ChannelPreference is a patient's wish on one channel. Of several that apply,
// the one that was recorded last counts, and a no among those of one instant. It
// is a preference, not a legal consent.
type ChannelPreference struct {
	Channel    Channel             `json:"channel"`
	Purpose    ReachPurpose        `json:"purpose,omitempty"` // empty is every purpose
	Wanted     Wish                `json:"wanted"`
	Address    string              `json:"address,omitempty"` // the contact's value, where only one is meant
	Provenance glabella.Provenance `json:"provenance"`
}

// QuietHours are hours in which a patient does not want to be reached. Hours that
// pass midnight belong to the day on which they begin.
type QuietHours struct {
	From string   `json:"from"`           // local time: 21:00
	To   string   `json:"to"`             // local time, not included: 08:00
	Days []string `json:"days"`           // mon, tue, wed, thu, fri, sat, sun; none is every day
	Zone string   `json:"zone,omitempty"` // IANA name; empty is the zone of the practice
}

// ConfidentialRequest is a request to be reached only in certain ways (45 CFR
// 164.522(b)).
type ConfidentialRequest struct {
	Channel    Channel             `json:"channel"`
	Address    string              `json:"address,omitempty"` // the contact's value; empty is any of the channel
	From       glabella.Date       `json:"from,omitzero"`
	To         glabella.Date       `json:"to,omitzero"` // the last day
	Provenance glabella.Provenance `json:"provenance"`
}

// Communication is how a patient wants to be reached.
type Communication struct {
	Preferences  []ChannelPreference   `json:"preferences"`
	Quiet        []QuietHours          `json:"quiet"`
	Confidential []ConfidentialRequest `json:"confidential"`
}

// OptOut returns the communication with the patient's no to a channel for every
// purpose, as the word STOP in answer to a text message means it. It does not
// touch other channels, and cancels no appointment.
func (c Communication) OptOut(channel Channel, from glabella.Provenance) Communication {
	c.Preferences = append(slices.Clone(c.Preferences), ChannelPreference{Channel: channel, Wanted: WishNo, Provenance: from})
	return c
}

// Wanted returns the patient's wish on a channel, purpose and address, or the
// empty wish if they have not said.
func (c Communication) Wanted(channel Channel, purpose ReachPurpose, address string) Wish {
	var wish Wish
	var at time.Time
	for _, p := range c.Preferences {
		if p.Channel != channel || p.Purpose != "" && p.Purpose != purpose || p.Address != "" && p.Address != address {
			continue
		}
		recorded := p.Provenance.RecordedAt
		if wish == "" || recorded.After(at) || recorded.Equal(at) && p.Wanted == WishNo {
			wish, at = p.Wanted, recorded
		}
	}
	return wish
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// clock reads a local time of the form 15:04 as minutes since midnight.
func clock(s string) (int, bool) {
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil && len(s) == 5
}

// Covers reports whether the instant lies within the quiet hours; zone serves
// where they name none. Hours that are malformed cover everything, so that a
// slip wakes nobody.
func (q QuietHours) Covers(at time.Time, zone *time.Location) bool {
	if q.Zone != "" {
		loc, err := time.LoadLocation(q.Zone)
		if err != nil {
			return true
		}
		zone = loc
	}
	from, ok1 := clock(q.From)
	to, ok2 := clock(q.To)
	if !ok1 || !ok2 || zone == nil {
		return true
	}
	local := at.In(zone)
	minute := local.Hour()*60 + local.Minute()
	on := func(day time.Weekday) bool { return len(q.Days) == 0 || slices.Contains(q.Days, weekdays[day]) }
	today := local.Weekday()
	if from < to {
		return on(today) && minute >= from && minute < to
	}
	return on(today) && minute >= from || on((today+6)%7) && minute < to
}

func (c Communication) issues(at string) []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: at + path, Code: code, Text: text})
	}
	for i, p := range c.Preferences {
		path := fmt.Sprintf("/preferences/%d", i)
		if !p.Channel.Valid() {
			add(path+"/channel", glabella.CodeUnknownValue, "not a channel")
		}
		if p.Purpose != "" && !p.Purpose.Valid() {
			add(path+"/purpose", glabella.CodeUnknownValue, "not a purpose")
		}
		if !p.Wanted.Valid() {
			add(path+"/wanted", glabella.CodeUnknownValue, "not yes or no")
		}
		issues = append(issues, p.Provenance.Validate(at+path+"/provenance")...)
	}
	for i, q := range c.Quiet {
		path := fmt.Sprintf("/quiet/%d", i)
		if _, ok := clock(q.From); !ok {
			add(path+"/from", glabella.CodeFormat, "not a time of the form 15:04")
		}
		if _, ok := clock(q.To); !ok {
			add(path+"/to", glabella.CodeFormat, "not a time of the form 15:04")
		}
		for k, d := range q.Days {
			if !slices.Contains(weekdays, d) {
				add(fmt.Sprintf("%s/days/%d", path, k), glabella.CodeUnknownValue, "not a day of the week")
			}
		}
		if _, err := time.LoadLocation(q.Zone); err != nil || q.Zone == "Local" {
			add(path+"/zone", glabella.CodeUnknownValue, "not an IANA time zone")
		}
	}
	for i, r := range c.Confidential {
		path := fmt.Sprintf("/confidential/%d", i)
		if !r.Channel.Valid() {
			add(path+"/channel", glabella.CodeUnknownValue, "not a channel")
		}
		issues = append(issues, periodIssues(at+path, r.From, r.To)...)
		issues = append(issues, r.Provenance.Validate(at+path+"/provenance")...)
	}
	return issues
}
