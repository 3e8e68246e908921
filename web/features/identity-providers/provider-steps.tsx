import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { ProviderKind } from '../../../contract/identity-provider.ts';
import { CopyField } from '../../ui/copy-field.tsx';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  steps: { display: 'grid', gap: tokens.spacingVerticalS, margin: 0, paddingInlineStart: tokens.spacingHorizontalXL },
});

/** What to do at the identity provider before it can be added here. */
export function ProviderSteps({ kind, redirectUri }: { kind: ProviderKind; redirectUri: string }) {
  const styles = useStyles();
  return (
    <div className={styles.body}>
      <CopyField label="Redirect URI" value={redirectUri} rows={2} />
      <ol className={styles.steps}>
        {STEPS[kind].map((step) => (
          <li key={step}>
            <Text>{step}</Text>
          </li>
        ))}
      </ol>
    </div>
  );
}

const STEPS: Readonly<Record<ProviderKind, readonly string[]>> = {
  entra: [
    'In the Entra admin center: App registrations > New registration, for accounts in this organizational directory only. Redirect URI: Web, the one above.',
    'Overview: the Application (client) ID is the client ID, the Directory (tenant) ID goes into the issuer.',
    'Certificates & secrets > New client secret: its value is the client secret.',
  ],
  okta: [
    'In Okta: Applications > Create App Integration > OIDC - OpenID Connect > Web Application.',
    'Sign-in redirect URIs: the one above. Under Assignments, say who may use it.',
    'Copy its client ID and client secret.',
  ],
  keycloak: [
    'In your realm: Clients > Create client, OpenID Connect, with Client authentication on and the Standard flow.',
    'Valid redirect URIs: the one above. The client secret is under Credentials.',
    'People need a verified mail address there (Email verified).',
  ],
  google: [
    'In the Google Cloud console: APIs & Services > Credentials > Create credentials > OAuth client ID > Web application.',
    'Authorized redirect URIs: the one above. Copy the client ID and the client secret.',
    'Only addresses of domains that Google hosts are believed.',
  ],
  oidc: [
    'Register a confidential client with the authorization code flow and the redirect URI above.',
    'Its ID token or userinfo must have email, and email_verified true.',
  ],
};
