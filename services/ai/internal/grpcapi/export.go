package grpcapi

import (
	"encoding/csv"
	"strconv"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	"atrium.internal/pkg/principal"
	"atrium.internal/proto/filechunk"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	commonv1 "atrium.internal/proto/gen/atrium/common/v1"
	"atrium.internal/services/ai/internal/ledger"
)

// exportPage is how many entries are read at once.
const exportPage = 500

// ExportAccount gives every entry of the caller's ledger as a table.
func (s *Service) ExportAccount(_ *aiv1.ExportAccountRequest, stream grpc.ServerStreamingServer[commonv1.FileChunk]) error {
	ctx := stream.Context()
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return err
	}
	out := filechunk.NewWriter(stream.Send)
	if err := out.Begin("usage.csv"); err != nil {
		return err
	}
	table := csv.NewWriter(out)
	if err := table.Write([]string{
		"time", "request", "attempt", "source", "provider", "model", "status", "input_tokens", "output_tokens",
		"cache_read_tokens", "cache_write_tokens", "cost_micro_usd", "counted_by", "settled", "reason",
	}); err != nil {
		return err
	}
	for after := uuid.Nil; ; {
		lines, err := s.book.Lines(ctx, caller.UserID, after, exportPage)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if err := table.Write(record(l)); err != nil {
				return err
			}
			after = l.ID
		}
		if len(lines) < exportPage {
			break
		}
	}
	table.Flush()
	if err := table.Error(); err != nil {
		return err
	}
	return out.Flush()
}

func record(l ledger.Line) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	settled := ""
	if l.SettledAt != nil {
		settled = l.SettledAt.UTC().Format(time.RFC3339Nano)
	}
	return []string{
		l.CreatedAt.UTC().Format(time.RFC3339Nano), l.RequestID.String(), strconv.Itoa(l.Attempt), l.Source, l.Provider, l.Model, l.Status,
		number(l.Tokens.Input), number(l.Tokens.Output), number(l.Tokens.CacheRead), number(l.Tokens.CacheWrite),
		number(l.CostMicroUSD), string(l.CountedBy), settled, l.Why,
	}
}
