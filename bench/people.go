package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// call makes a request as the platform's own page does, and gives the answer
// with its session cookie, if it sets one.
func (p *program) call(ctx context.Context, method, path, cookie string, body any) (status int, answer []byte, session string, err error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, "", err
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, p.base+path, reader)
	if err != nil {
		return 0, nil, "", err
	}
	if p.host != "" {
		request.Host = p.host
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	if cookie != "" {
		request.Header.Set("Cookie", cookie)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, "", err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	for _, c := range response.Cookies() {
		if c.Name == "__Host-atrium_session" {
			session = c.Name + "=" + c.Value
		}
	}
	return response.StatusCode, answer, session, err
}

// register makes an account of the platform and gives its session cookie.
func (p *program) register(ctx context.Context, name string) (string, error) {
	status, answer, cookie, err := p.call(ctx, http.MethodPost, "/api/auth/register", "", map[string]string{
		"email": name + "@example.com", "username": name, "password": password,
	})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("register: %d %s", status, answer)
	}
	return cookie, err
}

// login starts another session of the account.
func (p *program) login(ctx context.Context, name string) (string, error) {
	status, answer, cookie, err := p.call(ctx, http.MethodPost, "/api/auth/login", "", map[string]string{"login": name, "password": password})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("login: %d %s", status, answer)
	}
	return cookie, err
}
