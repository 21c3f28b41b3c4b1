package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// workspace is what the platform says of one.
type workspace struct{ ID, Status, StatusReason string }

func (p *program) workspace(ctx context.Context, cookie, method, path string, body any) (w workspace, err error) {
	status, answer, _, err := p.call(ctx, method, "/api/ide/workspaces"+path, cookie, body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("workspaces%s: %d %s", path, status, answer)
	}
	return w, errors.Join(err, json.Unmarshal(answer, &w))
}

// startWorkspace makes a workspace and waits until it runs.
func (p *program) startWorkspace(ctx context.Context, cookie string) (id string, err error) {
	w, err := p.workspace(ctx, cookie, http.MethodPost, "", map[string]string{"name": "bench"})
	if err == nil {
		w, err = p.workspace(ctx, cookie, http.MethodPost, "/"+w.ID+"/start", struct{}{})
	}
	for deadline := time.Now().Add(time.Minute); err == nil && w.Status != "running"; time.Sleep(100 * time.Millisecond) {
		w, err = p.workspace(ctx, cookie, http.MethodGet, "/"+w.ID, nil)
		if err == nil && (w.Status == "error" || time.Now().After(deadline)) {
			err = fmt.Errorf("the workspace is %s: %s", w.Status, w.StatusReason)
		}
	}
	return w.ID, err
}

// stopWorkspace waits until it is stopped; the rig ends what is left.
func (p *program) stopWorkspace(ctx context.Context, cookie, id string) {
	ctx = context.WithoutCancel(ctx) // it outlives the platform, also where this program was interrupted
	w, err := p.workspace(ctx, cookie, http.MethodPost, "/"+id+"/stop", struct{}{})
	for range 100 {
		if err != nil || w.Status == "stopped" {
			return
		}
		time.Sleep(100 * time.Millisecond)
		w, err = p.workspace(ctx, cookie, http.MethodGet, "/"+id, nil)
	}
}
