// Preloaded by a test (`--import`): the clock of this process is ahead of the machine's by FILROR_TEST_SKEW_MS.
const skew = Number(process.env['FILROR_TEST_SKEW_MS'] ?? 0);
const RealDate = Date;

class SkewedDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    if (given.length === 0) super(RealDate.now() + skew);
    else super(...(given as [number]));
  }

  static override now(): number {
    return RealDate.now() + skew;
  }
}

globalThis.Date = SkewedDate as DateConstructor;

export {};
