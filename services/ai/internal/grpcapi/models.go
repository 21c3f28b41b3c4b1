package grpcapi

import (
	"context"
	"time"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ai/internal/tariff"
)

// ListModels lists what the deployment offers.
func (s *Service) ListModels(context.Context, *aiv1.ListModelsRequest) (*aiv1.ListModelsResponse, error) {
	out := &aiv1.ListModelsResponse{}
	now := time.Now()
	for _, m := range s.catalog.Models() {
		price := m.Price(now)
		out.Models = append(out.Models, &aiv1.Model{
			Id:               m.ID,
			Provider:         m.Provider(),
			DisplayName:      m.DisplayName,
			ContextWindow:    int32(m.ContextWindow),
			InputUsdPerMTok:  tariff.Dollars(price.Input),
			OutputUsdPerMTok: tariff.Dollars(price.Output),
			Default:          m.ID == s.catalog.Default(),
			Capabilities: &aiv1.Capabilities{
				Tools: m.Can.Tools, Images: m.Can.Images, Thinking: m.Can.Thinking, Fim: m.Can.FIM,
			},
			CacheReadUsdPerMTok:  tariff.Dollars(price.CacheRead),
			CacheWriteUsdPerMTok: tariff.Dollars(price.CacheWrite),
		})
	}
	return out, nil
}
