package cli

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// part is a Reloader that counts its reloads.
type part struct {
	name  string
	err   error
	count int
}

func (p *part) String() string { return p.name }

func (p *part) Reload() error {
	p.count++
	return p.err
}

func TestReloadOn(t *testing.T) {
	for name, c := range map[string]struct {
		parts []Reloader
		want  string
	}{
		"no part": {nil, "level=INFO msg=\"nothing to reload\"\n"},
		"a part that fails does not stop the others": {[]Reloader{&part{name: "a"}, &part{name: "b", err: errors.New("bad")}, &part{name: "c"}},
			"level=INFO msg=reloaded have=a\nlevel=ERROR msg=\"not reloaded: the previous state stays\" have=b error=bad\nlevel=INFO msg=reloaded have=c\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
					if a.Key == slog.TimeKey {
						return slog.Attr{}
					}
					return a
				}}))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				hangups := make(chan os.Signal)
				go ReloadOn(ctx, hangups, logger, c.parts...)
				synctest.Wait()
				require.Empty(t, log.String(), "before the signal")
				hangups <- syscall.SIGHUP
				synctest.Wait()
				require.Equal(t, c.want, log.String())
				hangups <- syscall.SIGHUP
				synctest.Wait()
				require.Equal(t, c.want+c.want, log.String())
				for _, p := range c.parts {
					require.Equal(t, 2, p.(*part).count)
				}
			})
		})
	}
}
