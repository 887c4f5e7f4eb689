package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/storage"
)

// SetUp is the input of [Practice.SetUp]: what a practice needs before its first
// patient. Records that exist already are written as their next version; give
// them with the version that was read.
type SetUp struct {
	Command
	Sites       []config.Site            `json:"sites"`
	Staff       []access.Staff           `json:"staff"`
	Services    []billing.Service        `json:"services"`
	Packages    []billing.Package        `json:"packages"` // each with an item of the price list of the same code
	Commissions []billing.CommissionPlan `json:"commissions"`
	Products    []inventory.Product      `json:"products"`
	Stores      []inventory.StorePolicy  `json:"stores"` // policies on the store rooms of sites
	Forms       []consent.Form           `json:"forms"`
	Charts      []encounter.ChartPolicy  `json:"charts"` // policies on the charts of sites
}

// SetUpDone is the receipt of [Practice.SetUp]: how many records were written.
type SetUpDone struct {
	Records int `json:"records"`
}

// SetUp records sites, staff, price list, stock catalogue and consent forms.
func (p *Practice) SetUp(ctx context.Context, actor glabella.Actor, in SetUp) (SetUpDone, error) {
	return run(ctx, p, actor, access.SetupPractice, glabella.PatientID{}, in, func(ctx context.Context, w *work, in SetUp, out *SetUpDone) (storage.Outcome, error) {
		for _, put := range []func() error{
			func() error { return putAll(ctx, w.Sites().Put, in.Sites, &out.Records) },
			func() error { return putAll(ctx, w.Staff().Put, in.Staff, &out.Records) },
			func() error { return putAll(ctx, w.Services().Put, in.Services, &out.Records) },
			func() error { return putAll(ctx, w.Packages().Put, in.Packages, &out.Records) },
			func() error { return putAll(ctx, w.CommissionPlans().Put, in.Commissions, &out.Records) },
			func() error { return putAll(ctx, w.Products().Put, in.Products, &out.Records) },
			func() error { return putAll(ctx, w.StorePolicies().Put, in.Stores, &out.Records) },
			func() error { return putAll(ctx, w.Forms().Put, in.Forms, &out.Records) },
			func() error { return putAll(ctx, w.ChartPolicies().Put, in.Charts, &out.Records) },
		} {
			if err := put(); err != nil {
				return failed(err)
			}
		}
		return storage.Recorded(), nil
	})
}

func putAll[T any](ctx context.Context, put func(context.Context, T) (T, error), vs []T, n *int) error {
	for _, v := range vs {
		if _, err := put(ctx, v); err != nil {
			return err
		}
		*n++
	}
	return nil
}
