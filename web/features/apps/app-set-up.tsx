import {
  makeStyles,
  MessageBar,
  MessageBarBody,
  Skeleton,
  SkeletonItem,
  Text,
  tokens,
} from '@fluentui/react-components';
import { CopyField } from '../../ui/copy-field.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { kindOf, useIssuer, type App } from './app-data.ts';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

/** What to put into the app, so that people sign in to it by OpenID Connect. */
export function AppSetUp({ app, secret }: { readonly app: App; readonly secret: string | undefined }) {
  const styles = useStyles();
  const { data: issuer, error } = useIssuer();
  const kind = kindOf(app);
  if (error) return <ErrorState error={error} />;
  if (issuer === undefined) {
    return (
      <Skeleton aria-label="Loading">
        <SkeletonItem size={96} />
      </Skeleton>
    );
  }
  return (
    <div className={styles.body}>
      {secret !== undefined && (
        <>
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>
              The client secret is shown this once. Put it into the app before you close this pane.
            </MessageBarBody>
          </MessageBar>
          <CopyField label="Client secret" value={secret} />
        </>
      )}
      <CopyField label="Client ID" value={app.appId} />
      {kind === 'none' ? (
        <Text>
          People don’t sign in to this app by OpenID Connect: it has no redirect URI. A reverse proxy may ask for it
          (Forward auth), a hook may tell of sign-ins, or the app itself by the API. Give it a redirect URI under
          Settings, and people can sign in through Autoclaim.
        </Text>
      ) : (
        <>
          <CopyField
            label="Issuer"
            value={issuer}
            hint="All that a library of OpenID Connect asks for; it finds the rest by discovery."
          />
          <CopyField label="Discovery document" rows={2} value={`${issuer}/.well-known/openid-configuration`} />
          <CopyField
            label="Scopes"
            value="openid profile email offline_access"
            hint="offline_access gives a refresh token: each use of it decides the license again."
          />
          <Text>
            {kind === 'web'
              ? 'The app uses the authorization code flow, and proves itself by its secret.'
              : 'The app uses the authorization code flow with PKCE (S256), and has no secret.'}{' '}
            The ID token and userinfo hold <code>licenses</code> (skuPartNumber, skuId) and <code>service_plans</code>:
            what licenses the person for this app.
          </Text>
        </>
      )}
    </div>
  );
}
