/** A credentials file's text, of a user that no server knows. */
export function credsLike(seed: string, jwt = "e30.e30.c2ln"): string {
  return `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
}
