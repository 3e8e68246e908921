import { Button } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../ui/api.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { useNotify } from '../../../ui/notifications.tsx';
import type { Policy } from '../policy-data.ts';

/** Deletes a policy after its name was typed. */
export function DeletePolicy({ policy, onDeleted }: { policy: Policy; onDeleted: () => void }) {
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button appearance="subtle" onClick={() => setAsking(true)}>
        Delete policy
      </Button>
      <ConfirmDialog
        open={isAsking}
        title={`Delete “${policy.displayName}”?`}
        typeName={policy.displayName}
        confirmLabel="Delete"
        onClose={() => setAsking(false)}
        onConfirm={async () => {
          await api.send('DELETE', `/v1.0/policies/autoClaimPolicies/${policy.id}`, { etag: policy['@odata.etag'] });
          await client.invalidateQueries({ queryKey: ['policies'] });
          notify.success(`“${policy.displayName}” is deleted`);
          onDeleted();
        }}
      >
        Nobody claims a license under it any more. Everybody keeps the licenses that they have claimed, and the claims
        stay in the report. This can’t be undone.
      </ConfirmDialog>
    </>
  );
}
