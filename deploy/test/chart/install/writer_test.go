package install

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// anyID is in messages that are otherwise alike.
var anyID = regexp.MustCompile(`[0-9a-f]{8}-[-0-9a-f]{27}`)

// writer asks questions one after another, each until it is acknowledged, and
// keeps in mind which were.
type writer struct {
	*person
	name         string
	conversation []string
	acknowledged map[string]string // the question's content, and its id
	ended        map[string]string // and the status of its answer, if that was shown
	// again counts requests that had to be made again, and why.
	again map[string]int
	// cut counts answers that were not written to their end, and why.
	cut map[string]int
}

func (w *writer) write(over <-chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-over:
			return
		case <-time.After(250 * time.Millisecond): // below the limits of traffic
		}
		if n%5 == 0 {
			w.converse(fmt.Sprintf("%s %d", w.name, n))
		}
		w.ask(fmt.Sprintf("%s, question %d", w.name, n))
	}
}

// try makes a request until it is answered with what can be read to its end.
func (w *writer) try(path, key string, body object, read func(io.Reader) error) {
	for range 600 {
		response, err := w.send("POST", path, body, "Idempotency-Key", key, "Accept", "text/event-stream, application/json")
		if err == nil && response.StatusCode == http.StatusOK {
			err = read(response.Body)
			response.Body.Close()
			if err == nil {
				return
			}
		} else if err == nil {
			text, _ := io.ReadAll(response.Body)
			response.Body.Close()
			err = fmt.Errorf("%s: %s", response.Status, anyID.ReplaceAll(text, []byte("…")))
		}
		if w.t.Context().Err() != nil {
			return
		}
		w.again[err.Error()]++
		time.Sleep(100 * time.Millisecond)
	}
	w.t.Errorf("%s: is never acknowledged", path)
}

func (w *writer) converse(title string) {
	w.try("/api/chat/conversations", "conversation "+title, object{"title": title}, func(body io.Reader) error {
		var made struct{ ID string }
		if err := json.NewDecoder(body).Decode(&made); err != nil || made.ID == "" {
			return fmt.Errorf("a conversation without an id: %w", err)
		}
		w.conversation = append(w.conversation, made.ID)
		return nil
	})
}

func (w *writer) ask(content string) {
	path := "/api/chat/conversations/" + w.conversation[len(w.conversation)-1] + "/messages"
	w.try(path, content, object{"content": content}, func(body io.Reader) error {
		err := events(body, func(e event) bool {
			switch e.name {
			case "start":
				w.acknowledged[content], _ = e.data["userMessage"].(object)["id"].(string)
			case "done", "error":
				w.ended[content], _ = e.data["message"].(object)["status"].(string)
				if w.ended[content] != "complete" {
					w.cut[anyID.ReplaceAllString(fmt.Sprint(w.ended[content], " ", e.data["error"]), "…")]++
				}
				return false
			case "restart":
				return false
			}
			return true
		})
		if w.acknowledged[content] == "" {
			return fmt.Errorf("a stream without its start: %w", err)
		}
		return nil
	})
}

// judge finds what is lost or there twice of what was acknowledged, and answers
// that are not as they were shown.
func (w *writer) judge() (faults []string) {
	found, answers := map[string][]string{}, map[string]string{}
	for _, conversation := range w.conversation {
		page := w.must("GET", "/api/chat/conversations/"+conversation+"/messages?pageSize=200", nil)
		for _, m := range page["messages"].([]any) {
			m := m.(object)
			if m["role"] == "user" {
				content := m["content"].(string)
				found[content] = append(found[content], m["id"].(string))
				continue
			}
			answers[m["parentId"].(string)], _ = m["status"].(string)
		}
	}
	for content, id := range w.acknowledged {
		switch ids := found[content]; {
		case len(ids) == 0:
			faults = append(faults, content+": lost")
		case len(ids) > 1 || ids[0] != id:
			faults = append(faults, fmt.Sprintf("%s: %s was acknowledged, and there are %s", content, id, strings.Join(ids, ", ")))
		case answers[id] == "" || answers[id] == "streaming":
			faults = append(faults, fmt.Sprintf("%s: its answer is %q", content, answers[id]))
		case w.ended[content] != "" && w.ended[content] != answers[id]:
			faults = append(faults, fmt.Sprintf("%s: its answer was %s and is %s", content, w.ended[content], answers[id]))
		}
	}
	return faults
}
