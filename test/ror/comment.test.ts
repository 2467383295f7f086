import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findBlocks,
  findCentreIds,
  formatBlock,
  joinComment,
  parseBlock,
  putBlock,
  removeBlock,
  splitComment,
} from '../../src/ror/comment.js';
import { ID_A, ID_B } from './essai.js';
import { comment } from './resources.js';

const BLOCK = {
  id: ID_A,
  filiere: 'FIMARAD',
  network: 'TOXIBUL',
  label: 'CCMR',
  campaign: '2023',
  title: null,
};
const TEXT = `[Maladies rares | filière=FIMARAD | réseau=TOXIBUL | label=CCMR | campagne=2023 | id=${ID_A}]`;

describe('our block in a comment', () => {
  it('is written as agreed and read back', () => {
    expect(formatBlock(BLOCK)).toBe(TEXT);
    expect(parseBlock(TEXT)).toEqual(BLOCK);
  });

  it('leaves out what is unknown', () => {
    expect(formatBlock({ ...BLOCK, network: null, campaign: '' })).toBe(
      `[Maladies rares | filière=FIMARAD | label=CCMR | id=${ID_A}]`,
    );
  });

  it('writes brackets and bars of a value as parentheses and slashes, on one line', () => {
    const hostile = { ...BLOCK, network: 'A|B [C]\n] id=cmr_bbbbbbbbbbbbbbbb', title: '=x=' };
    const text = formatBlock(hostile);
    expect(text).toBe(
      `[Maladies rares | filière=FIMARAD | réseau=A/B (C) ) id=cmr_bbbbbbbbbbbbbbbb | label=CCMR | campagne=2023 | titre==x= | id=${ID_A}]`,
    );
    expect(parseBlock(text)).toMatchObject({
      id: ID_A,
      network: 'A/B (C) ) id=cmr_bbbbbbbbbbbbbbbb',
      title: '=x=',
    });
  });

  it('comes back from any value, the signs of the block aside', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (network, label) => {
        const read = parseBlock(formatBlock({ ...BLOCK, network, label }));
        expect(read?.id).toBe(ID_A);
        expect(formatBlock(read ?? BLOCK)).toBe(formatBlock({ ...BLOCK, network, label }));
      }),
    );
  });

  it('is recognised as a person retypes it: spaces, case, decomposed accents', () => {
    const typed = `[ maladies rares|Filière = FIMARAD |label=CCMR|id= ${ID_A} ]`.normalize('NFD');
    expect(findBlocks(`Note. ${typed} Fin.`)).toMatchObject([{ id: ID_A }]);
    expect(parseBlock(typed)).toMatchObject({ filiere: 'FIMARAD', label: 'CCMR' });
  });

  it('finds ids anywhere, also outside a block, never inside a longer word', () => {
    expect(findCentreIds(`vu ${ID_B}, ${TEXT} et x${ID_A} ou ${ID_A}z`)).toEqual([ID_B, ID_A]);
  });

  it('leaves the text of others byte for byte: put then removed gives the comment back', () => {
    fc.assert(
      fc.property(
        comment.filter((text) => text !== '' && !splitComment(text).blocks.some(({ id }) => id === ID_A)),
        (text) => {
          const written = putBlock(text, ID_A, TEXT);
          expect(written).toBe(`${text}\n${TEXT}`);
          expect(removeBlock(written, ID_A)).toBe(text);
        },
      ),
    );
  });

  it('replaces a block in its place and leaves the other centre’s alone', () => {
    const other = `[Maladies rares | filière=ORKiD | label=CRC | id=${ID_B}]`;
    const full = `Avant.\n${TEXT}\n${other} après`;
    const newer = TEXT.replace('2023', '2028');
    expect(putBlock(full, ID_A, newer)).toBe(`Avant.\n${newer}\n${other} après`);
    expect(removeBlock(full, ID_A)).toBe(`Avant.\n${other} après`);
    expect(removeBlock(TEXT, ID_A)).toBeNull();
    expect(putBlock(null, ID_A, TEXT)).toBe(TEXT);
  });

  it('splits into text and blocks, and joins again to the same', () => {
    fc.assert(
      fc.property(comment, (text) => {
        const first = splitComment(text);
        const again = splitComment(
          joinComment(
            first.text,
            first.blocks.map((each) => each.text),
          ) ?? '',
        );
        expect(again.blocks.map((each) => each.text).sort()).toEqual(
          first.blocks.map((each) => each.text).sort(),
        );
        if (first.blocks.length > 0) expect(again.text).toBe(first.text === '' ? null : first.text);
      }),
      { numRuns: 500 },
    );
  });

  it('does not let an unfinished bracket of a person swallow it', () => {
    expect(splitComment(`[Maladies rares | brouillon\n${TEXT}`)).toMatchObject({
      text: '[Maladies rares | brouillon',
      blocks: [{ id: ID_A }],
    });
  });
});
