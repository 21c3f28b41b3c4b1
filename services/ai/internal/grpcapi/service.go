package grpcapi

import (
	"context"

	"github.com/google/uuid"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/ledger"
)

// Generator answers requests; see generate.Generator.
type Generator interface {
	Run(ctx context.Context, req generate.Request, sink generate.Sink) error
	Count(ctx context.Context, req generate.Request) (int64, ledger.CountedBy, error)
}

// Catalog lists the models; see generate.Catalog.
type Catalog interface {
	Models() []generate.Model
	Default() string
}

// Book tells what was used; see ledger.Book.
type Book interface {
	Month(ctx context.Context, user uuid.UUID, limit, budget int64) (ledger.Month, error)
	Groups(ctx context.Context, user uuid.UUID, period ledger.Period, by ledger.GroupBy) ([]ledger.Group, error)
	Lines(ctx context.Context, user, after uuid.UUID, limit int) ([]ledger.Line, error)
}

// Service serves aiv1.AIService.
type Service struct {
	aiv1.UnimplementedAIServiceServer
	generator Generator
	catalog   Catalog
	book      Book
}

// New makes the server of AIService.
func New(g Generator, c Catalog, b Book) *Service {
	return &Service{generator: g, catalog: c, book: b}
}
