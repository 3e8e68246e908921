import { useState } from 'react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../../ui/api.ts';
import type { Choice } from '../../../ui/picker.tsx';
import type { Policy, PolicyProduct } from '../policy-data.ts';
import type { Audience } from '../wizard/draft.ts';

/** What the pane's own Save writes. */
export interface PaneDraft {
  readonly isEnabled: boolean;
  readonly displayName: string;
  readonly products: readonly PolicyProduct[];
  readonly audience: Audience;
}

/**
 * The policy as it was read when the pane was opened (its etag finds out whether somebody else has
 * changed it since), and what has been changed here and isn't saved.
 */
export function usePaneState(policy: Policy, groupNames: ReadonlyMap<string, string>) {
  const api = useApi();
  const client = useQueryClient();
  const [base, setBase] = useState(policy);
  const [changes, setChanges] = useState<Partial<PaneDraft>>({});
  const draft: PaneDraft = { ...draftOf(base, groupNames), ...changes };
  const write = useMutation({
    mutationFn: (body: object) =>
      api.send<Policy>('PATCH', `/v1.0/policies/autoClaimPolicies/${base.id}`, { body, etag: base['@odata.etag'] }),
    onSuccess: async (written) => {
      setBase(written);
      await client.invalidateQueries({ queryKey: ['policies'] });
    },
  });
  return {
    base,
    draft,
    isDirty: Object.keys(changes).length > 0,
    change: (part: Partial<PaneDraft>) => setChanges((before) => ({ ...before, ...part })),
    write,
    /** The pane's own Save: everything that the inner panes don't write themselves. */
    async save() {
      await write.mutateAsync(bodyOf(changes));
      setChanges({});
    },
    /** An inner pane's Save: writes the products at once; what else has been changed stays unsaved. */
    async writeProducts(change: (products: readonly PolicyProduct[]) => readonly PolicyProduct[]) {
      await write.mutateAsync({ products: change(base.products) });
      setChanges(({ products, ...others }) => (products ? { ...others, products: change(products) } : others));
    },
    /** Somebody else was faster: begins again from what stands now. */
    async reload() {
      const current = await api.get<Policy>(`/v1.0/policies/autoClaimPolicies/${base.id}`);
      write.reset();
      setChanges({});
      setBase(current);
      await client.invalidateQueries({ queryKey: ['policies'] });
    },
  };
}

export type PaneState = ReturnType<typeof usePaneState>;

function draftOf(policy: Policy, names: ReadonlyMap<string, string>): PaneDraft {
  const choices = (ids: readonly string[]): Choice[] =>
    ids.map((id) => ({ id, name: names.get(id) ?? 'A deleted group' }));
  return {
    isEnabled: policy.isEnabled,
    displayName: policy.displayName,
    products: policy.products,
    audience: {
      isEveryone: policy.includeGroups.length === 0,
      includeGroups: choices(policy.includeGroups),
      excludeGroups: choices(policy.excludeGroups),
      includeGuests: policy.includeGuests,
    },
  };
}

function bodyOf({ audience, displayName, ...rest }: Partial<PaneDraft>) {
  return {
    ...rest,
    ...(displayName !== undefined && { displayName: displayName.trim() }),
    ...(audience && {
      includeGroups: audience.isEveryone ? [] : audience.includeGroups.map(({ id }) => id),
      excludeGroups: audience.excludeGroups.map(({ id }) => id),
      includeGuests: audience.includeGuests,
    }),
  };
}
