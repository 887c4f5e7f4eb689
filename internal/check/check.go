// Package check turns the shape of a record, as its struct tags state it, into
// issues with JSON Pointers. It adapts the validator library: tags mean what they
// mean there, and every failure becomes one of this module's codes.
package check

import (
	"errors"
	"reflect"
	"strings"
	"sync"

	"github.com/go-playground/validator/v10"

	"github.com/glabella-ehr/glabella"
)

var instance = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			return f.Name
		}
		return name // "" is an embedded struct or falls back to the Go name
	})
	return v
})

// Struct returns what is wrong with the shape of v, a struct or a pointer to
// one. The texts name the rule and never the value.
func Struct(v any) []glabella.Issue {
	err := instance().Struct(v)
	var fields validator.ValidationErrors
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &fields):
		return []glabella.Issue{{Code: glabella.CodeFormat, Text: "not a record"}}
	}
	out := make([]glabella.Issue, len(fields))
	for i, f := range fields {
		code, text := codeOf(f)
		out[i] = glabella.Issue{Path: pointer(f.Namespace()), Code: code, Text: text}
	}
	return out
}

func codeOf(f validator.FieldError) (glabella.Code, string) {
	switch tag := f.Tag(); tag {
	case "required", "required_if", "required_with", "required_without":
		return glabella.CodeRequired, "must be given"
	case "oneof":
		return glabella.CodeUnknownValue, "must be one of " + f.Param()
	case "min", "gte":
		return glabella.CodeOutOfRange, "must be at least " + f.Param()
	case "max", "lte":
		return glabella.CodeOutOfRange, "must be at most " + f.Param()
	case "gt", "lt", "len", "eq", "ne":
		return glabella.CodeOutOfRange, "must satisfy " + tag + " " + f.Param()
	case "unique":
		return glabella.CodeDuplicate, "must not repeat"
	default:
		return glabella.CodeFormat, "must satisfy " + tag
	}
}

var escape = strings.NewReplacer("~", "~0", "/", "~1")

// pointer turns the validator's namespace, such as Patient.names[0].family, into
// a JSON Pointer without the outermost name.
func pointer(namespace string) string {
	_, rest, _ := strings.Cut(namespace, ".")
	var b strings.Builder
	for _, part := range strings.Split(rest, ".") {
		name, index, indexed := strings.Cut(part, "[")
		if name == "Meta" {
			continue
		}
		b.WriteString("/" + escape.Replace(name))
		if indexed {
			for _, i := range strings.Split(strings.TrimSuffix(index, "]"), "][") {
				b.WriteString("/" + escape.Replace(i))
			}
		}
	}
	return b.String()
}
