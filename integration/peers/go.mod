module github.com/glabella-ehr/glabella/integration/peers

go 1.26.0

require (
	github.com/Rhymond/go-money v1.0.15
	github.com/adrg/strutil v0.3.1
	github.com/antzucaro/matchr v0.0.0-20221106193745-7bed6ef61ef9
	github.com/bojanz/currency v1.3.1
	github.com/casbin/casbin/v2 v2.135.0
	github.com/cedar-policy/cedar-go v1.9.0
	github.com/cockroachdb/apd/v3 v3.2.3
	github.com/glabella-ehr/glabella v0.0.0-00010101000000-000000000000
	github.com/goccy/go-json v0.12.0
	github.com/gofhir/models/r4 v1.4.0
	github.com/govalues/decimal v0.1.36
	github.com/hbollon/go-edlib v1.6.0
	github.com/shopspring/decimal v1.6.0
	github.com/xrash/smetrics v0.0.0-20250705151800-55b8f293f342
)

require (
	github.com/bmatcuk/doublestar/v4 v4.6.1 // indirect
	github.com/casbin/govaluate v1.3.0 // indirect
	github.com/emersion/go-vcard v0.0.0-20260618161152-d854b7e0e2d3 // indirect
	github.com/gabriel-vasile/mimetype v1.4.16 // indirect
	github.com/go-json-experiment/json v0.0.0-20260820222146-c27c302e5fc3 // indirect
	github.com/go-playground/locales v0.14.2 // indirect
	github.com/go-playground/universal-translator v0.18.2 // indirect
	github.com/go-playground/validator/v10 v10.30.6 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/leodido/go-urn v1.5.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/exp v0.0.0-20220921023135-46d9e7742f1e // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/glabella-ehr/glabella => ../..
