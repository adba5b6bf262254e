export { headSigner, headsSignedBy } from "./head-signature.ts";
export { encodeJoinToken, type JoinToken, parseJoinToken } from "./join-token.ts";
export { type JwtClaims, readClaims, verifiedClaims } from "./jwt.ts";
export { isMessageSignedBy, SIGNATURE_HEADER, signMessage } from "./message-signature.ts";
export { newSealingKey, type SealingKey, sealingKeyOf } from "./sealing.ts";
export { isSignedBy, newSigningKey, type SigningKey, signingKeyOf } from "./signing.ts";
