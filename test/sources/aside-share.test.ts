import { expect, it } from 'vitest';
import { SourceError } from '../../src/domain/errors.js';
import { AsideShare } from '../../src/sources/aside-share.js';
import { delivery } from './bytes.js';

const shareOf = (kept: number, aside: number): AsideShare => {
  const share = new AsideShare(delivery(Buffer.alloc(0)));
  for (let at = 0; at < kept; at++) share.add(false);
  for (let at = 0; at < aside; at++) share.add(true);
  return share;
};
const refusal = (work: () => void): unknown => {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
};

it('a file is refused when more than half of many rows are set aside, and not when it has few', () => {
  for (const [kept, aside] of [
    [500, 500],
    [0, 999],
    [50_000, 40_000],
  ] as const)
    expect(refusal(() => shareOf(kept, aside).end())).toBeNull();
  const error = refusal(() => shareOf(499, 501).end());
  expect(error).toBeInstanceOf(SourceError);
  expect(error).toMatchObject({ code: 'SRC_MOSTLY_ASIDE', place: 'essai.csv' });
  expect((error as SourceError).message).toContain('501 éléments sur 1000');
});

it('its reading stops at the row beyond what is held, however many are kept', () => {
  const share = shareOf(1_000_000, 100_000);
  expect(refusal(() => share.add(false))).toBeNull();
  expect(refusal(() => share.add(true))).toMatchObject({ code: 'SRC_MOSTLY_ASIDE' });
});
