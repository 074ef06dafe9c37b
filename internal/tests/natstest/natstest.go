// Package natstest runs NATS servers for tests, as processes on loopback that can be killed.
// A server is a second process of the test binary, so nothing has to be installed. A test
// package that uses servers calls [Main] from its TestMain.
package natstest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// configVariable is an environment variable: if it names a configuration file, the process is
// a server.
const configVariable = "NATSTEST_CONFIG"

// Main runs the tests and exits. If [Start] started the process, Main runs a server instead.
func Main(m *testing.M) {
	file := os.Getenv(configVariable)
	if file == "" {
		os.Exit(m.Run())
	}
	// A server does not outlive the test process: the server's standard input ends when the test
	// process does.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	options, err := server.ProcessConfigFile(file)
	if err == nil {
		var s *server.Server
		if s, err = server.NewServer(options); err == nil {
			s.ConfigureLogger()
			s.Start()
			s.WaitForShutdown()
			os.Exit(0)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// Cluster is a set of servers that form one JetStream cluster, or a single server.
type Cluster struct {
	Servers []*Server
	t       testing.TB
}

// Server is one server of a Cluster.
type Server struct {
	Name, URL string
	t         testing.TB
	folder    string
	process   *exec.Cmd
	stdin     io.Closer
}

// Start starts n servers, and returns when they accept requests. The test's cleanup kills them.
func Start(t testing.TB, n int) *Cluster {
	t.Helper()
	folder := t.TempDir()
	ports := newPorts(t, 2*n)
	var routes []string
	for _, port := range ports[n:] {
		routes = append(routes, fmt.Sprintf("nats://%s:%d", host, port))
	}
	c := &Cluster{t: t}
	for i := range n {
		s := &Server{Name: fmt.Sprintf("n%d", i), URL: fmt.Sprintf("nats://%s:%d", host, ports[i]), t: t}
		s.folder = filepath.Join(folder, s.Name)
		config := fmt.Sprintf("server_name: %s\nlisten: %s:%d\nlog_file: %q\njetstream { store_dir: %q }\n",
			s.Name, host, ports[i], s.folder+".log", s.folder)
		if n > 1 {
			config += fmt.Sprintf("cluster { name: test, listen: %s:%d, routes: [%s] }\n", host, ports[n+i], strings.Join(routes, ", "))
		}
		require.NoError(t, os.WriteFile(s.folder+".conf", []byte(config), 0o600))
		s.Start()
		t.Cleanup(s.Kill)
		c.Servers = append(c.Servers, s)
	}
	c.wait()
	return c
}

// host is the address of the servers. Where the system allows it, it is a loopback address
// of this process alone.
var host = func() string {
	if runtime.GOOS != "linux" {
		return "127.0.0.1" // macOS has no other loopback address
	}
	pid := os.Getpid()
	return fmt.Sprintf("127.%d.%d.%d", pid>>16, pid>>8&0xff, pid&0xff)
}()

var lastPort atomic.Int32

// newPorts returns n ports that it has not returned before. They are below the ports that
// operating systems assign to connections and to listeners on port 0, so no other process
// takes them before a server is started or restarted.
func newPorts(t testing.TB, n int) (ports []int) {
	t.Helper()
	for len(ports) < n {
		port := 10_000 + int(lastPort.Add(1))
		require.Less(t, port, 32_768)
		l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", host, port))
		if err != nil {
			continue // another process listens on this port at all addresses
		}
		require.NoError(t, l.Close())
		ports = append(ports, port)
	}
	return ports
}

// wait returns when a stream with replicas on all servers can be created.
func (c *Cluster) wait() {
	c.t.Helper()
	js := c.Connect()
	require.Eventually(c.t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "ready", Replicas: len(c.Servers), Storage: jetstream.MemoryStorage})
		return err == nil && js.DeleteStream(ctx, "ready") == nil
	}, time.Minute, 100*time.Millisecond, "the servers have not started; their logs are in %s", filepath.Dir(c.Servers[0].folder))
}

// Connect connects to the first available server, and to another one when the connection is
// lost. The test's cleanup closes the connection.
func (c *Cluster) Connect(options ...nats.Option) jetstream.JetStream {
	c.t.Helper()
	options = append([]nats.Option{nats.DontRandomize(), nats.MaxReconnects(-1), nats.ReconnectWait(50 * time.Millisecond),
		nats.RetryOnFailedConnect(true)}, options...)
	nc, err := nats.Connect(c.URL(), options...)
	require.NoError(c.t, err)
	c.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(c.t, err)
	return js
}

// URL returns the URLs of all servers, separated by commas.
func (c *Cluster) URL() string {
	var urls []string
	for _, s := range c.Servers {
		urls = append(urls, s.URL)
	}
	return strings.Join(urls, ",")
}

// Leader waits until a stream has a leader. It returns the leader and the other servers.
func (c *Cluster) Leader(js jetstream.JetStream, stream string) (leader *Server, others []*Server) {
	c.t.Helper()
	var name string
	require.Eventually(c.t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s, err := js.Stream(ctx, stream)
		if err == nil {
			name = s.CachedInfo().Cluster.Leader
		}
		return name != ""
	}, time.Minute, 100*time.Millisecond, "stream %s has no leader", stream)
	for _, s := range c.Servers {
		if s.Name == name {
			leader = s
		} else {
			others = append(others, s)
		}
	}
	return leader, others
}

// Restart starts a server that does not run, and returns when the replicas of the streams on all servers
// are current.
func (c *Cluster) Restart(s *Server, js jetstream.JetStream, streams ...string) {
	c.t.Helper()
	s.Start()
	for _, name := range streams {
		require.Eventually(c.t, func() bool {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			stream, err := js.Stream(ctx, name)
			if err != nil {
				return false
			}
			current := 1 // the leader
			for _, replica := range stream.CachedInfo().Cluster.Replicas {
				if replica.Current && !replica.Offline {
					current++
				}
			}
			return current == len(c.Servers)
		}, time.Minute, 50*time.Millisecond, "the replicas of %s are not current", name)
	}
}

// Start starts a server that does not run, with the data that it has stored.
func (s *Server) Start() {
	s.t.Helper()
	require.Nil(s.t, s.process)
	executable, err := os.Executable()
	require.NoError(s.t, err)
	s.process = exec.Command(executable)
	s.process.Env = append(os.Environ(), configVariable+"="+s.folder+".conf")
	s.process.Stderr = os.Stderr
	s.stdin, err = s.process.StdinPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, s.process.Start())
}

// Kill ends the server with SIGKILL. It does nothing if the server does not run.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Terminate shuts the server down with SIGTERM, and waits until it has ended.
func (s *Server) Terminate() { s.end(syscall.SIGTERM) }

func (s *Server) end(signal syscall.Signal) {
	if s.process != nil {
		_ = s.process.Process.Signal(signal)
		_ = s.process.Wait()
		_ = s.stdin.Close()
		s.process = nil
	}
}

// EmptyDisk removes the data that a server has stored. The server must not run.
func (s *Server) EmptyDisk() {
	s.t.Helper()
	require.Nil(s.t, s.process)
	require.NoError(s.t, os.RemoveAll(s.folder))
}
