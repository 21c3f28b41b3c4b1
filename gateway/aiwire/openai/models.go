package openai

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
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

func modelOf(m *aiv1.Model) model { return model{m.GetId(), "model", 0, m.GetProvider()} }

type models struct {
	Object string  `json:"object"`
	Data   []model `json:"data"`
}

// Models serves GET /v1/models.
func (h Handler) Models(w http.ResponseWriter, r *http.Request) {
	offered, err := h.Client.ListModels(r.Context(), &aiv1.ListModelsRequest{})
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	list := models{"list", []model{}}
	for _, m := range offered.GetModels() {
		list.Data = append(list.Data, modelOf(m))
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
