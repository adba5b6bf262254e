import { createHmac } from "node:crypto";
import { canonicalJson } from "@sightline/shared";
import type { SealingKey } from "@sightline/shared/identity";
import { openedSecret, type SealedHeader, type SecretHeader, secretText } from "@sightline/shared/wire";

/** What a hub seals by. */
export interface SecretKeys {
  sealing: SealingKey;
  /** 32 bytes. */
  hmac: Uint8Array;
}

/** Where a value is used. */
export type Place = Omit<SecretHeader, "value">;

/** A header to seal: for whom, and what is stored in its place. */
export interface ToSeal {
  place: Place;
  /** Public key of the cluster's agent. */
  recipient: string;
  /** Hash of the source that the monitor names. */
  origin: string;
  stored: SealedHeader | undefined;
}

/** Keeps what was sealed under one key apart from what another one was sealed under: their bytes may be equal for nobody. */
const DOMAIN = "sightline secret v1";

/**
 * Seals header values to agents. Sealing twice gives two texts, and each new text is a write to every agent: what is
 * stored is kept while it holds the wanted value. It is believed only when this hub made it, or could open it.
 */
export class SecretSealer {
  readonly #keys: SecretKeys;
  /** By monitor UID, then by cluster and header: what this hub sealed, or has opened. */
  readonly #trusted = new Map<string, Map<string, SealedHeader & { recipient: string }>>();

  constructor(keys: SecretKeys) {
    this.#keys = keys;
  }

  /** The value, sealed: the stored text where it holds this very value. */
  seal(wanted: ToSeal, value: string): SealedHeader {
    const { place, recipient, origin } = wanted;
    const secretVersion = this.#version(place, recipient, value);
    const trusted = this.#trustedIn(place);
    if (trusted?.secretVersion === secretVersion) return this.#trust(wanted, { ...headerOf(trusted), origin });
    if (wanted.stored?.secretVersion === secretVersion && this.#open(wanted, wanted.stored) === value) return this.#trust(wanted, { ...wanted.stored, origin });
    const sealed = Buffer.from(this.#keys.sealing.seal(secretText({ ...place, value }), recipient)).toString("base64");
    return this.#trust(wanted, { name: place.name, sealed, secretVersion, origin });
  }

  /** What was sealed before to this recipient from the same source, whatever it is; undefined where there is nothing of that kind. */
  keep(wanted: ToSeal): SealedHeader | undefined {
    const { place, recipient, origin, stored } = wanted;
    const trusted = this.#trustedIn(place);
    if (trusted?.origin === origin && trusted.recipient === recipient) return headerOf(trusted);
    if (stored?.origin !== origin) return undefined;
    const value = this.#open(wanted, stored);
    return value !== undefined && stored.secretVersion === this.#version(place, recipient, value) ? this.#trust(wanted, stored) : undefined;
  }

  forget(uid: string): void {
    this.#trusted.delete(uid);
  }

  /** x25519 gives both sides one key, so the sender can open what it sealed. */
  #open({ place, recipient }: ToSeal, { sealed }: SealedHeader): string | undefined {
    const opened = this.#keys.sealing.open(Buffer.from(sealed, "base64"), recipient);
    return opened === undefined ? undefined : openedSecret(opened, place);
  }

  /** Says whether two values are the same to whoever lacks the key, and nothing else. */
  #version({ cluster, uid, name }: Place, recipient: string, value: string): string {
    return createHmac("sha256", this.#keys.hmac).update(canonicalJson([DOMAIN, recipient, cluster, uid, name, value])).digest("hex");
  }

  #trustedIn({ uid, cluster, name }: Place): (SealedHeader & { recipient: string }) | undefined {
    return this.#trusted.get(uid)?.get(`${cluster} ${name}`);
  }

  #trust({ place: { uid, cluster, name }, recipient }: ToSeal, { sealed, secretVersion, origin }: SealedHeader): SealedHeader {
    const header = { name, sealed, secretVersion, origin };
    const places = this.#trusted.get(uid) ?? new Map<string, SealedHeader & { recipient: string }>();
    this.#trusted.set(uid, places.set(`${cluster} ${name}`, { ...header, recipient }));
    return header;
  }
}

function headerOf({ name, sealed, secretVersion, origin }: SealedHeader): SealedHeader {
  return { name, sealed, secretVersion, origin };
}
