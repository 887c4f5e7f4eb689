package patient

import "slices"

// NormalizeContacts returns the contacts in the form in which they are stored:
// numbers that are dialled in the region (ISO 3166-1 alpha-2, may be empty) as
// E.164 with their extension apart, addresses of email as [NormalizeEmail] does.
// One that cannot be read stays as it is: [Patient.Validate] says what is wrong. A
// nil parser is [BuiltinPhones].
func NormalizeContacts(contacts []Contact, phones PhoneParser, region string) []Contact {
	if phones == nil {
		phones = BuiltinPhones{}
	}
	out := slices.Clone(contacts)
	for i := range out {
		c := &out[i]
		switch c.System {
		case Phone, SMS:
			if n, err := phones.ParsePhone(c.Value, region); err == nil {
				if c.Value = n.E164; c.Extension == "" {
					c.Extension = n.Extension
				}
			}
		case Email:
			if address, err := NormalizeEmail(c.Value); err == nil {
				c.Value = address
			}
		}
	}
	return out
}

// NormalizeAddresses returns the addresses as [NormalizeAddress] does. One that
// cannot be read stays as it is.
func NormalizeAddresses(addresses []Address) []Address {
	out := slices.Clone(addresses)
	for i, a := range out {
		if normal, err := NormalizeAddress(a); err == nil {
			out[i] = normal
		}
	}
	return out
}
