import { messageOf } from "@sightline/shared";
import { compileSchema } from "@sightline/shared/wire";
import { AdmissionError } from "./errors.ts";
import { type AdmissionRequest, REVIEWED_KINDS, type ReviewedKind } from "./types.ts";

/** The part of an AdmissionReview (admission.k8s.io/v1) that is read here. */
interface SentReview {
  request: {
    uid: string;
    kind: { kind: ReviewedKind };
    operation: "CREATE" | "UPDATE";
    namespace?: string;
    name?: string;
    userInfo: { username: string; uid?: string; groups?: string[] | null; extra?: Record<string, string[]> | null };
    object: object;
    oldObject?: object | null;
    dryRun?: boolean | null;
  };
}

const text = { type: "string" } as const;
const texts = { type: "array", items: text } as const;

const USER = {
  type: "object",
  required: ["username"],
  properties: { username: { ...text, minLength: 1 }, uid: text, groups: { ...texts, type: ["array", "null"] }, extra: { type: ["object", "null"], additionalProperties: texts } },
};

const validate = compileSchema<SentReview>({
  type: "object",
  required: ["apiVersion", "kind", "request"],
  properties: {
    apiVersion: { const: "admission.k8s.io/v1" },
    kind: { const: "AdmissionReview" },
    request: {
      type: "object",
      required: ["uid", "kind", "operation", "userInfo", "object"],
      properties: {
        uid: { ...text, minLength: 1, maxLength: 256 },
        kind: { type: "object", required: ["kind"], properties: { kind: { enum: REVIEWED_KINDS } } },
        operation: { enum: ["CREATE", "UPDATE"] },
        namespace: text,
        name: text,
        userInfo: USER,
        object: { type: "object" },
        oldObject: { type: ["object", "null"] },
        dryRun: { type: ["boolean", "null"] },
      },
    },
  },
});

/** What a body asks. @throws AdmissionError INVALID_REVIEW with the place that is wrong; never anything of the body itself. */
export function decodeReview(body: unknown): AdmissionRequest {
  const { uid, kind, operation, namespace = "", name = "", userInfo, object, oldObject, dryRun } = sentReview(body).request;
  const user = { name: userInfo.username, uid: userInfo.uid ?? "", groups: userInfo.groups ?? [], extra: userInfo.extra ?? {} };
  return { uid, kind: kind.kind, operation, namespace, name, user, object, oldObject: oldObject ?? undefined, dryRun: dryRun ?? false };
}

function sentReview(body: unknown): SentReview {
  try {
    return validate(body, "the AdmissionReview");
  } catch (cause) {
    throw new AdmissionError("INVALID_REVIEW", messageOf(cause), { cause });
  }
}
