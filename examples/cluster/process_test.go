//go:build linux

package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// process is a dispatcher in its own process.
type process struct{ *exec.Cmd }

// startProcess returns a dispatcher that is ready for events.
func startProcess(t *testing.T, url string) *process {
	t.Helper()
	executable, err := os.Executable()
	require.NoError(t, err)
	p := &process{exec.Command(executable, "dispatch", "-json", "-nats", url, "-replicas", "3")}
	p.Env = append(os.Environ(), "CLUSTER_PROGRAM=1")
	var log buffer
	p.Stderr = io.MultiWriter(os.Stderr, &log)
	require.NoError(t, p.Start())
	t.Cleanup(func() { p.end(syscall.SIGKILL) })
	eventually(t, func() bool { return strings.Contains(log.String(), "msg=started") })
	return p
}

func (p *process) end(signal syscall.Signal) {
	_ = p.Process.Signal(signal)
	_ = p.Wait()
}

// proxy is a connection to a server that can be cut.
type proxy struct {
	listener net.Listener
	cut      atomic.Bool
	mu       sync.Mutex
	open     []net.Conn
}

func startProxy(t *testing.T, url string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	p := &proxy{listener: l}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", strings.TrimPrefix(url, "nats://"))
			if err != nil || p.cut.Load() {
				_ = in.Close()
				continue
			}
			p.mu.Lock()
			p.open = append(p.open, in, out)
			p.mu.Unlock()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
		}
	}()
	return p
}

func (p *proxy) url() string { return "nats://" + p.listener.Addr().String() }

func (p *proxy) set(cut bool) {
	p.cut.Store(cut)
	p.mu.Lock()
	defer p.mu.Unlock()
	if cut {
		for _, c := range p.open {
			_ = c.Close()
		}
		p.open = nil
	}
}
