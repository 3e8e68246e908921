import { makeStyles, MessageBar, MessageBarBody, Text, tokens } from '@fluentui/react-components';
import { CopyField } from '../../ui/copy-field.tsx';
import type { Client } from './client-data.ts';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  steps: { display: 'grid', gap: tokens.spacingVerticalM, margin: 0, paddingInlineStart: tokens.spacingHorizontalXL },
});

interface Properties {
  readonly client: Client;
  /** Just made; it is shown this once. */
  readonly token: string | undefined;
}

const USAGE_LOCATION = 'urn:ietf:params:scim:schemas:extension:autoclaim:2.0:User:usageLocation';

/** What to put where at the identity provider (docs/provisioning.md). */
export function ClientSteps({ client, token }: Properties) {
  const styles = useStyles();
  const { kind, address, isRevoked, tokenHint } = client;
  return (
    <div className={styles.body}>
      {token !== undefined && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            The token is shown this once. Put it into the identity provider before you close this pane.
          </MessageBarBody>
        </MessageBar>
      )}
      <CopyField label="Address" value={address} />
      {token === undefined ? (
        <Text>
          {isRevoked
            ? 'Its token was revoked: the identity provider is told 401. Make a new one below.'
            : `Its token begins with ${tokenHint}…, and was shown when it was made. If it is lost, make a new one below.`}
        </Text>
      ) : (
        <CopyField label="Token" value={token} rows={2} />
      )}
      {STEPS[kind].length > 0 && (
        <ol className={styles.steps}>
          {STEPS[kind].map((step) => (
            <li key={step}>
              <Text>{step}</Text>
            </li>
          ))}
        </ol>
      )}
      {kind === 'entra' && <CopyField label="Target attribute" value={USAGE_LOCATION} rows={2} />}
      {kind === 'other' && (
        <Text>
          Any client of SCIM 2.0: it calls the address with the token as a bearer token. User names have the form
          name@domain.
        </Text>
      )}
    </div>
  );
}

const STEPS: Readonly<Record<Client['kind'], readonly string[]>> = {
  entra: [
    'In the Entra admin center: Enterprise applications > New application > Create your own application, not in the gallery. Then Provisioning > New configuration.',
    'Tenant URL: the address. Secret token: the token. Test connection, then Create.',
    'Attribute mapping: userName is the user principal name. Where licenses need a usage location, add the target attribute below, and map usageLocation to it.',
    'Users and groups: assign whom to keep here. Then Start provisioning.',
  ],
  okta: [
    'In Okta: Applications > Create App Integration. General > App Settings > Provisioning: SCIM.',
    'Provisioning > Integration: SCIM connector base URL: the address. Unique identifier field: userName. Actions: push new users, push profile updates, push groups. Authentication mode: HTTP Header, with the token.',
    'Provisioning > To App: create users, update user attributes, deactivate users. Push Groups: choose the groups.',
  ],
  other: [],
};
