{{- define "hub.labels" -}}
app.kubernetes.io/name: sightline
app.kubernetes.io/component: hub
{{- end }}

{{- define "hub.image" -}}
{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
{{- end }}

{{- define "hub.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "hub.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- /* Any other flag: true alone stands for a flag without a value. */}}
{{- define "hub.extraArgs" -}}
{{- range $flag, $value := .Values.args }}
{{- if kindIs "bool" $value }}
{{- if $value }}
- --{{ $flag }}
{{- end }}
{{- else }}
- {{ printf "--%s=%v" $flag $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "hub.probeScheme" -}}
{{- ternary "HTTPS" "HTTP" (ne .Values.tlsSecret "") }}
{{- end }}
