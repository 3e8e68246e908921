import { Type, type Static } from 'typebox';
import { Collection, DateTime, Guid, Nullable, Strict } from './primitives.ts';
import { PERMISSIONS } from './permission.ts';

const DisplayName = Type.String({
  pattern: '\\S',
  minLength: 1,
  maxLength: 256,
  description: 'a text of 1 to 256 characters that is not blank',
});
const KeyName = Nullable(Type.String({ maxLength: 256 }));
const Permissions = Type.Array(Type.Enum([...PERMISSIONS]), { maxItems: 100 });
const RequiredServicePlanIds = Type.Array(Guid, {
  maxItems: 100,
  description: 'the app opens for whoever holds any one of these service plans',
});
const OnRefusal = Type.Enum(['block', 'continue'], {
  description: 'what happens to a person who is refused a license',
});

const REDIRECT_URIS_MAX = 100;
const RedirectUris = Type.Object(
  {
    redirectUris: Type.Array(Type.String({ minLength: 1, maxLength: 2_048 }), {
      maxItems: REDIRECT_URIS_MAX,
      description: 'where sign-ins may go back to, to the letter; the whole list',
    }),
  },
  Strict,
);

/** A secret of an app, as Graph's passwordCredential; its text is answered by addPassword, once. */
export const PasswordCredential = Type.Object({
  '@odata.context': Type.Optional(Type.String()),
  customKeyIdentifier: Type.Null(),
  displayName: KeyName,
  endDateTime: DateTime,
  hint: Type.String(),
  keyId: Guid,
  secretText: Nullable(Type.String()),
  startDateTime: DateTime,
});

/** A certificate of an app, as Graph's keyCredential. */
export const KeyCredential = Type.Object({
  customKeyIdentifier: Type.String({ description: 'the SHA-1 thumbprint, hexadecimal' }),
  displayName: KeyName,
  endDateTime: DateTime,
  key: Type.Null(),
  keyId: Guid,
  startDateTime: DateTime,
  type: Type.Literal('AsymmetricX509Cert'),
  usage: Type.Literal('Verify'),
});

/**
 * An app, as Graph's application; requiredServicePlanIds, permissions and onRefusal are ours. People
 * sign in to it by OpenID Connect where it has redirect URIs: of a web app, which proves itself by a
 * secret or a certificate; or of a page (spa) or an installed program (publicClient), which can keep no
 * secret and have PKCE alone.
 */
export const Application = Type.Object({
  '@odata.context': Type.Optional(Type.String()),
  id: Guid,
  appId: Guid,
  displayName: Type.String(),
  createdDateTime: DateTime,
  keyCredentials: Type.Array(KeyCredential),
  passwordCredentials: Type.Array(PasswordCredential),
  requiredServicePlanIds: Type.Array(Guid),
  permissions: Permissions,
  onRefusal: OnRefusal,
  web: RedirectUris,
  spa: RedirectUris,
  publicClient: RedirectUris,
});
export type Application = Static<typeof Application>;
export const ApplicationPage = Collection(Application);

const NewKeyCredential = Type.Object(
  {
    type: Type.Literal('AsymmetricX509Cert'),
    usage: Type.Literal('Verify'),
    key: Type.Optional(
      Nullable(
        Type.String({
          maxLength: 20_000,
          description: 'an X.509 certificate in base64; without it, keyId names one to keep',
        }),
      ),
    ),
    keyId: Type.Optional(Guid),
    displayName: Type.Optional(KeyName),
    startDateTime: Type.Optional(DateTime),
    endDateTime: Type.Optional(DateTime),
    customKeyIdentifier: Type.Optional(
      Nullable(Type.String({ maxLength: 100, description: 'read-only: follows from the key' })),
    ),
  },
  Strict,
);
const KeyCredentials = Type.Array(NewKeyCredential, {
  maxItems: 20,
  description: 'the whole list: what is left out is removed',
});

export const NewApplication = Type.Object(
  {
    displayName: DisplayName,
    keyCredentials: Type.Optional(KeyCredentials),
    requiredServicePlanIds: Type.Optional(RequiredServicePlanIds),
    permissions: Type.Optional(Permissions),
    onRefusal: Type.Optional(OnRefusal),
    web: Type.Optional(RedirectUris),
    spa: Type.Optional(RedirectUris),
    publicClient: Type.Optional(RedirectUris),
  },
  Strict,
);

export const ApplicationPatch = Type.Partial(NewApplication, Strict);
export type ApplicationPatch = Static<typeof ApplicationPatch>;

export const AddPassword = Type.Object(
  {
    passwordCredential: Type.Optional(
      Type.Object(
        {
          displayName: Type.Optional(KeyName),
          startDateTime: Type.Optional(DateTime),
          endDateTime: Type.Optional(DateTime),
        },
        Strict,
      ),
    ),
  },
  Strict,
);

export const RemovePassword = Type.Object({ keyId: Guid }, Strict);

export const ApplicationPath = Type.Object({ id: Guid });
