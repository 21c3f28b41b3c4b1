package ws

import (
	"encoding/json"
	"net/http"

	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"

	"atrium.internal/gateway/rest"
	"atrium.internal/gateway/sse"
)

// frame is an event as the contract has it.
type frame struct {
	Type           string          `json:"type"`
	ConversationID string          `json:"conversationId,omitempty"`
	MessageID      string          `json:"messageId,omitempty"`
	Seq            int64           `json:"seq,omitempty"`
	Data           json.RawMessage `json:"data,omitempty"`
	Conversation   json.RawMessage `json:"conversation,omitempty"`
}

func encode(r *http.Request, event *chatv1.WatchResponse) ([]byte, error) {
	switch e := event.GetEvent().(type) {
	case *chatv1.WatchResponse_Conversation:
		c, err := rest.JSON.Marshal(e.Conversation)
		if err != nil {
			return nil, err
		}
		return json.Marshal(frame{Type: "conversation", Conversation: c})
	case *chatv1.WatchResponse_DeletedConversationId:
		return json.Marshal(frame{Type: "conversationDeleted", ConversationID: e.DeletedConversationId})
	}
	answer := event.GetAnswer()
	name, data, err := sse.ChatEvent(r, answer.GetEvent())
	if err != nil {
		return nil, err
	}
	return json.Marshal(frame{
		Type: name, ConversationID: answer.GetConversationId(), MessageID: answer.GetMessageId(),
		Seq: answer.GetEvent().GetSeq(), Data: data,
	})
}
