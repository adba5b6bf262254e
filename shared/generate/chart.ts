/** Roles that some leave out, with the value of the chart that says so. */
const OPTIONAL: Record<string, string> = {
  "http-monitor-operator-leaks": "rbac.leaks",
  "http-monitor-operator-secrets": "rbac.secrets",
  "sightline-debug": "rbac.examples",
  "sightline-metrics": "rbac.examples",
  "sightline-use-all": "rbac.examples",
  "sightline-tenant": "rbac.examples",
  "sightline-tenant-view": "rbac.examples",
};

/** The hub's rights as a template of its chart: in the release's namespace, which Helm makes. */
export function rightsTemplate(rights: string): string {
  const [, ...objects] = rights.split(/^---\n/m);
  const texts = objects.map((text) => {
    const name = /^ {2}name: (\S+)$/m.exec(text)?.[1] ?? "";
    const moved = text.trimEnd().replaceAll("namespace: sightline-system", "namespace: {{ .Release.Namespace }}");
    const value = OPTIONAL[name];
    return value === undefined ? moved : `{{- if .Values.${value} }}\n${moved}\n{{- end }}`;
  });
  return `# Generated from deploy/kustomize/rbac.yaml by \`pnpm generate\`. Do not edit.\n${texts.join("\n---\n")}\n`;
}
