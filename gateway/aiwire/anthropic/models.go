package anthropic

import (
	"net/http"

	"atrium.internal/pkg/apperr"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/aiwire"
	"atrium.internal/gateway/problem"
)

var errNoModel = apperr.New(apperr.NotFound, "MODEL_UNKNOWN", "This model is not offered here.")

// model is an entry of the list. When a model came out is not known here.
type model struct {
	Type        string `json:"type"`
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	CreatedAt   string `json:"created_at"`
}

func modelOf(m *aiv1.Model) model {
	return model{"model", m.GetId(), m.GetDisplayName(), "1970-01-01T00:00:00Z"}
}

type models struct {
	Data    []model `json:"data"`
	HasMore bool    `json:"has_more"`
	FirstID *string `json:"first_id"`
	LastID  *string `json:"last_id"`
}

// Models serves GET /v1/models, all on one page.
func (h Handler) Models(w http.ResponseWriter, r *http.Request) {
	offered, err := h.Client.ListModels(r.Context(), &aiv1.ListModelsRequest{})
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	list := models{Data: []model{}}
	for _, m := range offered.GetModels() {
		list.Data = append(list.Data, modelOf(m))
	}
	if n := len(list.Data); n > 0 {
		list.FirstID, list.LastID = &list.Data[0].ID, &list.Data[n-1].ID
	}
	aiwire.Write(w, list)
}

// Model serves GET /v1/models/{model}.
func (h Handler) Model(w http.ResponseWriter, r *http.Request) {
	offered, err := h.Client.ListModels(r.Context(), &aiv1.ListModelsRequest{})
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	for _, m := range offered.GetModels() {
		if m.GetId() == r.PathValue("model") {
			aiwire.Write(w, modelOf(m))
			return
		}
	}
	problem.Write(w, r, errNoModel)
}
