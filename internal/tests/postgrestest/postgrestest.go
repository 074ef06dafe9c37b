//go:build linux

package postgrestest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Server is a PostgreSQL server in a temporary folder, with a Unix socket there. It is stopped at the
// end of its test.
type Server struct {
	bin, dir   string
	settings   []string
	credential *syscall.Credential
	process    *exec.Cmd
	ended      chan struct{}
	log        log
}

// Start starts a server with settings of the form "name=value". If the programs are not installed,
// it skips the test, or fails if CI=true.
//
// fsync is off unless settings turn it on, so committed data survives a crash of the server, but not
// of the machine.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s := &Server{bin: programs(t), settings: append([]string{"listen_addresses=", "log_min_messages=warning", "fsync=off"}, settings...)}
	var err error
	if s.dir, err = os.MkdirTemp("", "pg"); err != nil { // a short path, since the path of a Unix socket has at most 107 bytes
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(s.dir) })
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		s.credential = unprivileged(t)
		if err := os.Chown(s.dir, int(s.credential.Uid), int(s.credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	initdb := s.command("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		s.SignalAll(t, syscall.SIGCONT) // in case a test failed between SIGSTOP and SIGCONT
		s.Signal(syscall.SIGQUIT)
	})
	s.Restart(t)
	return s
}

// Database creates a database and returns its URL.
func (s *Server) Database(t testing.TB, name string) string {
	t.Helper()
	if out, err := s.command("createdb", "-h", s.dir, "-U", "postgres", name).CombinedOutput(); err != nil {
		t.Fatalf("createdb: %v\n%s%s", err, out, &s.log)
	}
	return fmt.Sprintf("postgres://postgres@/%s?host=%s", name, s.dir)
}

// Signal stops the server with a signal to its main process, and waits until all its processes have
// ended. The signal is SIGTERM, SIGINT or SIGQUIT (smart, fast or immediate shutdown), or SIGKILL.
// Signal does nothing if the server is not running.
func (s *Server) Signal(signal syscall.Signal) {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Signal(signal)
	<-s.ended // closed when all processes have closed the standard error
	s.process = nil
}

// SignalAll sends a signal, such as SIGSTOP or SIGCONT, to all processes of the server. It does nothing
// if the server is not running.
func (s *Server) SignalAll(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if s.process == nil {
		return
	}
	pid := s.process.Process.Pid
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, child := range append(strings.Fields(string(children)), strconv.Itoa(pid)) {
		if id, err := strconv.Atoi(child); err == nil {
			_ = syscall.Kill(id, signal) // the child may have ended
		}
	}
}

// Restart starts the server again after Signal, and returns when it accepts connections.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !s.start(t) {
		if time.Now().After(deadline) {
			t.Fatalf("postgres did not start in 30s:\n%s", &s.log)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Standby restarts the server as a hot standby, which is read-only. Its primary does not exist.
func (s *Server) Standby(t testing.TB) {
	t.Helper()
	s.Signal(syscall.SIGINT)
	if err := os.WriteFile(filepath.Join(s.data(), "standby.signal"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s.Restart(t)
}

func (s *Server) start(t testing.TB) bool {
	t.Helper()
	args := []string{"-D", s.data(), "-k", s.dir}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	process := s.command("postgres", args...)
	process.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	stderr, err := process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	s.process, s.ended = process, ended
	started := make(chan bool, 2)
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			fmt.Fprintln(&s.log, lines.Text())
			if ready.MatchString(lines.Text()) {
				started <- true
			}
		}
		_, _ = io.Copy(io.Discard, stderr) // if a line was too long for the Scanner
		_ = process.Wait()
		started <- false
		close(ended)
	}()
	return <-started
}

// ready matches what a server or a standby logs when it accepts connections.
var ready = regexp.MustCompile("ready to accept (read-only )?connections")

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.credential}
	return cmd
}

// programs returns the folder of PostgreSQL's programs.
func programs(t testing.TB) string {
	t.Helper()
	var folders []string
	if path, err := exec.LookPath("initdb"); err == nil {
		folders = append(folders, filepath.Dir(path))
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for _, folder := range append(folders, debian...) {
		found := true
		for _, program := range []string{"initdb", "postgres", "createdb"} {
			_, err := os.Stat(filepath.Join(folder, program))
			found = found && err == nil
		}
		if found {
			return folder
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("PostgreSQL's programs are not installed")
	}
	t.Skip("PostgreSQL's programs are not installed")
	return ""
}

// unprivileged returns the credential of a user that may run PostgreSQL.
func unprivileged(t testing.TB) *syscall.Credential {
	t.Helper()
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.ParseUint(u.Uid, 10, 32)
			gid, _ := strconv.ParseUint(u.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	t.Fatal("cannot run PostgreSQL as root: there is no user postgres or nobody")
	return nil
}

// log is the server's log.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
