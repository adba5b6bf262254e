/** The Prometheus that is chosen in the dashboard's first variable. */
export const DATASOURCE_VARIABLE = "datasource";

export const DATASOURCE = { type: "prometheus", uid: `\${${DATASOURCE_VARIABLE}}` };
