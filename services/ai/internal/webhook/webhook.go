package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"atrium.internal/pkg/config"
	"atrium.internal/services/ai/internal/alert"
	"atrium.internal/services/ai/internal/tariff"
)

const (
	// patience bounds one request.
	patience = 10 * time.Second
	// leastSecret is how long a secret must be, in bytes.
	leastSecret = 24
	// prefix marks a secret in base64, as the specification has it.
	prefix = "whsec_"
	// EventType is what the body says that it is.
	EventType = "ai.budget.alert"
)

// Hook is an address that wants to know. It is the operator's own setting, so
// it may lie in a private network; but it is not followed elsewhere.
type Hook struct {
	address config.Secret
	secret  []byte
	client  *http.Client
	now     func() time.Time
}

// New makes a hook. The address may hold a key in its path, so no error and no
// log shows it. The secret is taken as it is, or decoded after "whsec_".
func New(address config.Secret, secret string, now func() time.Time) (*Hook, error) {
	u, err := url.Parse(address.Reveal())
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return nil, errors.New("want an http or https address without a user name")
	}
	key := []byte(secret)
	if encoded, ok := strings.CutPrefix(secret, prefix); ok {
		if key, err = base64.StdEncoding.DecodeString(encoded); err != nil {
			return nil, errors.New("the secret is not base64 after " + prefix)
		}
	}
	if len(key) < leastSecret {
		return nil, fmt.Errorf("the secret must have at least %d bytes", leastSecret)
	}
	return &Hook{address: address, secret: key, now: now, client: &http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

type body struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	ID string `json:"id"`
	// Scope is user or deployment.
	Scope       string    `json:"scope"`
	UserID      string    `json:"userId,omitempty"`
	Username    string    `json:"username,omitempty"`
	Kind        string    `json:"kind"`
	Percent     int64     `json:"percent"`
	Month       string    `json:"month"`
	ResetsAt    time.Time `json:"resetsAt"`
	UsedTokens  *int64    `json:"usedTokens,omitempty"`
	LimitTokens *int64    `json:"limitTokens,omitempty"`
	UsedUSD     *float64  `json:"usedUsd,omitempty"`
	LimitUSD    *float64  `json:"limitUsd,omitempty"`
}

func content(a alert.Alert) body {
	d := data{
		ID: a.ID.String(), Scope: "deployment", Username: a.Username, Kind: string(a.Kind), Percent: a.Percent,
		Month: a.Month.Format("2006-01"), ResetsAt: a.ResetsAt(),
	}
	if a.UserID != nil {
		d.Scope, d.UserID = "user", a.UserID.String()
	}
	if a.Kind == alert.Budget {
		used, limit := tariff.Dollars(a.Used), tariff.Dollars(a.Limit)
		d.UsedUSD, d.LimitUSD = &used, &limit
	} else {
		d.UsedTokens, d.LimitTokens = &a.Used, &a.Limit
	}
	return body{Type: EventType, Timestamp: a.RaisedAt, Data: d}
}

// Send posts an alert; any status of 2xx is taken as arrived. Who gets the same
// webhook-id again has it already.
func (h *Hook) Send(ctx context.Context, a alert.Alert) error {
	text, err := json.Marshal(content(a))
	if err != nil {
		return fmt.Errorf("write webhook: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.address.Reveal(), bytes.NewReader(text))
	if err != nil {
		return &alert.SendError{Reason: "ADDRESS_INVALID"}
	}
	id, at := a.ID.String(), h.now()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Atrium")
	request.Header.Set("Webhook-Id", id)
	request.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	request.Header.Set("Webhook-Signature", Sign(h.secret, id, at, text))
	response, err := h.client.Do(request)
	if err != nil {
		return &alert.SendError{Reason: why(err), Cause: bare(err)}
	}
	defer response.Body.Close()
	const enough = 64 << 10
	_, _ = io.CopyN(io.Discard, response.Body, enough) // what it says is of no interest
	if response.StatusCode/100 != 2 {
		return &alert.SendError{Reason: "HTTP_" + strconv.Itoa(response.StatusCode)}
	}
	return nil
}

// Close ends idle connections.
func (h *Hook) Close() { h.client.CloseIdleConnections() }

// Sign gives the signature of a body: version 1 is HMAC-SHA256, in base64, over
// the id, the Unix time and the body, with points between them.
func Sign(secret []byte, id string, at time.Time, text []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(text)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func why(err error) string {
	var failure *url.Error
	if errors.As(err, &failure) && failure.Timeout() {
		return "TIMEOUT"
	}
	return "UNREACHABLE"
}

// bare is the error without the address.
func bare(err error) error {
	var failure *url.Error
	if errors.As(err, &failure) {
		return failure.Err
	}
	return err
}
