{{- define "verifier.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}-verifier
{{- end -}}

{{- define "verifier.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "verifier.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "verifier.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else if and .Values.image.allowTag .Values.image.tag -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- else -}}
{{ fail "image.digest is missing: name the image by its digest, or say image.allowTag=true and image.tag" }}
{{- end -}}
{{- end -}}

{{- define "verifier.ledger" -}}
{{- if .Values.ledger.postgresql.url -}}
{{- if .Values.ledger.sqlite.enabled }}{{ fail "ledger.sqlite.enabled and ledger.postgresql.url are both given: which one remembers?" }}{{ end -}}
postgresql
{{- else if .Values.ledger.sqlite.enabled -}}
{{- if gt (int .Values.replicas) 1 }}{{ fail "replicas is above 1, and a ledger in a file is for one gateway: share one by ledger.postgresql.url" }}{{ end -}}
sqlite
{{- else -}}
{{ fail "no ledger: say ledger.sqlite.enabled=true or ledger.postgresql.url" }}
{{- end -}}
{{- end -}}

{{- define "verifier.claim" -}}
{{ .Values.ledger.sqlite.existingClaim | default (printf "%s-ledger" (include "verifier.name" .)) }}
{{- end -}}

{{- define "verifier.policy" -}}
{{- if .Values.policy.existingConfigMap -}}
{{ .Values.policy.existingConfigMap }}
{{- else if index .Values.policy.files "trust.toml" -}}
{{ include "verifier.name" . }}-policy
{{- else -}}
{{ fail "no trust policy: give policy.files with trust.toml (and the keys that it names), or policy.existingConfigMap" }}
{{- end -}}
{{- end -}}

{{- define "verifier.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "verifier.podsecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end -}}
