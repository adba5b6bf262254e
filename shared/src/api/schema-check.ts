import type { ErrorObject } from "ajv/dist/2020.js";

/** A stand-alone ajv validator: narrows on success, leaves its errors on itself otherwise. */
export interface SchemaCheck<T> {
  (value: unknown): value is T;
  errors?: ErrorObject[] | null;
}
