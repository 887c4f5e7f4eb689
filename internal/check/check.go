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
		switch {
		case f.Anonymous && name == "":
			return embedded
		case name == "-":
			return f.Name
		}
		return name // "" falls back to the Go name
	})
	return v
})

// embedded stands in the validator's namespace for an embedded struct, whose
// members are those of the outer one in JSON.
const embedded = "\x00"

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
// a JSON Pointer without the outermost name. A key of a map may hold dots.
func pointer(namespace string) string {
	_, rest, _ := strings.Cut(namespace, ".")
	var b strings.Builder
	for rest != "" {
		end := strings.IndexAny(rest, ".[")
		name := rest
		if end >= 0 {
			name = rest[:end]
		}
		if name != embedded {
			b.WriteString("/" + escape.Replace(name))
		}
		rest = strings.TrimPrefix(rest[len(name):], ".")
		for strings.HasPrefix(rest, "[") {
			key, after, _ := strings.Cut(rest[1:], "]")
			b.WriteString("/" + escape.Replace(key))
			rest = strings.TrimPrefix(after, ".")
		}
	}
	return b.String()
}
