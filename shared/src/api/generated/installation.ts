// Generated from crds/ and deploy/kustomize/rbac.yaml by `pnpm generate`. Do not edit.
import type { InstalledDefinition, InstalledRule } from "../installation.ts";

export const DEFINITIONS: readonly InstalledDefinition[] = [
 {
  "name": "clusterregistrations.monitoring.example.com",
  "spec": {
   "group": "monitoring.example.com",
   "scope": "Cluster",
   "names": {
    "kind": "ClusterRegistration",
    "listKind": "ClusterRegistrationList",
    "plural": "clusterregistrations",
    "singular": "clusterregistration",
    "shortNames": [
     "clreg"
    ],
    "categories": [
     "monitoring"
    ]
   },
   "versions": [
    {
     "name": "v1",
     "served": true,
     "storage": true,
     "subresources": {
      "status": {}
     },
     "additionalPrinterColumns": [
      {
       "name": "REGION",
       "type": "string",
       "jsonPath": ".spec.region"
      },
      {
       "name": "ENV",
       "type": "string",
       "jsonPath": ".spec.environment"
      },
      {
       "name": "ACCEPTED",
       "type": "boolean",
       "jsonPath": ".spec.accepted"
      },
      {
       "name": "AVAILABLE",
       "type": "string",
       "jsonPath": ".status.conditions[?(@.type==\"Available\")].status"
      },
      {
       "name": "MONITORS",
       "type": "integer",
       "jsonPath": ".status.assignedMonitors"
      },
      {
       "name": "VERSION",
       "type": "string",
       "jsonPath": ".status.agentVersion"
      },
      {
       "name": "LAST HEARTBEAT",
       "type": "date",
       "jsonPath": ".status.lastHeartbeatTime"
      },
      {
       "name": "AGE",
       "type": "date",
       "jsonPath": ".metadata.creationTimestamp"
      },
      {
       "name": "SYNCED",
       "type": "string",
       "priority": 1,
       "jsonPath": ".status.synced"
      },
      {
       "name": "PROBES/S",
       "type": "string",
       "priority": 1,
       "jsonPath": ".status.probesPerSecond"
      },
      {
       "name": "SKEW",
       "type": "string",
       "priority": 1,
       "jsonPath": ".status.clockSkew"
      }
     ],
     "schema": {
      "openAPIV3Schema": {
       "type": "object",
       "description": "ClusterRegistration names a member cluster whose agent may probe. Its labels are what placement selectors match.",
       "required": [
        "spec"
       ],
       "x-kubernetes-validations": [
        {
         "rule": "size(self.metadata.name) <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
         "message": "a ClusterRegistration's name is the cluster ID: an RFC 1123 label of at most 63 characters, without dots"
        }
       ],
       "properties": {
        "apiVersion": {
         "type": "string"
        },
        "kind": {
         "type": "string"
        },
        "metadata": {
         "type": "object"
        },
        "spec": {
         "type": "object",
         "properties": {
          "region": {
           "type": "string",
           "description": "Where the cluster stands. Sent to targets as X-Cluster-Region, matched by the regions annotation.",
           "maxLength": 63,
           "pattern": "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"
          },
          "environment": {
           "type": "string",
           "description": "What the cluster is for, such as production. Matched by the environments annotation.",
           "maxLength": 63,
           "pattern": "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"
          },
          "accepted": {
           "type": "boolean",
           "description": "The hub's side of a double opt-in. A cluster that is not accepted gets no assignment.",
           "default": false
          },
          "taints": {
           "type": "array",
           "description": "Keeps monitors out that do not tolerate them (annotation tolerations).",
           "maxItems": 32,
           "x-kubernetes-list-type": "map",
           "x-kubernetes-list-map-keys": [
            "key",
            "effect"
           ],
           "items": {
            "type": "object",
            "required": [
             "key",
             "effect"
            ],
            "properties": {
             "key": {
              "type": "string",
              "description": "As a label key, such as maintenance or example.com/edge.",
              "maxLength": 317,
              "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
             },
             "value": {
              "type": "string",
              "description": "As a label value.",
              "maxLength": 63,
              "pattern": "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
             },
             "effect": {
              "type": "string",
              "description": "NoSelect withdraws what is there; NoSelectIfNew only lets nothing new in.",
              "enum": [
               "NoSelect",
               "NoSelectIfNew"
              ]
             }
            }
           }
          },
          "namespaceSelector": {
           "type": "object",
           "description": "Namespaces whose monitors may run in this cluster, by their labels. Absent or empty means all.",
           "x-kubernetes-map-type": "atomic",
           "properties": {
            "matchLabels": {
             "type": "object",
             "maxProperties": 32,
             "x-kubernetes-validations": [
              {
               "rule": "self.all(key, key.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",
               "message": "matchLabels must have label keys, such as tenant or example.com/tenant"
              }
             ],
             "additionalProperties": {
              "type": "string",
              "maxLength": 63,
              "pattern": "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
             }
            },
            "matchExpressions": {
             "type": "array",
             "maxItems": 32,
             "items": {
              "type": "object",
              "required": [
               "key",
               "operator"
              ],
              "x-kubernetes-validations": [
               {
                "rule": "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
                "message": "values must be given for the operators In and NotIn, and for no other"
               }
              ],
              "properties": {
               "key": {
                "type": "string",
                "maxLength": 317,
                "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
               },
               "operator": {
                "type": "string",
                "enum": [
                 "In",
                 "NotIn",
                 "Exists",
                 "DoesNotExist"
                ]
               },
               "values": {
                "type": "array",
                "maxItems": 64,
                "items": {
                 "type": "string",
                 "maxLength": 63,
                 "pattern": "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
                }
               }
              }
             }
            }
           }
          },
          "egress": {
           "type": "object",
           "description": "Where the cluster's agent may connect to. The most specific entry decides; of two equal ones, deny.",
           "properties": {
            "allow": {
             "type": "array",
             "description": "Where it may. With any entry here, everything else is denied. An entry as long as a protected range opens that range.",
             "maxItems": 64,
             "x-kubernetes-list-type": "atomic",
             "items": {
              "type": "string",
              "maxLength": 253,
              "x-kubernetes-validations": [
               {
                "rule": "self.matches('^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])[.]){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(/(3[0-2]|[12]?[0-9]))?$') || self.matches('(?i)^(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}:){1,7}:|:(:[0-9a-f]{1,4}){1,7}|::|([0-9a-f]{1,4}:){1,6}(:[0-9a-f]{1,4}){1,1}|([0-9a-f]{1,4}:){1,5}(:[0-9a-f]{1,4}){1,2}|([0-9a-f]{1,4}:){1,4}(:[0-9a-f]{1,4}){1,3}|([0-9a-f]{1,4}:){1,3}(:[0-9a-f]{1,4}){1,4}|([0-9a-f]{1,4}:){1,2}(:[0-9a-f]{1,4}){1,5}|([0-9a-f]{1,4}:){1,1}(:[0-9a-f]{1,4}){1,6})(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?$') || self.matches('^([*][.])?([a-z0-9_]([-a-z0-9_]*[a-z0-9_])?[.])*[a-z]([-a-z0-9]*[a-z0-9])?$')",
                "message": "an entry must be a CIDR such as 10.0.0.0/8 or fd00::/8, an address, or a host in small letters such as api.example.com or *.example.com"
               }
              ]
             }
            },
            "deny": {
             "type": "array",
             "description": "Where it may not. A host is what the URL names; a CIDR is what is really dialled.",
             "maxItems": 64,
             "x-kubernetes-list-type": "atomic",
             "items": {
              "type": "string",
              "maxLength": 253,
              "x-kubernetes-validations": [
               {
                "rule": "self.matches('^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])[.]){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(/(3[0-2]|[12]?[0-9]))?$') || self.matches('(?i)^(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}:){1,7}:|:(:[0-9a-f]{1,4}){1,7}|::|([0-9a-f]{1,4}:){1,6}(:[0-9a-f]{1,4}){1,1}|([0-9a-f]{1,4}:){1,5}(:[0-9a-f]{1,4}){1,2}|([0-9a-f]{1,4}:){1,4}(:[0-9a-f]{1,4}){1,3}|([0-9a-f]{1,4}:){1,3}(:[0-9a-f]{1,4}){1,4}|([0-9a-f]{1,4}:){1,2}(:[0-9a-f]{1,4}){1,5}|([0-9a-f]{1,4}:){1,1}(:[0-9a-f]{1,4}){1,6})(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?$') || self.matches('^([*][.])?([a-z0-9_]([-a-z0-9_]*[a-z0-9_])?[.])*[a-z]([-a-z0-9]*[a-z0-9])?$')",
                "message": "an entry must be a CIDR such as 10.0.0.0/8 or fd00::/8, an address, or a host in small letters such as api.example.com or *.example.com"
               }
              ]
             }
            }
           }
          },
          "heartbeat": {
           "type": "object",
           "default": {
            "interval": "10s",
            "grace": "30s"
           },
           "description": "How often the agent reports, and how long its silence is borne before Available becomes Unknown.",
           "x-kubernetes-validations": [
            {
             "rule": "duration(self.grace) >= duration(self.interval)",
             "message": "heartbeat.grace must be at least heartbeat.interval"
            }
           ],
           "properties": {
            "interval": {
             "type": "string",
             "default": "10s",
             "maxLength": 32,
             "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$",
             "x-kubernetes-validations": [
              {
               "rule": "duration(self) >= duration('1s') && duration(self) <= duration('10m')",
               "message": "heartbeat.interval must be between 1s and 10m"
              }
             ]
            },
            "grace": {
             "type": "string",
             "default": "30s",
             "maxLength": 32,
             "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$",
             "x-kubernetes-validations": [
              {
               "rule": "duration(self) <= duration('1h')",
               "message": "heartbeat.grace must be at most 1h"
              }
             ]
            }
           }
          }
         }
        },
        "status": {
         "type": "object",
         "properties": {
          "publicKey": {
           "type": "string",
           "description": "The agent's own key (NKey, U…), pinned when it enrolled. What it sends is signed by it."
          },
          "sealingKey": {
           "type": "string",
           "description": "The agent's curve key (X…), pinned with it. Secrets are sealed to it."
          },
          "connectionKey": {
           "type": "string",
           "description": "The key (U…) by which the agent connects to NATS while the cluster is accepted."
          },
          "enrolment": {
           "type": "object",
           "description": "How the keys were pinned, and until when credentials were issued for them.",
           "properties": {
            "tokenKey": {
             "type": "string",
             "description": "Public key of the join token that was used."
            },
            "time": {
             "type": "string",
             "format": "date-time",
             "description": "When the keys were pinned."
            },
            "replacedKey": {
             "type": "string",
             "description": "Public key of the agent whose place this one took."
            },
            "credentialsIssuedTime": {
             "type": "string",
             "format": "date-time",
             "description": "When the agent's last working credentials were issued."
            }
           }
          },
          "agentVersion": {
           "type": "string"
          },
          "lastHeartbeatTime": {
           "type": "string",
           "format": "date-time"
          },
          "heartbeatInterval": {
           "type": "string",
           "description": "The heartbeat interval in force."
          },
          "heartbeatGrace": {
           "type": "string",
           "description": "The grace in force. Silence shows after interval + grace."
          },
          "assignedMonitors": {
           "type": "integer"
          },
          "assignedEpoch": {
           "type": "integer",
           "format": "int64"
          },
          "assignedGeneration": {
           "type": "integer",
           "format": "int64"
          },
          "acknowledgedEpoch": {
           "type": "integer",
           "format": "int64"
          },
          "acknowledgedGeneration": {
           "type": "integer",
           "format": "int64"
          },
          "synced": {
           "type": "string",
           "description": "Acknowledged and assigned generation, such as 12/12."
          },
          "probesPerSecond": {
           "type": "string"
          },
          "clockSkew": {
           "type": "string",
           "description": "How far the agent's clock is ahead of the hub's; negative when behind."
          },
          "conditions": {
           "type": "array",
           "x-kubernetes-list-type": "map",
           "x-kubernetes-list-map-keys": [
            "type"
           ],
           "items": {
            "type": "object",
            "required": [
             "type",
             "status",
             "lastTransitionTime",
             "reason",
             "message"
            ],
            "properties": {
             "type": {
              "type": "string",
              "maxLength": 316
             },
             "status": {
              "type": "string",
              "enum": [
               "True",
               "False",
               "Unknown"
              ]
             },
             "observedGeneration": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "lastTransitionTime": {
              "type": "string",
              "format": "date-time"
             },
             "reason": {
              "type": "string",
              "minLength": 1,
              "maxLength": 1024
             },
             "message": {
              "type": "string",
              "maxLength": 32768
             }
            }
           }
          }
         }
        }
       }
      }
     }
    }
   ]
  }
 },
 {
  "name": "httpmonitors.monitoring.example.com",
  "spec": {
   "group": "monitoring.example.com",
   "scope": "Namespaced",
   "names": {
    "kind": "HTTPMonitor",
    "listKind": "HTTPMonitorList",
    "plural": "httpmonitors",
    "singular": "httpmonitor",
    "shortNames": [
     "hm"
    ],
    "categories": [
     "all",
     "monitoring"
    ]
   },
   "versions": [
    {
     "name": "v1",
     "served": true,
     "storage": true,
     "subresources": {
      "status": {}
     },
     "additionalPrinterColumns": [
      {
       "name": "URL",
       "type": "string",
       "jsonPath": ".spec.url"
      },
      {
       "name": "STATUS",
       "type": "string",
       "jsonPath": ".status.status"
      },
      {
       "name": "HEALTHY",
       "type": "string",
       "jsonPath": ".status.healthy"
      },
      {
       "name": "LAST CHECK",
       "type": "date",
       "jsonPath": ".status.lastCheck"
      },
      {
       "name": "AGE",
       "type": "date",
       "jsonPath": ".metadata.creationTimestamp"
      },
      {
       "name": "MESSAGE",
       "type": "string",
       "priority": 1,
       "jsonPath": ".status.errorMessage"
      }
     ],
     "schema": {
      "openAPIV3Schema": {
       "type": "object",
       "description": "HTTPMonitor asks for one URL to be probed from member clusters, and shows one verdict over all of them.",
       "required": [
        "spec"
       ],
       "x-kubernetes-validations": [
        {
         "rule": "size(self.metadata.name) <= 63",
         "message": "an HTTPMonitor's name has at most 63 characters"
        }
       ],
       "properties": {
        "apiVersion": {
         "type": "string"
        },
        "kind": {
         "type": "string"
        },
        "metadata": {
         "type": "object"
        },
        "spec": {
         "type": "object",
         "required": [
          "url"
         ],
         "x-kubernetes-validations": [
          {
           "rule": "duration(has(self.timeout) ? self.timeout : '0s') <= duration(has(self.interval) ? self.interval : '30s')",
           "message": "timeout must be at most the interval",
           "fieldPath": ".timeout"
          },
          {
           "rule": "!has(self.headers) || !has(self.headersFrom) || self.headersFrom.all(secret, !self.headers.exists(name, name.lowerAscii() == secret.name.lowerAscii()))",
           "message": "a header stands either in headers or in headersFrom, not in both",
           "fieldPath": ".headersFrom"
          }
         ],
         "properties": {
          "url": {
           "type": "string",
           "description": "The http or https URL to probe. No user info in it; use headers for credentials.",
           "minLength": 1,
           "maxLength": 2048,
           "x-kubernetes-validations": [
            {
             "rule": "isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHostname() != ''",
             "message": "url must be an absolute http or https URL, such as https://shop.example.com/healthz"
            },
            {
             "rule": "!self.matches('^[a-zA-Z]+://[^/?#]*@')",
             "message": "url must not hold user info (user:password@); send credentials as a header"
            }
           ]
          },
          "method": {
           "type": "string",
           "description": "The request method.",
           "default": "GET",
           "enum": [
            "GET",
            "HEAD",
            "POST",
            "PUT",
            "PATCH",
            "DELETE",
            "OPTIONS"
           ]
          },
          "headers": {
           "type": "object",
           "description": "Request headers, sent as given. Host also sets the TLS server name. X-Cluster-ID, X-Cluster-Region, traceparent, framing and hop-by-hop headers are set by the agent and refused here.",
           "maxProperties": 64,
           "additionalProperties": {
            "type": "string",
            "maxLength": 16384
           },
           "x-kubernetes-validations": [
            {
             "rule": "self.all(name, name.matches('^[A-Za-z0-9!#$%&*+.^_`|~-]+$') && size(name) <= 256)",
             "message": "a header name may hold only letters, digits and !#$%&*+.^_`|~-"
            },
            {
             "rule": "self.all(name, !(name.lowerAscii() in ['x-cluster-id', 'x-cluster-region', 'traceparent', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect']))",
             "message": "X-Cluster-ID, X-Cluster-Region, traceparent, framing and hop-by-hop headers are set by the agent and cannot be given"
            },
            {
             "rule": "self.all(name, !self[name].contains('\\n') && !self[name].contains('\\r'))",
             "message": "a header value must be a single line"
            },
            {
             "rule": "self.map(name, size(name) + size(self[name])).sum() <= 16384",
             "message": "headers may have at most 16384 characters together, names and values"
            }
           ]
          },
          "headersFrom": {
           "type": "array",
           "description": "Request headers whose values are secrets: from Vault, or from a Secret of this namespace. With both, Vault first; the Secret when Vault lacks it or cannot be reached. Without its value the probe is not sent.",
           "maxItems": 16,
           "x-kubernetes-validations": [
            {
             "rule": "self.all(one, self.exists_one(other, other.name.lowerAscii() == one.name.lowerAscii()))",
             "message": "headersFrom may name a header only once; upper and lower case are the same"
            }
           ],
           "items": {
            "type": "object",
            "required": [
             "name"
            ],
            "x-kubernetes-validations": [
             {
              "rule": "has(self.vault) || has(self.secretKeyRef)",
              "message": "say where the value comes from: vault, secretKeyRef, or both"
             }
            ],
            "properties": {
             "name": {
              "type": "string",
              "description": "Name of the header.",
              "minLength": 1,
              "maxLength": 256,
              "pattern": "^[A-Za-z0-9!#$%&*+.^_`|~-]+$",
              "x-kubernetes-validations": [
               {
                "rule": "!(self.lowerAscii() in ['x-cluster-id', 'x-cluster-region', 'traceparent', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect'])",
                "message": "X-Cluster-ID, X-Cluster-Region, traceparent, framing and hop-by-hop headers are set by the agent and cannot be given"
               }
              ]
             },
             "vault": {
              "type": "object",
              "description": "A key of a secret in Vault's KV engine, version 2.",
              "required": [
               "path",
               "key"
              ],
              "properties": {
               "path": {
                "type": "string",
                "description": "Path of the secret below what the hub reads for this namespace (by default secret/sightline/NAMESPACE/). It cannot lead out of there.",
                "maxLength": 256,
                "pattern": "^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$"
               },
               "key": {
                "type": "string",
                "description": "The key in that secret.",
                "minLength": 1,
                "maxLength": 256
               }
              }
             },
             "secretKeyRef": {
              "type": "object",
              "description": "A key of a Secret in the monitor's own namespace.",
              "required": [
               "name",
               "key"
              ],
              "properties": {
               "name": {
                "type": "string",
                "description": "Name of the Secret.",
                "maxLength": 253,
                "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
               },
               "key": {
                "type": "string",
                "description": "The key in its data.",
                "maxLength": 253,
                "pattern": "^[-._a-zA-Z0-9]+$"
               }
              }
             }
            }
           }
          },
          "body": {
           "type": "string",
           "description": "Request body, sent as given.",
           "maxLength": 16384
          },
          "interval": {
           "type": "string",
           "description": "Time between two probes from one cluster, 1s to 24h, as a Go duration.",
           "default": "30s",
           "maxLength": 32,
           "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$",
           "x-kubernetes-validations": [
            {
             "rule": "duration(self) >= duration('1s') && duration(self) <= duration('24h')",
             "message": "interval must be between 1s and 24h"
            }
           ]
          },
          "timeout": {
           "type": "string",
           "description": "Limit of one whole probe, redirects included, as a Go duration; at most the interval. When absent: the smaller of 5s and the interval.",
           "maxLength": 32,
           "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$",
           "x-kubernetes-validations": [
            {
             "rule": "duration(self) >= duration('1ms')",
             "message": "timeout must be at least 1ms"
            }
           ]
          },
          "expectedStatus": {
           "type": "integer",
           "description": "The response status that counts as a success.",
           "default": 200,
           "minimum": 100,
           "maximum": 599
          },
          "expectedStatuses": {
           "type": "array",
           "description": "Response statuses that count as a success: codes (200), classes (2xx) and ranges (200-204). Wins over expectedStatus.",
           "minItems": 1,
           "maxItems": 32,
           "items": {
            "x-kubernetes-int-or-string": true,
            "anyOf": [
             {
              "type": "integer"
             },
             {
              "type": "string"
             }
            ],
            "maxLength": 16,
            "x-kubernetes-validations": [
             {
              "rule": "string(self).matches('^([1-5][0-9]{2}|[1-5]xx|[1-5][0-9]{2}-[1-5][0-9]{2})$')",
              "message": "an expected status is a code such as 200, a class such as 2xx, or a range such as 200-204, from 100 to 599"
             },
             {
              "rule": "!string(self).matches('^[0-9]{3}-[0-9]{3}$') || string(self).substring(0, 3) <= string(self).substring(4)",
              "message": "a range of expected statuses must begin with its lower end, such as 200-204"
             }
            ]
           }
          },
          "redirects": {
           "type": "object",
           "description": "What becomes of a redirect (301, 302, 303, 307 or 308 with a Location).",
           "properties": {
            "follow": {
             "type": "boolean",
             "description": "When false, the redirect itself is judged by the expected status.",
             "default": true
            },
            "max": {
             "type": "integer",
             "description": "The most redirects that one probe follows; with one more it fails.",
             "default": 10,
             "minimum": 0,
             "maximum": 20
            }
           }
          },
          "connection": {
           "type": "string",
           "description": "Fresh opens a new connection for each probe, so that DNS, connect and TLS are probed too; Reuse keeps one between probes.",
           "default": "Fresh",
           "enum": [
            "Fresh",
            "Reuse"
           ]
          },
          "failureThreshold": {
           "type": "object",
           "description": "A cluster that passed counts as failed once this many of its last results failed. The first result of a check decides at once.",
           "x-kubernetes-validations": [
            {
             "rule": "!has(self.window) || (has(self.failures) ? self.failures : 1) <= self.window",
             "message": "failures must be at most the window: so many failures of the last so many results"
            }
           ],
           "properties": {
            "failures": {
             "type": "integer",
             "description": "So many failed results.",
             "default": 1,
             "minimum": 1,
             "maximum": 20
            },
            "window": {
             "type": "integer",
             "description": "Of so many last results. When absent, as many as failures, that is, in a row.",
             "minimum": 1,
             "maximum": 20
            }
           }
          },
          "successThreshold": {
           "type": "integer",
           "description": "A cluster that failed counts as passed again once this many results in a row succeeded.",
           "default": 1,
           "minimum": 1,
           "maximum": 20
          },
          "suspend": {
           "type": "boolean",
           "description": "Stop probing. Status and counts stay as they are.",
           "default": false
          }
         }
        },
        "status": {
         "type": "object",
         "properties": {
          "status": {
           "type": "string",
           "enum": [
            "Healthy",
            "Degraded",
            "Unhealthy",
            "Unknown"
           ]
          },
          "lastCheck": {
           "type": "string",
           "format": "date-time"
          },
          "lastTransitionTime": {
           "type": "string",
           "format": "date-time"
          },
          "observedGeneration": {
           "type": "integer",
           "format": "int64"
          },
          "observedPlacement": {
           "type": "string",
           "description": "Hash of the placement annotations seen (annotations do not raise metadata.generation)."
          },
          "healthyClusterCount": {
           "type": "integer"
          },
          "totalClusterCount": {
           "type": "integer"
          },
          "healthy": {
           "type": "string",
           "description": "Healthy and total cluster count, such as 2/3."
          },
          "errorMessage": {
           "type": "string"
          },
          "clusterResults": {
           "type": "array",
           "maxItems": 100,
           "x-kubernetes-list-type": "map",
           "x-kubernetes-list-map-keys": [
            "clusterID"
           ],
           "items": {
            "type": "object",
            "required": [
             "clusterID",
             "status"
            ],
            "properties": {
             "clusterID": {
              "type": "string"
             },
             "timestamp": {
              "type": "string",
              "format": "date-time"
             },
             "duration": {
              "type": "string",
              "description": "From the start of DNS to the last body byte, as a Go duration."
             },
             "status": {
              "type": "string",
              "enum": [
               "Success",
               "Failed",
               "Stale",
               "Pending"
              ]
             },
             "statusCode": {
              "type": "integer"
             },
             "errorMessage": {
              "type": "string",
              "maxLength": 512
             }
            }
           }
          },
          "conditions": {
           "type": "array",
           "x-kubernetes-list-type": "map",
           "x-kubernetes-list-map-keys": [
            "type"
           ],
           "items": {
            "type": "object",
            "required": [
             "type",
             "status",
             "lastTransitionTime",
             "reason",
             "message"
            ],
            "properties": {
             "type": {
              "type": "string",
              "maxLength": 316
             },
             "status": {
              "type": "string",
              "enum": [
               "True",
               "False",
               "Unknown"
              ]
             },
             "observedGeneration": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "lastTransitionTime": {
              "type": "string",
              "format": "date-time"
             },
             "reason": {
              "type": "string",
              "minLength": 1,
              "maxLength": 1024
             },
             "message": {
              "type": "string",
              "maxLength": 32768
             }
            }
           }
          }
         }
        }
       }
      }
     }
    }
   ]
  }
 },
 {
  "name": "monitorpolicies.monitoring.example.com",
  "spec": {
   "group": "monitoring.example.com",
   "scope": "Cluster",
   "names": {
    "kind": "MonitorPolicy",
    "listKind": "MonitorPolicyList",
    "plural": "monitorpolicies",
    "singular": "monitorpolicy",
    "shortNames": [
     "monpol"
    ],
    "categories": [
     "monitoring"
    ]
   },
   "versions": [
    {
     "name": "v1",
     "served": true,
     "storage": true,
     "additionalPrinterColumns": [
      {
       "name": "HOSTS",
       "type": "string",
       "jsonPath": ".spec.allow.hosts"
      },
      {
       "name": "MIN INTERVAL",
       "type": "string",
       "jsonPath": ".spec.allow.minInterval"
      },
      {
       "name": "MAX MONITORS",
       "type": "integer",
       "jsonPath": ".spec.allow.maxMonitors"
      },
      {
       "name": "AGE",
       "type": "date",
       "jsonPath": ".metadata.creationTimestamp"
      },
      {
       "name": "PORTS",
       "type": "string",
       "priority": 1,
       "jsonPath": ".spec.allow.ports"
      },
      {
       "name": "METHODS",
       "type": "string",
       "priority": 1,
       "jsonPath": ".spec.allow.methods"
      }
     ],
     "schema": {
      "openAPIV3Schema": {
       "type": "object",
       "description": "MonitorPolicy says what the HTTPMonitors of some namespaces may do. A monitor must satisfy every policy that selects its namespace.",
       "required": [
        "spec"
       ],
       "properties": {
        "apiVersion": {
         "type": "string"
        },
        "kind": {
         "type": "string"
        },
        "metadata": {
         "type": "object"
        },
        "spec": {
         "type": "object",
         "required": [
          "allow"
         ],
         "properties": {
          "namespaceSelector": {
           "type": "object",
           "description": "Namespaces whose monitors it binds, by their labels. Absent or empty means all.",
           "x-kubernetes-map-type": "atomic",
           "properties": {
            "matchLabels": {
             "type": "object",
             "maxProperties": 32,
             "x-kubernetes-validations": [
              {
               "rule": "self.all(key, key.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",
               "message": "matchLabels must have label keys, such as tenant or example.com/tenant"
              }
             ],
             "additionalProperties": {
              "type": "string",
              "maxLength": 63,
              "pattern": "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
             }
            },
            "matchExpressions": {
             "type": "array",
             "maxItems": 32,
             "items": {
              "type": "object",
              "required": [
               "key",
               "operator"
              ],
              "x-kubernetes-validations": [
               {
                "rule": "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
                "message": "values must be given for the operators In and NotIn, and for no other"
               }
              ],
              "properties": {
               "key": {
                "type": "string",
                "maxLength": 317,
                "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
               },
               "operator": {
                "type": "string",
                "enum": [
                 "In",
                 "NotIn",
                 "Exists",
                 "DoesNotExist"
                ]
               },
               "values": {
                "type": "array",
                "maxItems": 64,
                "items": {
                 "type": "string",
                 "maxLength": 63,
                 "pattern": "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
                }
               }
              }
             }
            }
           }
          },
          "allow": {
           "type": "object",
           "description": "What the monitors may do. What is absent is not restricted by this policy; an empty list lets nothing through.",
           "minProperties": 1,
           "properties": {
            "hosts": {
             "type": "array",
             "description": "Hosts of the URL and of a Host header, in lower case. *.example.com stands for every name below example.com, not for itself.",
             "maxItems": 256,
             "items": {
              "type": "string",
              "maxLength": 253,
              "pattern": "^((\\*\\.)?[a-z0-9_]([-a-z0-9_.]*[a-z0-9_])?|\\[[0-9a-f:.]+\\])$"
             }
            },
            "ports": {
             "type": "array",
             "description": "Ports of the URL, 80 and 443 where it names none, as numbers (443) and ranges (8000-8999).",
             "maxItems": 64,
             "items": {
              "x-kubernetes-int-or-string": true,
              "anyOf": [
               {
                "type": "integer"
               },
               {
                "type": "string"
               }
              ],
              "maxLength": 16,
              "x-kubernetes-validations": [
               {
                "rule": "string(self).matches('^[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?$')",
                "message": "a port is a number such as 443, or a range such as 8000-8999, from 1 to 65535"
               },
               {
                "rule": "!string(self).matches('^[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?$') || string(self).split('-').all(port, int(port) <= 65535)",
                "message": "a port is at most 65535"
               },
               {
                "rule": "!string(self).matches('^[1-9][0-9]{0,4}-[1-9][0-9]{0,4}$') || int(string(self).split('-')[0]) <= int(string(self).split('-')[1])",
                "message": "a range of ports must begin with its lower end, such as 8000-8999"
               }
              ]
             }
            },
            "methods": {
             "type": "array",
             "x-kubernetes-list-type": "set",
             "description": "Methods of the request.",
             "items": {
              "type": "string",
              "enum": [
               "GET",
               "HEAD",
               "POST",
               "PUT",
               "PATCH",
               "DELETE",
               "OPTIONS"
              ]
             }
            },
            "minInterval": {
             "type": "string",
             "description": "The shortest interval, as a Go duration, 1s to 24h.",
             "maxLength": 32,
             "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$",
             "x-kubernetes-validations": [
              {
               "rule": "duration(self) >= duration('1s') && duration(self) <= duration('24h')",
               "message": "minInterval must be between 1s and 24h"
              }
             ]
            },
            "maxMonitors": {
             "type": "integer",
             "description": "How many monitors a namespace may have. The oldest come first.",
             "minimum": 0,
             "maximum": 1000000
            }
           }
          }
         }
        }
       }
      }
     }
    }
   ]
  }
 }
];

export const HUB_RULES: readonly InstalledRule[] = [
 {
  "scope": "cluster",
  "apiGroups": [
   "monitoring.example.com"
  ],
  "resources": [
   "httpmonitors",
   "clusterregistrations"
  ],
  "verbs": [
   "get",
   "list",
   "watch",
   "update",
   "patch"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   "monitoring.example.com"
  ],
  "resources": [
   "httpmonitors/status",
   "clusterregistrations/status"
  ],
  "verbs": [
   "get",
   "update",
   "patch"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   "monitoring.example.com"
  ],
  "resources": [
   "httpmonitors/finalizers",
   "clusterregistrations/finalizers"
  ],
  "verbs": [
   "update"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   "monitoring.example.com"
  ],
  "resources": [
   "monitorpolicies"
  ],
  "verbs": [
   "get",
   "list",
   "watch"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   ""
  ],
  "resources": [
   "configmaps"
  ],
  "verbs": [
   "get",
   "list",
   "watch",
   "create",
   "update",
   "patch",
   "delete"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   ""
  ],
  "resources": [
   "namespaces"
  ],
  "verbs": [
   "get",
   "list",
   "watch"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   "",
   "events.k8s.io"
  ],
  "resources": [
   "events"
  ],
  "verbs": [
   "create",
   "update",
   "patch"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   "rbac.authorization.k8s.io"
  ],
  "resources": [
   "clusterroles",
   "clusterrolebindings"
  ],
  "verbs": [
   "list",
   "watch"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   "authentication.k8s.io"
  ],
  "resources": [
   "tokenreviews"
  ],
  "verbs": [
   "create"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   "authorization.k8s.io"
  ],
  "resources": [
   "subjectaccessreviews"
  ],
  "verbs": [
   "create"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   "admissionregistration.k8s.io"
  ],
  "resources": [
   "mutatingwebhookconfigurations",
   "validatingwebhookconfigurations"
  ],
  "verbs": [
   "create"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   "admissionregistration.k8s.io"
  ],
  "resources": [
   "mutatingwebhookconfigurations",
   "validatingwebhookconfigurations"
  ],
  "resourceNames": [
   "sightline"
  ],
  "verbs": [
   "get",
   "update",
   "patch",
   "delete"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   ""
  ],
  "resources": [
   "secrets"
  ],
  "verbs": [
   "list"
  ]
 },
 {
  "scope": "cluster",
  "apiGroups": [
   ""
  ],
  "resources": [
   "secrets"
  ],
  "verbs": [
   "get"
  ]
 },
 {
  "scope": "namespace",
  "apiGroups": [
   "coordination.k8s.io"
  ],
  "resources": [
   "leases"
  ],
  "verbs": [
   "get",
   "list",
   "watch",
   "create",
   "update",
   "patch",
   "delete"
  ]
 },
 {
  "scope": "namespace",
  "apiGroups": [
   ""
  ],
  "resources": [
   "secrets"
  ],
  "verbs": [
   "create"
  ]
 },
 {
  "scope": "namespace",
  "apiGroups": [
   ""
  ],
  "resources": [
   "secrets"
  ],
  "resourceNames": [
   "sightline-webhook"
  ],
  "verbs": [
   "get",
   "update",
   "patch"
  ]
 }
];
