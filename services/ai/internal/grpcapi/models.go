package grpcapi

import (
	"context"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ai/internal/tariff"
)

// ListModels lists what the deployment offers.
func (s *Service) ListModels(context.Context, *aiv1.ListModelsRequest) (*aiv1.ListModelsResponse, error) {
	out := &aiv1.ListModelsResponse{}
	for _, m := range s.catalog.Models() {
		out.Models = append(out.Models, &aiv1.Model{
			Id:               m.ID,
			Provider:         m.Provider,
			DisplayName:      m.DisplayName,
			ContextWindow:    int32(m.ContextWindow),
			InputUsdPerMTok:  tariff.Dollars(m.Price.Input),
			OutputUsdPerMTok: tariff.Dollars(m.Price.Output),
			Default:          m.ID == s.catalog.Default(),
		})
	}
	return out, nil
}
