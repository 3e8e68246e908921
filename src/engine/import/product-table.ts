import type { Readable } from 'node:stream';
import { readCsvRows } from './csv-rows.ts';
import { ImportErrors } from './import-errors.ts';
import { NAME_LENGTH_MAX, SERVICE_PLANS_MAX, type Product, type ServicePlan } from '../product/product.ts';

// Microsoft's public table of products and service plans (FACTS.md, "Products and plans"): a row
// for each plan of each product. It is written by hand, so every cell may be untidy; only the
// GUIDs tell things apart.

const SKU_ID = 'GUID';
const PLAN_ID = 'Service_Plan_Id';
const PRODUCT_NAME = 'Product_Display_Name';
const PART_NUMBER = 'String_Id';
const PLAN_NAME = 'Service_Plan_Name';
const FRIENDLY_NAME = 'Service_Plans_Included_Friendly_Names';
const COLUMNS = [PRODUCT_NAME, PART_NUMBER, SKU_ID, PLAN_NAME, PLAN_ID, FRIENDLY_NAME] as const;

/** Microsoft's own has 5,990 rows. */
const ROWS_MAX = 100_000;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** White space of any kind, no-break spaces and what has no width among it. */
const SPACES = /[\s\u200b\u2060]+/g;

/** What the table says of a product. Of its rules it says nothing. */
export interface ListedProduct extends Pick<Product, 'skuId' | 'skuPartNumber' | 'displayName'> {
  readonly servicePlans: readonly ListedPlan[];
}

export type ListedPlan = Pick<ServicePlan, 'servicePlanId' | 'servicePlanName' | 'friendlyName'>;

/**
 * Reads the whole table, in the order of the file. Where rows of one product or of one pair
 * disagree about a name, the first says it: any edition gives the same products each time.
 * @throws ImportRejected naming the lines
 */
export async function readProductTable(csv: Readable): Promise<ListedProduct[]> {
  const errors = new ImportErrors();
  const products = new Map<string, ListedProduct & { readonly plans: Map<string, ListedPlan> }>();
  let rows = 0;
  for await (const { line, cells } of readCsvRows(csv, { required: COLUMNS, optional: [] }, errors)) {
    rows += 1;
    if (rows > ROWS_MAX) throw errors.rejected(line, `There are more than ${ROWS_MAX} rows.`);
    const row = tidy(cells);
    for (const column of COLUMNS) {
      const reason = faultOf(column, row[column]);
      if (reason) errors.add(line, column, reason);
    }
    const product = products.getOrInsertComputed(row[SKU_ID], (skuId) => ({
      skuId,
      skuPartNumber: row[PART_NUMBER],
      displayName: row[PRODUCT_NAME],
      servicePlans: [],
      plans: new Map(),
    }));
    product.plans.getOrInsertComputed(row[PLAN_ID], (servicePlanId) => ({
      servicePlanId,
      servicePlanName: row[PLAN_NAME],
      friendlyName: row[FRIENDLY_NAME],
    }));
    if (product.plans.size === SERVICE_PLANS_MAX + 1) {
      errors.add(line, PLAN_ID, `Product ${row[SKU_ID]} has more than ${SERVICE_PLANS_MAX} service plans.`);
    }
    if (errors.isFull) break;
  }
  errors.rejectIfAny();
  return [...products.values()].map(({ plans, ...product }) => ({ ...product, servicePlans: [...plans.values()] }));
}

type Column = (typeof COLUMNS)[number];

function tidy(cells: Readonly<Record<Column, string>>): Record<Column, string> {
  const row = Object.fromEntries(
    COLUMNS.map((column) => [column, cells[column].replaceAll(SPACES, ' ').trim()]),
  ) as Record<Column, string>;
  row[SKU_ID] = row[SKU_ID].toLowerCase();
  row[PLAN_ID] = row[PLAN_ID].toLowerCase();
  return row;
}

function faultOf(column: Column, cell: string): string | undefined {
  if (cell === '') return 'The cell is empty.';
  if (column === SKU_ID || column === PLAN_ID) return GUID.test(cell) ? undefined : 'This is not a GUID.';
  return cell.length <= NAME_LENGTH_MAX ? undefined : `The text is longer than ${NAME_LENGTH_MAX} characters.`;
}
