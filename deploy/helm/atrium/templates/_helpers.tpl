{{- define "atrium.name" -}}
{{- if contains "atrium" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-atrium{{ end }}
{{- end }}

{{/* Labels of an object; component is what it is of. */}}
{{- define "atrium.labels" -}}
{{ include "atrium.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: atrium
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "atrium.selector" -}}
app.kubernetes.io/name: atrium
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "atrium.metadata" -}}
name: {{ include "atrium.name" .root }}-{{ .component }}
namespace: {{ .root.Release.Namespace }}
labels: {{- include "atrium.labels" . | nindent 2 }}
{{- end }}

{{- define "atrium.workspaces" -}}
{{ .Values.workspaces.namespace | default (printf "%s-workspaces" .Release.Namespace) }}
{{- end }}

{{- define "atrium.keys" -}}
{{ .Values.keys.existingSecret | default (printf "%s-keys" (include "atrium.name" .)) }}
{{- end }}

{{- define "atrium.image" -}}
{{ .root.Values.image.prefix }}{{ .program }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "atrium.workspaceImage" -}}
{{ .Values.workspaces.image | default (include "atrium.image" (dict "root" . "program" "workspace-kubernetes")) }}
{{- end }}

{{/* Hosts without their ports, as routes want them. */}}
{{- define "atrium.host" -}}
{{ regexReplaceAll ":[0-9]+$" (get (urlParse .Values.publicURL) "host") "" }}
{{- end }}
{{- define "atrium.wildcard" -}}
*.{{ regexReplaceAll ":[0-9]+$" .Values.ideDomain "" }}
{{- end }}

{{/* What Pod Security "restricted" asks of a pod, and of a container. */}}
{{- define "atrium.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .uid }}
runAsGroup: {{ .uid }}
fsGroup: {{ .uid }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}
{{- define "atrium.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Placement of a pod. */}}
{{- define "atrium.placement" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/*
The databases' Secrets: {secret: …, key: …} of "postgres" or "redis".
*/}}
{{- define "atrium.database" -}}
{{- $database := index .root.Values .component -}}
{{- if $database.bundled.enabled -}}
{secret: {{ include "atrium.name" .root }}-{{ .component }}, key: url}
{{- else -}}
{secret: {{ $database.external.secret }}, key: {{ $database.external.key }}}
{{- end -}}
{{- end }}

{{/*
Whether the cluster can be seen: "helm template" and "helm lint" see none. The
service of the API is in every cluster.
*/}}
{{- define "atrium.online" -}}
{{- if lookup "v1" "Service" "default" "kubernetes" }}yes{{ end -}}
{{- end }}

{{/*
Refuses to make what may be there already. "what" is what would be lost.
*/}}
{{- define "atrium.mayMake" -}}
{{- if not (or (include "atrium.online" .root) .root.Values.keys.offline) -}}
{{- fail (printf "%s: the cluster can't be seen here, so it is not known whether there are keys already, and new ones would make what the old ones encrypted unreadable. Use helm install or helm upgrade (--dry-run=server shows what they would do), or %s. To only look at the output, set keys.offline=true." .what .instead) -}}
{{- end -}}
{{- if and .root.Release.IsUpgrade (include "atrium.online" .root) .lost -}}
{{- fail (printf "%s is gone. Put it back from your backup: without it what is in the database can't be read." .what) -}}
{{- end -}}
{{- end }}
