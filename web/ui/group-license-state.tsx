import { StatusBadge } from './status-badge.tsx';

export type GroupLicenseState = 'allAssigned' | 'inProgress' | 'errors';

/** How far it has come that all members of a group have what it gives them. */
export function GroupLicenseBadge({ state }: { state: GroupLicenseState }) {
  if (state === 'inProgress') return <StatusBadge tone="info">In progress</StatusBadge>;
  if (state === 'errors') return <StatusBadge tone="warning">Errors & issues</StatusBadge>;
  return <StatusBadge tone="good">All licenses assigned</StatusBadge>;
}

/** A group as its list tells of it. */
export interface LicensingGroup {
  readonly hasMembersWithLicenseErrors: boolean;
  readonly licenseProcessingState: { readonly state: string };
}

export function stateOf({ hasMembersWithLicenseErrors, licenseProcessingState }: LicensingGroup): GroupLicenseState {
  if (licenseProcessingState.state !== 'ProcessingComplete') return 'inProgress';
  return hasMembersWithLicenseErrors ? 'errors' : 'allAssigned';
}

const FAULTS: Readonly<Record<string, string>> = {
  CountViolation: 'Not enough licenses',
  MutuallyExclusiveViolation: 'Service plans that exclude each other',
  DependencyViolation: 'A service plan that is needed is missing',
  ProhibitedInUsageLocationViolation: 'Not for their usage location',
  Other: 'Another product of the group failed',
};

export const FAULT_KINDS = Object.keys(FAULTS);

/** Why a member hasn't what a group gives, in words. */
export function faultText(error: string): string {
  return FAULTS[error] ?? 'It can’t be assigned';
}
