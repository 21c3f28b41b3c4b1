package aiclient

import (
	"context"

	"atrium.internal/pkg/grpcx"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// source is what the ledger names these calls.
const source = "chat"

// Client implements turn.Model, naming.Model and window.Model.
type Client struct {
	ai     aiv1.AIServiceClient
	models models
}

// New makes a client over a connection's stub.
func New(ai aiv1.AIServiceClient) *Client { return &Client{ai: ai} }

// Generate starts one answer. The answer's id is the call's, so that the
// ledger can't count it twice.
func (c *Client) Generate(ctx context.Context, p turn.Prompt) (turn.Stream, error) {
	req := &aiv1.GenerateRequest{RequestId: p.ID.String(), Model: p.Model, System: p.System, Source: source}
	if err := c.sees(ctx, p); err != nil {
		return nil, err
	}
	for _, l := range p.Lines {
		req.Messages = append(req.Messages, message(l))
	}
	s, err := c.ai.Generate(grpcx.ForwardIdentity(ctx), req)
	if err != nil {
		return nil, err
	}
	return stream{s}, nil
}

type stream struct {
	events interface {
		Recv() (*aiv1.GenerateResponse, error)
	}
}

// Recv gives the next part of the answer.
func (s stream) Recv() (turn.Chunk, error) {
	resp, err := s.events.Recv()
	if err != nil {
		return turn.Chunk{}, err
	}
	switch e := resp.GetEvent().(type) {
	case *aiv1.GenerateResponse_Started_:
		return turn.Chunk{Model: e.Started.GetModel()}, nil
	case *aiv1.GenerateResponse_Delta_:
		return turn.Chunk{Text: e.Delta.GetText()}, nil
	case *aiv1.GenerateResponse_Usage:
		u := e.Usage
		return turn.Chunk{Usage: &conversation.Usage{
			InputTokens:  u.GetInputTokens() + u.GetCacheReadTokens() + u.GetCacheWriteTokens(),
			OutputTokens: u.GetOutputTokens(),
			CostMicroUSD: u.GetCostMicroUsd(),
		}}, nil
	case *aiv1.GenerateResponse_Done_:
		return turn.Chunk{Done: true}, nil
	}
	return turn.Chunk{}, nil // an event of a newer contract
}
