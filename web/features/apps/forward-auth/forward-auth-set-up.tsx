import {
  Dropdown,
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Option,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';
import type { ForwardAuth } from '../../../../contract/forward-auth.ts';
import { CopyField } from '../../../ui/copy-field.tsx';
import { configurationOf, PROXIES, type Proxy } from './proxy-configuration.ts';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

interface Properties {
  readonly forwardAuth: ForwardAuth;
  /** Just made; it is shown this once. */
  readonly secret: string | undefined;
}

/** What to put into the proxy. */
export function ForwardAuthSetUp({ forwardAuth, secret }: Properties) {
  const styles = useStyles();
  const [proxy, setProxy] = useState<Proxy>('nginx');
  const { address, appId, origins, trustedAddresses, userHeader, secretHint } = forwardAuth;
  const isTrusted = trustedAddresses.length > 0;
  const trusted = isTrusted
    ? { userHeader, secret: secret ?? `<the secret that begins with ${secretHint}>` }
    : undefined;
  return (
    <div className={styles.body}>
      {isTrusted && secret !== undefined && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            The secret in the configuration is shown this once. Put it into the proxy before you close this pane.
          </MessageBarBody>
        </MessageBar>
      )}
      <Field label="Proxy">
        <Dropdown
          value={PROXIES[proxy]}
          selectedOptions={[proxy]}
          onOptionSelect={(_, { optionValue }) => setProxy(optionValue as Proxy)}
        >
          {Object.entries(PROXIES).map(([value, name]) => (
            <Option key={value} value={value}>
              {name}
            </Option>
          ))}
        </Dropdown>
      </Field>
      <CopyField label="Configuration" rows={14} value={configurationOf(proxy, { address, appId, origins, trusted })} />
      <Text>
        The app learns by the headers X-License-User, X-License-Sku and X-License-Service-Plans who is there, and by
        which license. It must be reached through the proxy alone.
      </Text>
    </div>
  );
}
