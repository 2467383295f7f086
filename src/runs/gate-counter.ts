import type { RowOutcome, RowFault } from '../domain/rows.js';
import type { GateResult } from '../sources/gates.js';
export class GateCounter {
  read = 0;
  kept = 0;
  aside = 0;
  constructor(..._: unknown[]) {}
  count(o: RowOutcome<unknown>): void {
    this.read++;
    if (o.kind === 'row') this.kept++;
    else this.aside++;
  }
  judge(): GateResult[] {
    return [];
  }
  counts(flags: readonly RowFault[]): Record<string, unknown> {
    return { kept: this.kept, flags };
  }
}
