export interface GateResult {
  readonly code: string;
  readonly level: 'B' | 'A' | 'I';
  readonly ok: boolean;
  readonly expected: string;
  readonly found: string;
  readonly message: string;
}
