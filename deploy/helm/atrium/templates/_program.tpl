{{/*
What is known of each program: its gRPC port, its metrics' port, and to whom it
speaks. Of all network policies and addresses, this is the one source.
*/}}
{{- define "atrium.programs" -}}
gateway: {program: gatewayd, port: 8080, metrics: 9090, calls: [auth, chat, ide, ai], databases: [redis], key: identity.pem}
auth: {program: authd, port: 7101, metrics: 9091, calls: [], databases: [postgres, redis], key: deployment.key}
chat: {program: chatd, port: 7102, metrics: 9092, calls: [ai], databases: [postgres, redis], key: deployment.key}
ide: {program: ided-kubernetes, port: 7103, data: 7113, metrics: 9093, calls: [ai, auth], databases: [postgres, redis], key: deployment.key}
ai: {program: aid, port: 7104, metrics: 9094, calls: [auth], databases: [postgres, redis], key: deployment.key}
{{- end }}

{{/* Environment of a program: settings, and the names of the files that hold secrets. */}}
{{- define "atrium.environment" -}}
{{- $programs := include "atrium.programs" .root | fromYaml }}
{{- $own := index .root.Values .component }}
{{- $p := index $programs .component }}
{{- $name := include "atrium.name" .root }}
{{- $env := dict "ATRIUM_PUBLIC_URL" .root.Values.publicURL "ATRIUM_IDE_DOMAIN" .root.Values.ideDomain }}
{{- $_ := set $env "ATRIUM_SERVICE_TRUST_DOMAIN" .root.Values.mtls.trustDomain }}
{{- range $file, $setting := dict "tls.crt" "ATRIUM_SERVICE_CERT" "tls.key" "ATRIUM_SERVICE_KEY" "ca.crt" "ATRIUM_SERVICE_CA" }}
{{- $_ := set $env $setting (printf "/run/atrium/service/%s" $file) }}
{{- end }}
{{- $_ := set $env "ATRIUM_IDENTITY_PUBLIC_KEY" "/run/atrium/identity.pub.pem" }}
{{- $_ := set $env "REDIS_URL_FILE" "/run/atrium/redis-url" }}
{{- if eq .component "gateway" }}
{{- $_ := set $env "ATRIUM_LISTEN" "0.0.0.0:8080" }}
{{- $_ := set $env "ATRIUM_METRICS_LISTEN" "0.0.0.0:9090" }}
{{- $_ := set $env "ATRIUM_IDENTITY_KEY" "/run/atrium/identity.pem" }}
{{- $_ := set $env "ATRIUM_TRUSTED_PROXIES" .root.Values.gateway.trustedProxies }}
{{- $_ := set $env "ATRIUM_IDE_DATA_ADDR" (printf "%s-ide.%s.svc:%v" $name .root.Release.Namespace $programs.ide.data) }}
{{- else }}
{{- $_ := set $env (printf "ATRIUM_%s_LISTEN" (upper .component)) (printf "0.0.0.0:%v" $p.port) }}
{{- $_ := set $env (printf "ATRIUM_%s_METRICS_LISTEN" (upper .component)) (printf "0.0.0.0:%v" $p.metrics) }}
{{- $_ := set $env "DATABASE_URL_FILE" "/run/atrium/database-url" }}
{{- $_ := set $env "ATRIUM_KEY_FILE" "/run/atrium/deployment.key" }}
{{- end }}
{{- range $p.calls }}
{{- $_ := set $env (printf "ATRIUM_%s_ADDR" (upper .)) (printf "%s-%s.%s.svc:%v" $name . $.root.Release.Namespace (index $programs .).port) }}
{{- end }}
{{- if eq .component "auth" }}
{{- $_ := set $env "ATRIUM_ADMIN_EMAIL" .root.Values.admin.email }}
{{- $_ := set $env "ATRIUM_ADMIN_PASSWORD_FILE" "/run/atrium/admin-password" }}
{{- end }}
{{- if has .component (list "ide" "ai") }}
{{- $_ := set $env "ATRIUM_DATA_DIR" "/var/lib/atrium" }}
{{- end }}
{{- if eq .component "ide" }}
{{- $_ := set $env "ATRIUM_IDE_DATA_LISTEN" (printf "0.0.0.0:%v" $p.data) }}
{{- $_ := set $env "ATRIUM_ISOLATION" "kubernetes" }}
{{- $_ := set $env "ATRIUM_KUBERNETES_NAMESPACE" (include "atrium.workspaces" .root) }}
{{- $_ := set $env "ATRIUM_KUBERNETES_DEPLOYMENT" $name }}
{{- $_ := set $env "ATRIUM_KUBERNETES_PLATFORM_NAMESPACE" .root.Release.Namespace }}
{{- with .root.Values.workspaces }}
{{- $_ := set $env "ATRIUM_WORKSPACE_IMAGE" (include "atrium.workspaceImage" $.root) }}
{{- $_ := set $env "ATRIUM_KUBERNETES_STORAGE" .storage }}
{{- with .storageClass }}{{ $_ := set $env "ATRIUM_KUBERNETES_STORAGE_CLASS" . }}{{ end }}
{{- with .runtimeClass }}{{ $_ := set $env "ATRIUM_KUBERNETES_RUNTIME_CLASS" . }}{{ end }}
{{- end }}
{{- /* Behind a proxy workspaces take the way of everybody: the gateway believes what comes past it. */}}
{{- if eq (int .root.Values.gateway.trustedProxies) 0 }}
{{- $_ := set $env "ATRIUM_KUBERNETES_GATEWAY" (printf "%s-gateway.%s.svc:80" $name .root.Release.Namespace) }}
{{- end }}
{{- end }}
{{- range $setting, $_ := $own.secrets }}
{{- $_ := set $env (printf "%s_FILE" $setting) (printf "/run/atrium/secrets/%s" $setting) }}
{{- end }}
{{- range $setting, $_ := $own.files }}
{{- $_ := set $env $setting (printf "/run/atrium/files/%s" $setting) }}
{{- end }}
{{- range $setting, $value := merge (dict) $own.settings .root.Values.settings }}
{{- if hasKey $env $setting }}{{ fail (printf "settings: %s is the chart's own" $setting) }}{{ end }}
{{- $_ := set $env $setting $value }}
{{- end }}
{{- range $setting, $value := $env }}
- name: {{ $setting }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}

{{/* Files of a program: of each Secret only what it needs. */}}
{{- define "atrium.files" -}}
{{- $own := index .root.Values .component }}
{{- $p := index (include "atrium.programs" .root | fromYaml) .component }}
projected:
  # Readable for the program's group, which is fsGroup.
  defaultMode: 0440
  sources:
    - secret:
        name: {{ include "atrium.keys" .root }}
        items:
          - {key: {{ $p.key }}, path: {{ $p.key }}}
          - {key: identity.pub.pem, path: identity.pub.pem}
          {{- if eq .component "auth" }}
          - {key: admin-password, path: admin-password}
          {{- end }}
    - secret:
        name: {{ include "atrium.name" .root }}-{{ .component }}-tls
        items:
          - {key: tls.crt, path: service/tls.crt}
          - {key: tls.key, path: service/tls.key}
          - {key: ca.crt, path: service/ca.crt}
    {{- range $p.databases }}
    {{- $at := include "atrium.database" (dict "root" $.root "component" .) | fromYaml }}
    - secret:
        name: {{ $at.secret }}
        items:
          - {key: {{ $at.key }}, path: {{ eq . "postgres" | ternary "database-url" "redis-url" }}}
    {{- end }}
    {{- range $folder := list "secrets" "files" }}
    {{- range $setting, $at := index $own $folder }}
    - secret:
        name: {{ $at.secret }}
        items:
          - {key: {{ $at.key }}, path: {{ $folder }}/{{ $setting }}}
    {{- end }}
    {{- end }}
{{- end }}
