package ai

import (
	"fmt"
	"os"
	"strings"
	"time"

	"atrium.internal/services/ai/internal/alert"
	"atrium.internal/services/ai/internal/authclient"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/pgstore"
	"atrium.internal/services/ai/internal/tariff"
	"atrium.internal/services/ai/internal/webhook"
)

// budget reads the whole deployment's, in micro-dollars.
func (c Config) budget() (int64, error) {
	if c.Budget == "" {
		return ledger.NoBudget, nil
	}
	micro, err := tariff.ParseAmount(c.Budget)
	if err != nil {
		return 0, fmt.Errorf("ATRIUM_AI_BUDGET_USD: %w", err)
	}
	return micro, nil
}

// hook reads where alerts are posted to; nil is nowhere.
func (c Config) hook() (*webhook.Hook, error) {
	if !c.AlertWebhook.IsSet() {
		if c.AlertSecretFile != "" {
			return nil, fmt.Errorf("ATRIUM_AI_ALERT_WEBHOOK_SECRET_FILE: set, but without ATRIUM_AI_ALERT_WEBHOOK_URL nothing is sent")
		}
		return nil, nil
	}
	if c.AlertSecretFile == "" {
		return nil, fmt.Errorf("ATRIUM_AI_ALERT_WEBHOOK_SECRET_FILE: needed by ATRIUM_AI_ALERT_WEBHOOK_URL")
	}
	secret, err := os.ReadFile(c.AlertSecretFile)
	if err != nil {
		return nil, fmt.Errorf("ATRIUM_AI_ALERT_WEBHOOK_SECRET_FILE: %w", err)
	}
	hook, err := webhook.New(c.AlertWebhook, strings.TrimSpace(string(secret)), time.Now)
	if err != nil {
		return nil, fmt.Errorf("ATRIUM_AI_ALERT_WEBHOOK_URL: %w", err)
	}
	return hook, nil
}

// newWatch puts together what tells of allowances that run out.
func newWatch(s *Service, budget int64) (*alert.Watch, error) {
	senders := map[alert.Channel]alert.Sender{}
	hook, err := s.cfg.hook()
	if err != nil {
		return nil, err
	}
	if s.hook = hook; hook != nil {
		senders[alert.Webhook] = hook
	}
	if s.deps.Auth != nil {
		senders[alert.Mail] = authclient.Mail{Client: s.deps.Auth}
	}
	return alert.New(alert.Options{
		Log: s.deps.Log, Store: pgstore.NewAlerts(s.pool), Senders: senders, Budget: budget, Now: time.Now,
	}), nil
}
