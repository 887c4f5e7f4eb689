// Package pgtest runs a throw-away PostgreSQL server for the tests of one
// process: a fresh cluster in a temporary directory that listens on a Unix
// socket in that directory only.
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
//	db := pgtest.Open(t) // a database of its own
//
// Without PostgreSQL's programs the tests are skipped, and say so. With
// GLABELLA_REQUIRE_POSTGRES=1 in the environment that is a failure.
package pgtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// RequireEnv is the environment variable that makes a skip a failure.
const RequireEnv = "GLABELLA_REQUIRE_POSTGRES"

var (
	start     sync.Once
	running   *cluster
	startErr  error
	databases atomic.Int64
)

// Main runs the tests and then stops the server, if one was started. It returns
// the exit code.
func Main(m *testing.M) int {
	defer func() {
		if running != nil {
			running.stop()
		}
	}()
	return m.Run()
}

// Open returns a connection pool to a fresh database, which is closed when the
// test ends. It starts the server if need be.
func Open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// Database returns the connection string of a fresh database.
func Database(t testing.TB) string {
	t.Helper()
	start.Do(func() { running, startErr = startCluster() })
	switch {
	case startErr == nil:
	case errors.Is(startErr, errAbsent) && os.Getenv(RequireEnv) != "1":
		t.Skipf("PostgreSQL tests are skipped: %v", startErr)
	default:
		t.Fatalf("PostgreSQL: %v", startErr)
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	admin, err := sql.Open("pgx", running.dsn("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return running.dsn(name)
}

var errAbsent = errors.New("the programs initdb and postgres are neither in PATH nor in /usr/lib/postgresql")

type cluster struct {
	dir    string
	server *exec.Cmd
	exited chan struct{}
}

func (c *cluster) dsn(database string) string {
	return fmt.Sprintf("host=%s port=5432 user=glabella dbname=%s sslmode=disable", c.dir, database)
}

// programs returns the directory that holds initdb and postgres: one of a list
// such as PATH, or one that matches the pattern.
func programs(list, pattern string) (string, error) {
	installed, err := filepath.Glob(pattern)
	if err != nil {
		return "", err
	}
	for _, dir := range append(filepath.SplitList(list), installed...) {
		if executable(filepath.Join(dir, "initdb")) && executable(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", errAbsent
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

// startCluster makes a cluster and starts its server. The server refuses to run
// as root, so root runs it as the user postgres.
func startCluster() (_ *cluster, err error) {
	bin, err := programs(os.Getenv("PATH"), "/usr/lib/postgresql/*/bin")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("/tmp", "glabella-pg-") // short: the path of a socket is limited
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, exited: make(chan struct{})}
	defer func() {
		if err != nil {
			c.stop()
		}
	}()
	as := &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		owner, err := user.Lookup("postgres")
		if err != nil {
			return nil, fmt.Errorf("root needs a user to run the server as: %w", err)
		}
		uid, uerr := strconv.ParseUint(owner.Uid, 10, 32)
		gid, gerr := strconv.ParseUint(owner.Gid, 10, 32)
		if err := errors.Join(uerr, gerr, os.Chown(dir, int(uid), int(gid))); err != nil {
			return nil, err
		}
		as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "glabella", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr, initdb.Env = dir, as, []string{"PATH=" + os.Getenv("PATH")}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c.server = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-h", "", "-p", "5432",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=100", "-c", "shared_buffers=32MB")
	c.server.Dir, c.server.Stdout, c.server.Stderr = dir, log, log
	c.server.Env = []string{"PATH=" + os.Getenv("PATH")}
	as.Pdeathsig = syscall.SIGQUIT // a test process that is killed leaves no server behind
	c.server.SysProcAttr = as
	if err := c.server.Start(); err != nil {
		c.server = nil
		return nil, err
	}
	go func() {
		c.server.Wait()
		close(c.exited)
	}()
	return c, c.await(log.Name())
}

// await waits until the server answers.
func (c *cluster) await(log string) error {
	db, err := sql.Open("pgx", c.dsn("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-c.exited:
			text, _ := os.ReadFile(log)
			return fmt.Errorf("the server ended at once: %s", strings.TrimSpace(string(text)))
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (c *cluster) stop() {
	if c.server != nil {
		c.server.Process.Signal(syscall.SIGINT) // fast shutdown
		select {
		case <-c.exited:
		case <-time.After(10 * time.Second):
			c.server.Process.Kill()
			<-c.exited
		}
	}
	os.RemoveAll(c.dir)
}
