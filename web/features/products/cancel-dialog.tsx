import { useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { formatDateTime } from '../../ui/date-time.tsx';
import { useNotify } from '../../ui/notifications.tsx';
import { count } from '../../ui/number.ts';
import { endingLicenses, type OwnedProduct, type Subscription } from './product-data.ts';

/** How long licenses of a cancelled subscription stay assigned (PRODUCT.md, "Releasing"). */
const KEPT_MS = 90 * 24 * 3_600_000;

interface Properties {
  readonly open: boolean;
  readonly product: OwnedProduct;
  readonly subscription: Subscription;
  readonly onClose: () => void;
}

/** Cancels a subscription: nothing can be given from it any more. One that is disabled is deleted at once. */
export function CancelDialog({ open, product, subscription, onClose }: Properties) {
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const isDeleting = subscription.status === 'Suspended';
  const ending = endingLicenses(product, subscription);
  const confirm = async () => {
    const body = { status: isDeleting ? 'Deleted' : 'Suspended' };
    await api.send('PATCH', `/v1.0/directory/subscriptions/${subscription.id}`, { body });
    for (const noun of ['pools', 'users']) void client.invalidateQueries({ queryKey: [noun] });
    notify.success(isDeleting ? 'Subscription deleted' : 'Subscription cancelled', product.displayName);
    onClose();
  };
  const what = `${count(subscription.totalLicenses, 'license')} of ${product.displayName}`;
  const until = formatDateTime(new Date(Date.now() + KEPT_MS).toISOString(), 'date');
  return (
    <ConfirmDialog
      open={open}
      title={isDeleting ? `Delete the subscription of ${what}?` : `Cancel the subscription of ${what}?`}
      confirmLabel={isDeleting ? 'Delete subscription' : 'Cancel subscription'}
      cancelLabel="Keep it"
      typeName={isDeleting && ending > 0 ? product.displayName : undefined}
      onConfirm={confirm}
      onClose={onClose}
    >
      {isDeleting
        ? ending > 0
          ? `${count(ending, 'person loses', 'people lose')} their license at once, those who got it last first. This can’t be undone.`
          : 'Nobody loses a license: the other subscriptions cover all that are assigned. This can’t be undone.'
        : ending > 0
          ? `Nobody can be given a license from it any more. Who has one keeps it until ${until}; then ${count(ending, 'license ends', 'licenses end')} unless you renew before.`
          : 'Nobody can be given a license from it any more. The other subscriptions cover all licenses that are assigned: nobody loses one.'}
    </ConfirmDialog>
  );
}
