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
	// Ping returns an error if the provider's keys cannot be fetched.
	Ping(ctx context.Context) error
	// Ready returns an error if the known keys are too old.
	Ready() error
}

// watch keeps the known keys current: it requests the provider's keys repeatedly until ctx is
// done. It sets the metric, and logs each change of the state.
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
			logger.Warn("the identity provider does not answer: JWTs are verified with the known keys", "error", err)
		}
		if !isReady && wasReady {
			logger.Error("the identity provider's keys are too old: requests with JWTs get 503 until the provider answers", "error", err)
		}
		wasUp, wasReady = isUp, isReady
	}
}
