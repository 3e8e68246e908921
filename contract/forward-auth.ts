import { Type, type Static } from 'typebox';
import { Collection, DateTime, Guid, Nullable, Strict } from './primitives.ts';

const Origins = Type.Array(Type.String({ minLength: 1, maxLength: 300 }), {
  maxItems: 50,
  description: 'where the app is, such as https://app.contoso.example: scheme, host and port, no path',
});
const TrustedAddresses = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
  maxItems: 50,
  description: 'addresses or CIDR ranges of proxies that sign people in themselves; empty: no header names a user',
});
const UserHeader = Type.String({ minLength: 1, maxLength: 64, description: 'where such a proxy names the user' });

const written = {
  origins: Type.Optional(Origins),
  trustedAddresses: Type.Optional(TrustedAddresses),
  userHeader: Type.Optional(UserHeader),
};

export const NewForwardAuth = Type.Object({ appId: Guid, ...written }, Strict);
export const ForwardAuthPatch = Type.Object(written, Strict);
export type ForwardAuthPatch = Static<typeof ForwardAuthPatch>;

export const ForwardAuth = Type.Object({
  '@odata.context': Type.Optional(Type.String()),
  id: Guid,
  appId: Guid,
  appDisplayName: Nullable(Type.String()),
  address: Type.String({ description: 'what the proxy asks for each request' }),
  origins: Type.Array(Type.String()),
  trustedAddresses: Type.Array(Type.String()),
  userHeader: Type.String(),
  secretHint: Type.String(),
  createdDateTime: DateTime,
});
export const ForwardAuthPage = Collection(ForwardAuth);
export type ForwardAuth = Static<typeof ForwardAuth>;

/** With it, and from a trusted address, a proxy names the user. It is shown this once. */
export const ForwardAuthSecret = Type.Object({
  '@odata.context': Type.String(),
  id: Guid,
  address: Type.String(),
  secretText: Type.String(),
});
export type ForwardAuthSecret = Static<typeof ForwardAuthSecret>;

export const ForwardAuthPath = Type.Object({ id: Guid });
