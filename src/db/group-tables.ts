import type { Generated } from 'kysely';

// The tables of groups, and of what these give their members; see schema.ts.

export interface GroupsTable {
  tenant_id: string;
  group_id: string;
  display_name: string;
  description: string | null;
  mail_nickname: string;
  is_mail_enabled: Generated<boolean>;
  is_security_enabled: Generated<boolean>;
  group_types: Generated<string[]>;
  visibility: string | null;
  created_at: Date;
}

export interface GroupLicensesTable {
  tenant_id: string;
  group_id: string;
  sku_id: string;
  disabled_plans: Generated<string[]>;
  assigned_at: Date;
}

export interface GroupLicensingQueueTable {
  tenant_id: string;
  user_id: string;
  queued_at: Date;
}

export interface GroupLicenseErrorsTable {
  tenant_id: string;
  user_id: string;
  group_id: string;
  sku_id: string;
  error:
    | 'CountViolation'
    | 'MutuallyExclusiveViolation'
    | 'DependencyViolation'
    | 'ProhibitedInUsageLocationViolation'
    | 'Other';
  detail: string;
  noted_at: Date;
}
