package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// nginxPath is where nginx is: installed, fetched, or nowhere.
func (r *rig) nginxPath() string {
	fetched := filepath.Join(r.peers, "nginx", "usr", "sbin", "nginx")
	for _, name := range []string{"nginx", fetched} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// nginx starts an nginx as a proxy of streams before an address.
func (r *rig) nginx(ctx context.Context, path, behind string) (*program, error) {
	dir := filepath.Join(r.dir, "nginx")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	port := freePort()
	text := fmt.Sprintf(`%s
daemon off;
worker_processes auto;
pid %[2]s/pid;
error_log %[2]s/error.log;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path %[2]s/body;
	proxy_temp_path %[2]s/proxy;
	fastcgi_temp_path %[2]s/fastcgi;
	uwsgi_temp_path %[2]s/uwsgi;
	scgi_temp_path %[2]s/scgi;
	keepalive_requests 1000000;
	map $http_upgrade $kept { default upgrade; "" ""; }
	upstream far { server %[3]s; keepalive 64; keepalive_requests 1000000; }
	server {
		listen 127.0.0.1:%[4]d;
		location / {
			proxy_pass http://far;
			proxy_http_version 1.1;
			proxy_set_header Connection $kept;
			proxy_set_header Upgrade $http_upgrade;
			proxy_buffering off;
		}
	}
}
`, user, dir, strings.TrimPrefix(behind, "http://"), port)
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, err
	}
	p := &program{base: fmt.Sprintf("http://127.0.0.1:%d", port)}
	return p, r.launch(ctx, p, path, []string{"-c", conf, "-p", dir}, "/ready")
}
