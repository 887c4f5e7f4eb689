package consent_test

import (
	"encoding/json"
	"errors"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

var (
	brow = glabella.PhotoID{0: 9, 15: 1}
	lips = glabella.PhotoID{0: 9, 15: 2}
	auth = glabella.AuthorizationID{0: 8, 15: 1}
)

func permissionID(n byte) glabella.PermissionID { return glabella.PermissionID{0: 11, 15: n} }

// permits returns a permission to show every photograph on the practice's website
// for publication and marketing, given on 1 March.
func permits(n byte, change ...func(*consent.Permission)) consent.Permission {
	at := day("2026-03-01")
	p := consent.Permission{
		ID: permissionID(n), Patient: pat, Answer: consent.Accepted, GivenAt: at,
		Purposes: []consent.PhotoPurpose{consent.PhotoPublication, consent.PhotoMarketing},
		Channels: []consent.PublicationChannel{consent.PublishWebsite}, From: glabella.DateOf(at), Authorization: auth,
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: at},
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

// refuses turns a permission into a no to everything it is about.
func refuses(p *consent.Permission) {
	p.Answer, p.Channels, p.Authorization = consent.Declined, nil, glabella.AuthorizationID{}
}

func givenOn(date string) func(*consent.Permission) {
	return func(p *consent.Permission) {
		p.GivenAt = day(date)
		p.From = glabella.DateOf(p.GivenAt)
	}
}

func revokedOn(date string) func(*consent.Permission) {
	return func(p *consent.Permission) { p.RevokedAt = day(date) }
}

func authorized(change ...func(*consent.AuthorizationFact)) []consent.AuthorizationFact {
	a := consent.AuthorizationFact{ID: auth, Purposes: []consent.PhotoPurpose{consent.PhotoPublication, consent.PhotoMarketing}, From: day("2026-03-01")}
	for _, c := range change {
		c(&a)
	}
	return []consent.AuthorizationFact{a}
}

func TestPermissionValidate(t *testing.T) {
	t.Parallel()
	type permission = consent.Permission
	for _, tt := range []struct {
		name   string
		change func(*permission)
		want   []string
	}{
		{name: "a permission is valid", change: func(*permission) {}},
		{name: "a refusal of everything is valid", change: func(p *permission) {
			refuses(p)
			p.Purposes = consent.PhotoPurposes()
		}},
		{name: "photographs for the record need neither a channel nor a form", change: func(p *permission) {
			p.Purposes, p.Channels, p.Authorization = []consent.PhotoPurpose{consent.PhotoClinicalRecord}, nil, glabella.AuthorizationID{}
		}},
		{name: "a signed form is enough for publication", change: func(p *permission) {
			p.Purposes, p.Consent, p.Authorization = p.Purposes[:1], glabella.ConsentID{1}, glabella.AuthorizationID{}
		}},
		{name: "a signed form is not enough for marketing", change: func(p *permission) {
			p.Consent, p.Authorization = glabella.ConsentID{1}, glabella.AuthorizationID{}
		}, want: []string{"/authorization required"}},
		{name: "an empty one lacks everything", change: func(p *permission) { *p = permission{} }, want: []string{
			"/answer unknown-value", "/from required", "/givenAt required", "/id required", "/patient required",
			"/provenance/recordedAt required", "/provenance/source unknown-value", "/purposes out-of-range",
		}},
		{name: "nowhere to show and nothing to rest on", change: func(p *permission) {
			p.Channels, p.Authorization, p.Purposes = nil, glabella.AuthorizationID{}, []consent.PhotoPurpose{consent.PhotoTrainingAI}
		}, want: []string{"/channels required", "/consent required"}},
		{name: "values that are none or given twice", change: func(p *permission) {
			p.Purposes = append(p.Purposes, "fame")
			p.Channels = append(p.Channels, consent.PublishWebsite)
			p.Platforms, p.Regions = []string{"Some Site", "x", "x"}, []string{""}
			p.ExpiryEvent = "At the end"
		}, want: []string{"/channels duplicate", "/expiryEvent format", "/platforms/0 format", "/platforms/2 duplicate", "/purposes/2 unknown-value", "/regions/0 required"}},
		{name: "dates out of order", change: func(p *permission) {
			p.ExpiresOn, p.EventAt = p.From.AddDays(-1), p.GivenAt
			p.ReplacedBy, p.ReplacedAt, p.RevokedAt = permissionID(2), p.GivenAt.Add(-1), p.GivenAt.Add(-1)
		}, want: []string{"/eventAt consent.order", "/expiresOn consent.order", "/replacedAt consent.order", "/revokedAt consent.order"}},
		{name: "replaced by itself", change: func(p *permission) { p.ReplacedBy, p.ReplacedAt = p.ID, p.GivenAt }, want: []string{"/replacedBy mismatch"}},
		{name: "replaced by nobody knows what", change: func(p *permission) { p.ReplacedAt = p.GivenAt }, want: []string{"/replacedBy mismatch"}},
		{name: "a no that was revoked", change: func(p *permission) { refuses(p); p.RevokedAt = p.GivenAt }, want: []string{"/revokedAt mismatch"}},
		{name: "a reason without a revocation", change: func(p *permission) { p.RevokedReason = "moved" }, want: []string{"/revokedReason mismatch"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, issuesOf(t, permits(1, tt.change).Validate())); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPermissionEnds(t *testing.T) {
	t.Parallel()
	p, at := permits(1), day("2026-04-01")
	revoked, err := p.Revoke(at, "changed my mind")
	if err != nil || !revoked.RevokedAt.Equal(at) || revoked.RevokedReason != "changed my mind" || revoked.State() != consent.PermissionRevoked {
		t.Fatalf("Revoke = %v at %v, %v", revoked.State(), revoked.RevokedAt, err)
	}
	if p.State() != consent.PermissionAccepted {
		t.Error("Revoke changed the permission that it was called on")
	}
	next := permits(2, givenOn("2026-04-01"))
	replaced, err := p.Replace(next)
	if err != nil || replaced.ReplacedBy != next.ID || !replaced.ReplacedAt.Equal(next.GivenAt) || replaced.State() != consent.PermissionReplaced {
		t.Fatalf("Replace = %v by %v, %v", replaced.State(), replaced.ReplacedBy, err)
	}
	for _, v := range []consent.Permission{revoked, replaced} {
		if err := v.Validate(); err != nil {
			t.Error(err)
		}
	}
	var transition *glabella.TransitionError
	if _, err := revoked.Revoke(at, ""); !errors.As(err, &transition) {
		t.Errorf("revoking twice = %v, want a transition error", err)
	}
	if _, err := permits(1, refuses).Revoke(at, ""); !errors.As(err, &transition) {
		t.Errorf("revoking a no = %v, want a transition error", err)
	}
	if _, err := revoked.Replace(next); !errors.As(err, &transition) {
		t.Errorf("replacing what was revoked = %v, want a transition error", err)
	}
	if got := issuesOf(t, second(p.Revoke(p.GivenAt.Add(-1), ""))); !slices.Equal(got, []string{"/revokedAt consent.order"}) {
		t.Errorf("revoked before it was given: %v", got)
	}
	if got := issuesOf(t, second(p.Replace(permits(1, givenOn("2026-02-01"))))); !slices.Equal(got, []string{"/replacedAt consent.order", "/replacedBy mismatch"}) {
		t.Errorf("replaced by itself and earlier: %v", got)
	}
	if no, err := permits(1, refuses).Replace(next); err != nil || no.ReplacedBy != next.ID {
		t.Errorf("a no is replaced by a later yes: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestMayPublish(t *testing.T) {
	t.Parallel()
	type facts = consent.PublishFacts
	type permission = consent.Permission
	form := toxinForm(1, func(f *consent.Form) { f.Code = "photo-release" })
	rests := func(p *permission) { p.Consent = accepted(1, form, day("2026-03-01")).ID }
	list := func(p ...permission) func(*facts) { return func(f *facts) { f.Permissions = p } }
	codes := func(c ...glabella.Code) []glabella.Code { return c }
	for _, tt := range []struct {
		name   string
		change []func(*facts)
		want   []glabella.Code
	}{
		{name: "permitted", change: []func(*facts){list(permits(1))}},
		{name: "nobody asked", want: codes(consent.CodePhotoPermission)},
		{name: "another patient's permission", change: []func(*facts){list(permits(1, func(p *permission) { p.Patient = other }))}, want: codes(consent.CodePhotoPermission)},
		{name: "a permission for another purpose", change: []func(*facts){list(permits(1)), func(f *facts) { f.Purpose = consent.PhotoTrainingAI }}, want: codes(consent.CodePhotoPermission)},
		{name: "a permission given later", change: []func(*facts){list(permits(1, givenOn("2026-07-01")))}, want: codes(consent.CodePhotoPermission)},
		{name: "the record is not published", change: []func(*facts){list(permits(1)), func(f *facts) { f.Purpose = consent.PhotoClinicalRecord }}, want: codes(consent.CodePhotoPurpose)},
		{name: "no purpose", change: []func(*facts){list(permits(1)), func(f *facts) { f.Purpose = "" }}, want: codes(consent.CodePhotoPurpose)},
		{name: "retracted", change: []func(*facts){list(permits(1)), func(f *facts) { f.Retracted = true }}, want: codes(consent.CodePhotoRetracted)},

		{name: "another channel", change: []func(*facts){list(permits(1)), func(f *facts) { f.Channel = consent.PublishSocial }}, want: codes(consent.CodePhotoChannel)},
		{name: "a platform that is covered", change: []func(*facts){list(permits(1, func(p *permission) { p.Platforms = []string{"own-site"} })), func(f *facts) { f.Platform = "own-site" }}},
		{name: "another platform", change: []func(*facts){list(permits(1, func(p *permission) { p.Platforms = []string{"own-site"} })), func(f *facts) { f.Platform = "mirror" }}, want: codes(consent.CodePhotoPlatform)},
		{name: "the photograph is named", change: []func(*facts){list(permits(1, func(p *permission) { p.Photos = []glabella.PhotoID{brow} }))}},
		{name: "another photograph is named", change: []func(*facts){list(permits(1, func(p *permission) { p.Photos = []glabella.PhotoID{lips} }))}, want: codes(consent.CodePhotoScope)},
		{name: "all that it shows is permitted", change: []func(*facts){list(permits(1, func(p *permission) { p.Regions = []string{"forehead", "glabella"} }))}},
		{name: "it shows more than is permitted", change: []func(*facts){list(permits(1, func(p *permission) { p.Regions = []string{"forehead"} }))}, want: codes(consent.CodePhotoScope)},
		{name: "nobody knows what it shows", change: []func(*facts){list(permits(1, func(p *permission) { p.Regions = []string{"forehead"} })), func(f *facts) { f.Regions = nil }}, want: codes(consent.CodePhotoScope)},
		{name: "named beside regions that it does not show", change: []func(*facts){list(permits(1, func(p *permission) {
			p.Photos, p.Regions = []glabella.PhotoID{brow}, []string{"lips"}
		}))}},

		{name: "every condition is broken", change: []func(*facts){list(permits(1, func(p *permission) {
			p.Conditions = consent.PhotoConditions{Deidentified: true, NoFace: true, NoTagging: true}
		})), func(f *facts) { f.ShowsFace, f.Tagged = true, true }}, want: codes(consent.CodePhotoFace, consent.CodePhotoIdentified, consent.CodePhotoTagged)},
		{name: "every condition is met", change: []func(*facts){list(permits(1, func(p *permission) {
			p.Conditions = consent.PhotoConditions{Deidentified: true, NoFace: true, NoTagging: true}
		})), func(f *facts) { f.Deidentified = true }}},
		{name: "a full face is never de-identified", change: []func(*facts){list(permits(1)), func(f *facts) { f.Deidentified, f.ShowsFace = true, true }}, want: codes(consent.CodePhotoFullFace)},
		{name: "treatment depended on it", change: []func(*facts){list(permits(1, func(p *permission) { p.Conditioned = true }))}, want: codes(consent.CodePhotoConditioned)},

		{name: "not begun", change: []func(*facts){list(permits(1, func(p *permission) { p.From = glabella.MustParseDate("2026-06-16") }))}, want: codes(consent.CodePhotoEarly)},
		{name: "on the last day", change: []func(*facts){list(permits(1, func(p *permission) { p.ExpiresOn = glabella.MustParseDate("2026-06-15") }))}},
		{name: "after the last day", change: []func(*facts){list(permits(1, func(p *permission) { p.ExpiresOn = glabella.MustParseDate("2026-06-14") }))}, want: codes(consent.CodePhotoExpired)},
		{name: "the last day is one of the practice's zone", change: []func(*facts){list(permits(1, func(p *permission) { p.ExpiresOn = glabella.MustParseDate("2026-06-15") })),
			func(f *facts) { f.Zone = time.FixedZone("far", 13*3600) }}, want: codes(consent.CodePhotoExpired)},
		{name: "the event came", change: []func(*facts){list(permits(1, func(p *permission) { p.ExpiryEvent, p.EventAt = "end-of-campaign", day("2026-06-15") }))}, want: codes(consent.CodePhotoExpired)},
		{name: "the event comes later", change: []func(*facts){list(permits(1, func(p *permission) { p.ExpiryEvent, p.EventAt = "end-of-campaign", day("2026-06-16") }))}},

		{name: "refused", change: []func(*facts){list(permits(1, refuses))}, want: codes(consent.CodePhotoRefused)},
		{name: "revoked", change: []func(*facts){list(permits(1, revokedOn("2026-06-15")))}, want: codes(consent.CodePhotoRevoked)},
		{name: "revoked only later", change: []func(*facts){list(permits(1, revokedOn("2026-06-16")))}},
		{name: "permitted and later refused", change: []func(*facts){list(permits(1), permits(2, refuses, givenOn("2026-04-01")))}, want: codes(consent.CodePhotoRefused)},
		{name: "refused and later permitted", change: []func(*facts){list(permits(1, givenOn("2026-04-01")), permits(2, refuses))}},
		{name: "permitted and refused at once", change: []func(*facts){list(permits(1), permits(2, refuses))}, want: codes(consent.CodePhotoRefused)},
		{name: "a refusal of another channel does not matter", change: []func(*facts){list(permits(1), permits(2, refuses, givenOn("2026-04-01"), func(p *permission) {
			p.Channels = []consent.PublicationChannel{consent.PublishSocial}
		}))}},
		{name: "a refusal of a region that it shows", change: []func(*facts){list(permits(1), permits(2, refuses, givenOn("2026-04-01"), func(p *permission) {
			p.Regions = []string{"glabella", "lips"}
		}))}, want: codes(consent.CodePhotoRefused)},
		{name: "a refusal of a region that it does not show", change: []func(*facts){list(permits(1), permits(2, refuses, givenOn("2026-04-01"), func(p *permission) { p.Regions = []string{"lips"} }))}},
		{name: "a refusal of a region when nobody knows what it shows", change: []func(*facts){list(permits(1), permits(2, refuses, givenOn("2026-04-01"), func(p *permission) { p.Regions = []string{"lips"} })),
			func(f *facts) { f.Regions = nil }}, want: codes(consent.CodePhotoRefused)},
		{name: "revoking one ends the older one too", change: []func(*facts){list(permits(1), permits(2, givenOn("2026-04-01"), revokedOn("2026-05-01")))}, want: codes(consent.CodePhotoRevoked)},
		{name: "revoked and permitted again", change: []func(*facts){list(permits(1, revokedOn("2026-04-01")), permits(2, givenOn("2026-05-01")))}},
		{name: "replaced by a narrower one", change: []func(*facts){list(
			permits(1, func(p *permission) { p.ReplacedBy, p.ReplacedAt = permissionID(2), day("2026-05-01") }),
			permits(2, givenOn("2026-05-01"), func(p *permission) { p.Channels = []consent.PublicationChannel{consent.PublishPrint} }))}, want: codes(consent.CodePhotoChannel)},
		{name: "replaced and the successor is not known", change: []func(*facts){list(permits(1, func(p *permission) { p.ReplacedBy, p.ReplacedAt = permissionID(2), day("2026-05-01") }))}, want: codes(consent.CodePhotoReplaced)},
		{name: "the reasons are those of the nearest", change: []func(*facts){list(
			permits(1, func(p *permission) { p.Photos, p.Conditioned = []glabella.PhotoID{lips}, true }),
			permits(2, func(p *permission) { p.Photos = []glabella.PhotoID{lips} }))}, want: codes(consent.CodePhotoScope)},
		{name: "one of several covers it", change: []func(*facts){list(permits(1, func(p *permission) { p.Photos = []glabella.PhotoID{lips} }), permits(2))}},

		{name: "the signed form is missing", change: []func(*facts){list(permits(1, rests))}, want: codes(consent.CodePhotoUnsigned)},
		{name: "the form is signed", change: []func(*facts){list(permits(1, rests)), func(f *facts) { f.Consents = []consent.Consent{accepted(1, form, day("2026-03-01"))} }}},
		{name: "the form was withdrawn", change: []func(*facts){list(permits(1, rests)), func(f *facts) {
			f.Consents = []consent.Consent{accepted(1, form, day("2026-03-01"), withdrawnAt(day("2026-06-15")))}
		}}, want: codes(consent.CodePhotoUnsigned)},
		{name: "the form is another patient's", change: []func(*facts){list(permits(1, rests)), func(f *facts) {
			f.Consents = []consent.Consent{accepted(1, form, day("2026-03-01"), func(c *consent.Consent) { c.Patient = other })}
		}}, want: codes(consent.CodePhotoUnsigned)},

		{name: "the authorization is not known", change: []func(*facts){list(permits(1)), func(f *facts) { f.Authorizations = nil }}, want: codes(consent.CodePhotoAuthorization)},
		{name: "an identifiable picture needs one", change: []func(*facts){list(permits(1, func(p *permission) { p.Authorization = glabella.AuthorizationID{} }))}, want: codes(consent.CodePhotoAuthorization)},
		{name: "a de-identified picture needs none for publication", change: []func(*facts){list(permits(1, func(p *permission) { p.Authorization = glabella.AuthorizationID{} })),
			func(f *facts) { f.Deidentified = true }}},
		{name: "a de-identified picture needs one for marketing", change: []func(*facts){list(permits(1, func(p *permission) { p.Authorization = glabella.AuthorizationID{} })),
			func(f *facts) { f.Deidentified, f.Purpose = true, consent.PhotoMarketing }}, want: codes(consent.CodePhotoAuthorization)},
		{name: "advertising is marketing whatever its purpose", change: []func(*facts){list(permits(1, func(p *permission) {
			p.Channels, p.Authorization = []consent.PublicationChannel{consent.PublishAdvertising}, glabella.AuthorizationID{}
		})), func(f *facts) { f.Deidentified, f.Channel = true, consent.PublishAdvertising }}, want: codes(consent.CodePhotoAuthorization)},
		{name: "own staff is taught without one", change: []func(*facts){list(permits(1, func(p *permission) {
			p.Purposes, p.Channels, p.Authorization = []consent.PhotoPurpose{consent.PhotoEducation}, []consent.PublicationChannel{consent.PublishInClinic}, glabella.AuthorizationID{}
		})), func(f *facts) { f.Purpose, f.Channel = consent.PhotoEducation, consent.PublishInClinic }}},
		{name: "others are not taught without one", change: []func(*facts){list(permits(1, func(p *permission) {
			p.Purposes, p.Authorization = []consent.PhotoPurpose{consent.PhotoEducation}, glabella.AuthorizationID{}
		})), func(f *facts) { f.Purpose = consent.PhotoEducation }}, want: codes(consent.CodePhotoAuthorization)},
		{name: "the authorization was revoked", change: []func(*facts){list(permits(1)), func(f *facts) {
			f.Authorizations = authorized(func(a *consent.AuthorizationFact) { a.RevokedAt = day("2026-06-15") })
		}}, want: codes(consent.CodePhotoAuthorizationEnded)},
		{name: "the authorization is revoked later", change: []func(*facts){list(permits(1)), func(f *facts) {
			f.Authorizations = authorized(func(a *consent.AuthorizationFact) { a.RevokedAt = day("2026-06-16") })
		}}},
		{name: "the authorization has expired", change: []func(*facts){list(permits(1)), func(f *facts) {
			f.Authorizations = authorized(func(a *consent.AuthorizationFact) { a.Until = day("2026-06-15") })
		}}, want: codes(consent.CodePhotoAuthorizationEnded)},
		{name: "the authorization was signed later", change: []func(*facts){list(permits(1)), func(f *facts) {
			f.Authorizations = authorized(func(a *consent.AuthorizationFact) { a.From = day("2026-06-16") })
		}}, want: codes(consent.CodePhotoAuthorizationEnded)},
		{name: "the authorization is for something else and defective", change: []func(*facts){list(permits(1)), func(f *facts) {
			f.Authorizations = authorized(func(a *consent.AuthorizationFact) { a.Purposes, a.Defective = nil, true })
		}}, want: codes(consent.CodePhotoAuthorizationPurpose, consent.CodePhotoAuthorizationDefective)},
		{name: "paid marketing must be stated", change: []func(*facts){list(permits(1)), func(f *facts) { f.Purpose, f.Remunerated = consent.PhotoMarketing, true }}, want: codes(consent.CodePhotoRemuneration)},
		{name: "paid marketing is stated", change: []func(*facts){list(permits(1)), func(f *facts) {
			f.Purpose, f.Remunerated = consent.PhotoMarketing, true
			f.Authorizations = authorized(func(a *consent.AuthorizationFact) { a.Remuneration = true })
		}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := facts{Patient: pat, Photo: brow, Regions: []string{"forehead", "glabella"}, Purpose: consent.PhotoPublication, Channel: consent.PublishWebsite,
				At: day("2026-06-15"), Authorizations: authorized()}
			for _, c := range tt.change {
				c(&f)
			}
			d := consent.MayPublish(f)
			got := d.Codes()
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			if d.Allowed() != (len(tt.want) == 0) {
				t.Errorf("outcome = %s with %v", d.Outcome, got)
			}
			for _, r := range d.Reasons {
				if r.Fix == "" || r.Source == "" || len(r.Refs) == 0 {
					t.Errorf("the reason %s lacks a fix, a source or its records", r.Code)
				}
			}
		})
	}
}

func TestRevokingKeepsEarlierReliance(t *testing.T) {
	t.Parallel()
	p, err := permits(1).Revoke(day("2026-05-01"), "")
	if err != nil {
		t.Fatal(err)
	}
	f := consent.PublishFacts{Patient: pat, Photo: brow, Purpose: consent.PhotoPublication, Channel: consent.PublishWebsite,
		Permissions: []consent.Permission{p}, Authorizations: authorized()}
	for _, tt := range []struct {
		at   time.Time
		want bool
	}{
		{at: day("2026-03-01"), want: true},
		{at: day("2026-05-01").Add(-time.Microsecond), want: true},
		{at: day("2026-05-01")},
		{at: day("2026-09-01")},
	} {
		f.At = tt.at
		if got := consent.MayPublish(f).Allowed(); got != tt.want {
			t.Errorf("MayPublish at %v = %v, want %v", tt.at, got, tt.want)
		}
	}
}

func TestMarketingIsCitedAsSuch(t *testing.T) {
	t.Parallel()
	f := consent.PublishFacts{Patient: pat, Photo: brow, Purpose: consent.PhotoMarketing, Channel: consent.PublishWebsite, At: day("2026-06-15"), Permissions: []consent.Permission{permits(1)}}
	if got := consent.MayPublish(f).Reasons[0].Source; got != "45 CFR 164.508(a)(3)" {
		t.Errorf("source = %q", got)
	}
	f.Purpose = consent.PhotoPublication
	if got := consent.MayPublish(f).Reasons[0].Source; got != "45 CFR 164.508(a)(1)" {
		t.Errorf("source = %q", got)
	}
}

func TestMayTakeAndStance(t *testing.T) {
	t.Parallel()
	type permission = consent.Permission
	clinical := func(p *permission) {
		p.Purposes, p.Channels, p.Authorization = []consent.PhotoPurpose{consent.PhotoClinicalRecord, consent.PhotoPlanning}, nil, glabella.AuthorizationID{}
	}
	onlyLips := func(p *permission) { p.Regions = []string{"lips"} }
	all := func(p *permission) { p.Purposes = consent.PhotoPurposes() }
	for _, tt := range []struct {
		name        string
		permissions []permission
		record      string // what MayTake says for the record
		marketing   string // and for marketing
		stance      consent.PhotoStance
	}{
		{name: "nobody asked", record: "warn: consent.photo.unasked", marketing: "deny: consent.photo.permission", stance: consent.StanceUnasked},
		{name: "for the record, not for marketing", permissions: []permission{permits(1, clinical), permits(2, refuses)}, record: "allow", marketing: "deny: consent.photo.refused", stance: consent.StanceClinicalOnly},
		{name: "no marketing, and the record was not asked about", permissions: []permission{permits(2, refuses)}, record: "warn: consent.photo.unasked", marketing: "deny: consent.photo.refused", stance: consent.StanceUnasked},
		{name: "no photographs at all", permissions: []permission{permits(1, refuses, all)}, record: "deny: consent.photo.refused", marketing: "deny: consent.photo.refused", stance: consent.StanceNoPhotos},
		{name: "all of them", permissions: []permission{permits(1, clinical), permits(2)}, record: "allow", marketing: "allow", stance: consent.StanceShared},
		{name: "all of them, and then none", permissions: []permission{permits(1, clinical), permits(2), permits(3, refuses, all, givenOn("2026-04-01"))}, record: "deny: consent.photo.refused", marketing: "deny: consent.photo.refused", stance: consent.StanceNoPhotos},
		{name: "none, and then for the record", permissions: []permission{permits(1, clinical, givenOn("2026-04-01")), permits(3, refuses, all)}, record: "allow", marketing: "deny: consent.photo.refused", stance: consent.StanceClinicalOnly},
		{name: "for the record and revoked", permissions: []permission{permits(1, clinical, revokedOn("2026-06-15"))}, record: "deny: consent.photo.revoked", marketing: "deny: consent.photo.permission", stance: consent.StanceNoPhotos},
		{name: "for the record and revoked later", permissions: []permission{permits(1, clinical, revokedOn("2026-06-16"))}, record: "allow", marketing: "deny: consent.photo.permission", stance: consent.StanceClinicalOnly},
		{name: "a region that is not photographed", permissions: []permission{permits(1, clinical), permits(2, clinical, refuses, onlyLips, givenOn("2026-04-01"))}, record: "allow", marketing: "deny: consent.photo.permission", stance: consent.StanceClinicalOnly},
		{name: "permitted for another region only", permissions: []permission{permits(1, clinical, onlyLips)}, record: "warn: consent.photo.unasked", marketing: "deny: consent.photo.permission", stance: consent.StanceClinicalOnly},
		{name: "another patient's", permissions: []permission{permits(1, all, func(p *permission) { p.Patient = other })}, record: "warn: consent.photo.unasked", marketing: "deny: consent.photo.permission", stance: consent.StanceUnasked},
		{name: "treatment depended on it", permissions: []permission{permits(1, func(p *permission) { p.Conditioned = true })}, record: "warn: consent.photo.unasked", marketing: "deny: consent.photo.permission", stance: consent.StanceUnasked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := consent.TakeFacts{Patient: pat, Regions: []string{"forehead"}, At: day("2026-06-15"), Permissions: tt.permissions}
			f.Purpose = consent.PhotoClinicalRecord
			if got := consent.MayTake(f).String(); got != tt.record {
				t.Errorf("for the record: %s, want %s", got, tt.record)
			}
			f.Purpose = consent.PhotoMarketing
			if got := consent.MayTake(f).String(); got != tt.marketing {
				t.Errorf("for marketing: %s, want %s", got, tt.marketing)
			}
			if got := consent.StanceOf(pat, tt.permissions, f.At, nil); got != tt.stance {
				t.Errorf("stance = %s, want %s", got, tt.stance)
			}
		})
	}
	if got := consent.MayTake(consent.TakeFacts{}).String(); got != "deny: consent.photo.purpose" {
		t.Errorf("no facts = %s", got)
	}
}

func TestTreatmentNeverDependsOnShowing(t *testing.T) {
	t.Parallel()
	for _, p := range consent.PhotoPurposes() {
		want := "deny: consent.photo.conditioned"
		if p == consent.PhotoClinicalRecord || p == consent.PhotoPlanning {
			want = "allow"
		}
		if got := consent.MayCondition(p).String(); got != want {
			t.Errorf("MayCondition(%s) = %s, want %s", p, got, want)
		}
	}
}

func TestStoredPermissionRoundTrips(t *testing.T) {
	t.Parallel()
	for _, p := range []consent.Permission{{}, permits(1, revokedOn("2026-04-01"), func(p *consent.Permission) {
		p.Meta = glabella.Meta{Version: 2, CreatedAt: p.GivenAt}
		p.Platforms, p.Photos, p.Regions = []string{"own-site"}, []glabella.PhotoID{brow}, []string{}
		p.Conditions, p.Conditioned = consent.PhotoConditions{Deidentified: true, NoFace: true, NoTagging: true}, true
		p.ExpiresOn, p.ExpiryEvent, p.EventAt = p.From.AddDays(9), "end-of-campaign", p.GivenAt
		p.Consent, p.ReplacedBy, p.ReplacedAt, p.RevokedReason = glabella.ConsentID{1}, permissionID(2), p.GivenAt, "moved"
	})} {
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var got consent.Permission
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// mayPublish is the rule put plainly: some yes covers the act in every respect, and
// no refusal or revocation of it came at the same time or later.
func mayPublish(f consent.PublishFacts) bool {
	about := func(p consent.Permission) bool {
		photo := len(p.Photos) == 0 || slices.Contains(p.Photos, f.Photo)
		channel := slices.Contains(p.Channels, f.Channel) || p.Answer == consent.Declined && len(p.Channels) == 0
		return p.Patient == f.Patient && slices.Contains(p.Purposes, f.Purpose) && photo && channel
	}
	return slices.ContainsFunc(f.Permissions, func(p consent.Permission) bool {
		if !about(p) || !p.InForce(f.At, nil) || p.Conditions.NoFace && f.ShowsFace {
			return false
		}
		return !slices.ContainsFunc(f.Permissions, func(q consent.Permission) bool {
			no := q.RevokedAt
			if q.Answer == consent.Declined {
				no = q.GivenAt
			}
			return about(q) && !no.IsZero() && !no.After(f.At) && !no.Before(p.GivenAt)
		})
	})
}

func TestMayPublishIsThePlainRule(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(11))
	channels := consent.PublicationChannels()[:3]
	allowed := 0
	for range 4000 {
		f := asOf("2026-06-15")
		f.Patient, f.Photo, f.Purpose, f.Channel, f.ShowsFace = pat, brow, consent.PhotoPublication, channels[rng.Intn(3)], rng.Intn(3) == 0
		for n := range byte(rng.Intn(6)) {
			given := day("2026-06-01").AddDate(0, 0, rng.Intn(20))
			p := permits(n+1, func(p *consent.Permission) {
				p.GivenAt, p.From = given, glabella.DateOf(given)
				p.Channels = channels[:rng.Intn(4)]
				p.Conditions.NoFace = rng.Intn(3) == 0
				if rng.Intn(3) == 0 {
					p.Photos = []glabella.PhotoID{[]glabella.PhotoID{brow, lips}[rng.Intn(2)]}
				}
				switch rng.Intn(5) {
				case 0:
					p.Answer = consent.Declined
				case 1:
					p.RevokedAt = given.AddDate(0, 0, rng.Intn(10))
				case 2:
					p.ExpiresOn = p.From.AddDays(rng.Intn(10))
				case 3:
					p.ReplacedBy, p.ReplacedAt = permissionID(99), given.AddDate(0, 0, rng.Intn(10))
				}
			})
			f.Permissions = append(f.Permissions, p)
		}
		want := mayPublish(f)
		if want {
			allowed++
		}
		if got := consent.MayPublish(f); got.Allowed() != want {
			t.Fatalf("MayPublish = %v, want allowed %v, of %+v", got, want, f)
		}
		rng.Shuffle(len(f.Permissions), func(i, j int) { f.Permissions[i], f.Permissions[j] = f.Permissions[j], f.Permissions[i] })
		if got := consent.MayPublish(f).Allowed(); got != want {
			t.Fatalf("in another order MayPublish = %v, want %v", got, want)
		}
	}
	if allowed < 400 || allowed > 3600 {
		t.Errorf("%d of 4000 are allowed: the cases are lopsided", allowed)
	}
}

func BenchmarkMayPublish(b *testing.B) {
	f := consent.PublishFacts{Patient: pat, Photo: brow, Regions: []string{"forehead", "glabella"}, Purpose: consent.PhotoPublication, Channel: consent.PublishWebsite,
		At: day("2026-06-15"), Authorizations: authorized()}
	for n := range byte(50) {
		p := permits(n+1, func(p *consent.Permission) {
			switch n % 3 {
			case 0:
				p.Photos = []glabella.PhotoID{lips}
			case 1:
				p.Regions = []string{"lips"}
			default:
				p.ExpiresOn = p.From.AddDays(int(n))
			}
		})
		f.Permissions = append(f.Permissions, p)
	}
	b.ReportAllocs()
	for b.Loop() {
		if d := consent.MayPublish(f); d.Allowed() {
			b.Fatal(d)
		}
	}
}
