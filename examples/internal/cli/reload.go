package cli

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// Reloader is a part of a program's state that is read from files.
type Reloader interface {
	// Reload reads the files again. If it returns an error, the previous state stays.
	Reload() error
	// String describes the state, without secrets.
	String() string
}

// Hangups returns a channel that receives SIGHUP. From then on, SIGHUP does not end the program,
// until stop is called.
func Hangups() (hangups <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c, func() { signal.Stop(c) }
}

// ReloadOn reloads every part on each hangup until ctx is done, and logs one line per
// part. The parts are independent: one that fails does not stop the others.
func ReloadOn(ctx context.Context, hangups <-chan os.Signal, logger *slog.Logger, parts ...Reloader) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
		}
		if len(parts) == 0 {
			logger.Info("nothing to reload")
		}
		for _, part := range parts {
			if err := part.Reload(); err != nil {
				logger.Error("not reloaded: the previous state stays", "have", part.String(), "error", err)
			} else {
				logger.Info("reloaded", "have", part.String())
			}
		}
	}
}
