import { makeStyles, MessageBar, MessageBarBody, Text, tokens } from '@fluentui/react-components';
import { Fragment, type ReactNode } from 'react';
import { CopyField } from '../../ui/copy-field.tsx';
import { AUTH0_ACTION } from './auth0-action.ts';
import type { Hook } from './hook-data.ts';

const useStyles = makeStyles({
  steps: { display: 'grid', gap: tokens.spacingVerticalL, margin: 0, paddingInlineStart: tokens.spacingHorizontalXL },
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  step: { display: 'grid', gap: tokens.spacingVerticalS },
});

interface Properties {
  readonly hook: Hook;
  /** Just made; it is shown this once. */
  readonly secret: string | undefined;
}

/** What to put where at the identity provider, in steps. */
export function HookSteps({ hook, secret }: Properties) {
  const styles = useStyles();
  return (
    <div className={styles.body}>
      {secret !== undefined && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            The secret is shown this once. Put it where step {SECRET_STEP[hook.kind]} says before you close this pane.
          </MessageBarBody>
        </MessageBar>
      )}
      <ol className={styles.steps}>
        {stepsOf(hook, secret).map((step, index) => (
          <li key={index}>
            <div className={styles.step}>
              {step.map((part, at) => (
                <Fragment key={at}>{typeof part === 'string' ? <Text>{part}</Text> : part}</Fragment>
              ))}
            </div>
          </li>
        ))}
      </ol>
      <Text>{OUTCOME[hook.kind]}</Text>
    </div>
  );
}

const SECRET_STEP = { entra: 0, okta: 2, auth0: 2, keycloak: 3 } as const;

function stepsOf(hook: Hook, secret: string | undefined): readonly (readonly ReactNode[])[] {
  const address = <CopyField label="Address" value={hook.address} rows={2} />;
  const key =
    secret === undefined ? (
      `The secret that begins with ${hook.secretHint ?? ''}…, which was shown when it was made. If it is lost, make a new one under Settings.`
    ) : (
      <CopyField label="Secret" value={secret} />
    );
  switch (hook.kind) {
    case 'entra':
      return [
        [
          'In the Entra admin center: Enterprise applications > Custom authentication extensions > Create a custom extension, of the type TokenIssuanceStart. Its target URL:',
          address,
        ],
        [
          'API Authentication > Create new app registration. Its Application (client) ID is the Audience of this hook: check it under Settings. Then Grant permission.',
        ],
        ['Claims: add these two.', <CopyField label="Claims" value={'licenses\nservice_plans'} rows={2} />],
        [
          'For each app: Enterprise applications > the app > Single sign-on > Attributes & Claims > Advanced settings > Custom claims provider: choose the extension, and add a claim for each of the two.',
        ],
        [
          'In the app’s registration, set acceptMappedClaims to true in the manifest, or give the app a signing key of its own.',
        ],
      ];
    case 'okta':
      return [
        ['In Okta: Workflow > Inline Hooks > Add Inline Hook > Token. Its URL:', address],
        ['Authentication field: Authorization. Authentication secret:', key],
        [
          'Security > API > Authorization Servers > yours > Access Policies: in the rule that the apps use, choose the hook at Use this inline hook.',
        ],
        ['Under Apps here, say which of Okta’s client ids is which app.'],
      ];
    case 'auth0':
      return [
        [
          'In Auth0: Actions > Library > Create Action > Build from scratch, with the trigger Login / Post Login. Add the secret AUTOCLAIM_URL:',
          address,
        ],
        ['Add the secret AUTOCLAIM_SECRET:', key],
        ['Paste this, and Deploy:', <CopyField label="Action" value={AUTH0_ACTION} rows={10} />],
        ['Actions > Triggers > post-login: put the action into the flow.'],
        ['Under Apps here, say which of Auth0’s client ids is which app.'],
      ];
    case 'keycloak':
      return [
        ['Put p2-inc/keycloak-events into Keycloak’s providers folder, and start Keycloak anew.'],
        ['Realm settings > Events > Event listeners: add ext-event-http.'],
        [
          'Give the realm the attribute _providerConfig.ext-event-http.0 with this value:',
          <CopyField
            label="Value"
            rows={5}
            value={JSON.stringify({
              targetUri: hook.address,
              sharedSecret: secret ?? `<the secret that begins with ${hook.secretHint ?? ''}>`,
              hmacAlgorithm: 'HmacSHA256',
              retry: true,
            })}
          />,
          ...(secret === undefined ? [key] : []),
        ],
        ['Under Apps here, say which of Keycloak’s client ids is which app.'],
      ];
  }
}

const OUTCOME = {
  entra:
    'From then on tokens have the claims licenses and service_plans. Before you delete this hook, take the custom claims provider off the apps: people can’t sign in while Entra ID calls what isn’t there.',
  okta: 'From then on ID tokens and access tokens have the claims licenses and service_plans.',
  auth0: 'From then on tokens have the claims https://autoclaim/licenses and https://autoclaim/service_plans.',
  keycloak:
    'From then on each sign-in claims a license where one is due. Keycloak’s tokens get no claims: it tells of a sign-in afterwards.',
} as const;
