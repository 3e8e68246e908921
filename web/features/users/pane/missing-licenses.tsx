import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';
import { AppLink } from '../../../ui/app-link.tsx';
import { faultText } from '../../../ui/group-license-state.tsx';
import { useNotify } from '../../../ui/notifications.tsx';
import { useProductNames } from '../../../ui/product-names.ts';
import { ErrorState } from '../../../ui/states.tsx';
import { useMissingLicenses, useReprocess } from './license-api.ts';

const useStyles = makeStyles({ list: { margin: 0, paddingLeft: tokens.spacingHorizontalL } });

/** What groups were to give a user and could not, why, and trying it again. Nothing where there is none. */
export function MissingLicenses({ userId, mayAssign }: { userId: string; mayAssign: boolean }) {
  const styles = useStyles();
  const notify = useNotify();
  const missing = useMissingLicenses(userId);
  const { data: names } = useProductNames((missing.data ?? []).map(({ skuId }) => skuId));
  const reprocess = useReprocess(userId);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  if (missing.error) return <ErrorState error={missing.error} retry={() => void missing.refetch()} />;
  if (!missing.data?.length) return null;
  const again = async () => {
    if (isBusy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await reprocess();
      notify.success('Their group licenses are reprocessed');
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
    setBusy(false);
  };
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>Groups could not give them all that they should</MessageBarTitle>
          <ul className={styles.list}>
            {missing.data.map(({ skuId, groupId, groupName, error }) => (
              <li key={groupId + skuId}>
                {names?.get(skuId) ?? skuId}, by{' '}
                <AppLink to={`/groups?group=${groupId}&tab=licenses`}>{groupName}</AppLink>: {faultText(error)}.
              </li>
            ))}
          </ul>
        </MessageBarBody>
        {mayAssign && (
          <Button size="small" disabledFocusable={isBusy} onClick={() => void again()}>
            {isBusy ? <Spinner size="tiny" label="Reprocess" /> : 'Reprocess'}
          </Button>
        )}
      </MessageBar>
      {failure && <ErrorState error={failure} />}
    </>
  );
}
