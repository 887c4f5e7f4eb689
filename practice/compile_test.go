package practice

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A command that forgets its action, its outcome or its input's embedded Command
// must not compile. Each case is added to this package by an overlay and built.
func TestACommandWithoutAuditDoesNotCompile(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("go"); err != nil {
		t.Fatal("this test builds: it needs the go command")
	}
	const head = `package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/storage"
)

var (
	_ access.Action
	_ storage.Outcome
)

type greet struct {
	Command
}

`
	for _, tt := range []struct {
		name string
		body string
		want string // part of the compiler's message; "" compiles
	}{
		{
			name: "a command that names its action and its outcome compiles",
			body: `func (p *Practice) greet(ctx context.Context, actor glabella.Actor, in greet) (int, error) {
	return run(ctx, p, actor, access.PatientRead, glabella.PatientID{}, in, func(context.Context, *work, greet, *int) (storage.Outcome, error) {
		return storage.Recorded(), nil
	})
}`,
		},
		{
			name: "one without an action does not",
			body: `func (p *Practice) greet(ctx context.Context, actor glabella.Actor, in greet) (int, error) {
	return run(ctx, p, actor, glabella.PatientID{}, in, func(context.Context, *work, greet, *int) (storage.Outcome, error) {
		return storage.Recorded(), nil
	})
}`,
			want: "not enough arguments in call to run",
		},
		{
			name: "one without an outcome does not",
			body: `func (p *Practice) greet(ctx context.Context, actor glabella.Actor, in greet) (int, error) {
	return run(ctx, p, actor, access.PatientRead, glabella.PatientID{}, in, func(context.Context, *work, greet, *int) error {
		return nil
	})
}`,
			want: "does not match",
		},
		{
			name: "one that makes up its outcome does not",
			body: `func (p *Practice) greet(ctx context.Context, actor glabella.Actor, in greet) (int, error) {
	return run(ctx, p, actor, access.PatientRead, glabella.PatientID{}, in, func(context.Context, *work, greet, *int) (storage.Outcome, error) {
		return storage.Outcome{recorded: true}, nil
	})
}`,
			want: "unexported field recorded",
		},
		{
			name: "one whose input does not embed Command does not",
			body: `type bare struct{}

func (p *Practice) greet(ctx context.Context, actor glabella.Actor, in bare) (int, error) {
	return run(ctx, p, actor, access.PatientRead, glabella.PatientID{}, in, func(context.Context, *work, bare, *int) (storage.Outcome, error) {
		return storage.Recorded(), nil
	})
}`,
			want: "missing method command",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := buildWith(t, head+tt.body+"\n")
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("does not compile: %v\n%s", err, out)
			case tt.want != "" && err == nil:
				t.Error("compiles")
			case tt.want != "" && !strings.Contains(out, tt.want):
				t.Errorf("the compiler says\n%s\nwant %q", out, tt.want)
			}
		})
	}
}

// buildWith builds this package with one more file.
func buildWith(t *testing.T, source string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	extra := filepath.Join(dir, "extra.go")
	if err := os.WriteFile(extra, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(here, "zz_extra.go"): extra}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "build", "-overlay", file, "-o", os.DevNull, ".").CombinedOutput()
	return string(out), err
}
