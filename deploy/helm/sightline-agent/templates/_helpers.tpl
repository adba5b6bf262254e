{{- define "agent.labels" -}}
app.kubernetes.io/name: sightline
app.kubernetes.io/component: agent
{{- end }}

{{- /* Any other flag: true alone stands for a flag without a value. */}}
{{- define "agent.extraArgs" -}}
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
