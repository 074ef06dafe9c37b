package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookfilter/hookfilter/httpapi"
)

// provider is an identity provider, as oidcauth.Authorizer implements it.
type provider interface {
	httpapi.Authorizer
	// Ping returns an error if the provider does not answer with keys.
	Ping(ctx context.Context) error
	// Ready returns an error if the known keys are too old.
	Ready() error
}

// watch asks the provider for its keys until ctx is done, so that the known keys are as new
// as they can be, sets the metric, and logs each change of the state.
func watch(ctx context.Context, p provider, every time.Duration, up prometheus.Gauge, logger *slog.Logger) {
	wasUp, wasReady := true, true
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
		err := p.Ping(ctx)
		if ctx.Err() != nil {
			return
		}
		isUp, isReady := err == nil, p.Ready() == nil
		switch {
		case isUp && !wasUp:
			up.Set(1)
			logger.Info("the identity provider answers again")
		case !isUp && wasUp:
			up.Set(0)
			logger.Warn("the identity provider does not answer: JWTs are checked with the keys that are known", "error", err)
		}
		if !isReady && wasReady {
			logger.Error("the identity provider's keys are too old: requests with JWTs get 503 until it answers", "error", err)
		}
		wasUp, wasReady = isUp, isReady
	}
}
