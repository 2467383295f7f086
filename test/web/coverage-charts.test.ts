import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { lyingBars } from '../../src/web/charts/bars.js';
import { delayChart } from '../../src/web/charts/delays.js';
import { asFile, inPage, type Chart } from '../../src/web/charts/frame.js';
import { freeBoxes, overlap } from '../../src/web/charts/free-boxes.js';
import { heatChart } from '../../src/web/charts/heat.js';
import { regionMap } from '../../src/web/charts/map.js';
import { STANDING_FILLS, STANDING_WORDS, STANDINGS } from '../../src/web/charts/signs.js';
import { PALETTES } from '../../src/web/charts/style.js';
import { clipped, ticks } from '../../src/web/charts/text.js';
import { weekBars } from '../../src/web/charts/weeks.js';

/** Everything that could leave a name: markup, quotes, an entity, steering characters, half a pair, no character. */
const HOSTILE = `"><script>alert(1)</script>' &amp; onload="x" \u0000\u202E\uD800\uFFFF ${'long '.repeat(400)}`;

const words = { title: `Titre ${HOSTILE}`, desc: HOSTILE };
const series = STANDINGS.map((each) => ({ words: STANDING_WORDS[each], fill: STANDING_FILLS[each] }));
const CHARTS: Readonly<Record<string, Chart>> = {
  heat: heatChart({
    id: 'a',
    ...words,
    columns: [HOSTILE, 'FIMARAD'],
    columnsAre: 'filières',
    rowsAre: 'établissements',
    rows: [{ name: HOSTILE, cells: [{ seen: 2, all: 3 }, null] }],
  }),
  bars: lyingBars({
    id: 'b',
    ...words,
    unit: 'centres',
    series,
    bars: [{ name: HOSTILE, values: [1, 2, 3] }],
  }),
  weeks: weekBars({
    id: 'c',
    ...words,
    unit: 'centres',
    series,
    bars: [{ name: '2026-03-23', values: [1, 0, 3] }],
  }),
  delays: delayChart({
    id: 'd',
    ...words,
    unit: 'jours',
    weeks: [
      { week: '2026-03-23', delay: { median: 1, p90: 4 } },
      { week: '2026-03-30', delay: null },
    ],
  }),
  map: regionMap({
    id: 'e',
    ...words,
    departements: [{ code: '76', seen: 1, all: 2 }],
    sites: [{ number: 1, name: HOSTILE, at: [1.1, 49.44], counts: { seen: 1, asked: 1, hidden: 2 } }],
  }) as Chart,
};

/** Names of all elements and attributes, and all texts, of a document. */
function namesIn(text: string): { readonly elements: Set<string>; readonly attributes: Set<string> } {
  const elements = new Set<string>();
  const attributes = new Set<string>();
  const walk = (nodes: unknown): void => {
    for (const node of nodes as Record<string, unknown>[]) {
      for (const [name, value] of Object.entries(node)) {
        if (name === ':@') for (const key of Object.keys(value as object)) attributes.add(key);
        else if (name !== '#text') {
          elements.add(name);
          walk(value);
        }
      }
    }
  };
  walk(new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '' }).parse(text));
  return { elements, attributes };
}

describe.each(Object.entries(CHARTS))('a chart of names that attack: %s', (_name, chart) => {
  it('is XML, and nothing in it runs, is fetched or bears a style of its own', () => {
    const file = asFile(chart);
    expect(XMLValidator.validate(file)).toBe(true);
    const { elements, attributes } = namesIn(file);
    for (const active of ['script', 'foreignObject', 'image', 'use', 'a', 'animate', 'set'])
      expect(elements).not.toContain(active);
    expect([...attributes].filter((name) => /^(on|style$|href|xlink|src)/.test(name))).toEqual([]);
    // Addresses: the name of the language of drawings, and textures of the drawing itself.
    expect(file.match(/(?:https?:)[^"' )]*/g)).toEqual(['http://www.w3.org/2000/svg']);
    expect(file.match(/url\((?!#)/g)).toBeNull();
  });

  it('has a name and a description that a screen reader finds, of bounded length', () => {
    const text = inPage(chart).text;
    const { id } = chart;
    expect(text).toContain('role="img"');
    expect(text).toContain(`aria-labelledby="${id}-titre ${id}-desc"`);
    expect(text).toContain(`<title id="${id}-titre">Titre &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;`);
    expect(text).toContain(`<desc id="${id}-desc">`);
    expect(text.length).toBeLessThan(20_000);
    expect(text).not.toContain('<style');
  });
});

describe('a text in a chart', () => {
  it.each([
    ['court', 10, 'court'],
    ['exactement', 10, 'exactement'],
    ['un peu trop long', 10, 'un peu tr…'],
    ['sur\ndeux\tlignes', 20, 'sur deux lignes'],
    ['a\uD800b\uFFFEc', 10, 'a\uFFFDb\uFFFDc'],
    ['😀😀😀😀', 3, '😀😀…'],
  ])('%j in %d characters is %j', (text, most, shown) => {
    expect(clipped(text, most)).toBe(shown);
  });
});

describe('an axis', () => {
  it.each([
    [0, 'whole', [0, 1]],
    [1, 'whole', [0, 1]],
    [3, 'whole', [0, 1, 2, 3]],
    [7, 'whole', [0, 2, 4, 6, 8]],
    [23, 'whole', [0, 5, 10, 15, 20, 25]],
    [117, 'whole', [0, 50, 100, 150]],
    [1, 'any', [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [4.2, 'any', [0, 1, 2, 3, 4, 5]],
  ] as const)('up to %d (%s) has round marks', (most, unit, marks) => {
    expect(ticks(most, unit)).toEqual(marks);
  });
});

describe('the numbers of a chart', () => {
  const textsOf = (chart: Chart): string[] =>
    [...inPage(chart).text.matchAll(/<text[^>]*>([^<]*)<\/text\s*>/g)].map(([, text = '']) => text.trim());

  it('stand in the cells of the table: seen of all, and a dot where there is no centre', () => {
    const chart = heatChart({
      id: 'x',
      title: 't',
      desc: 'd',
      columns: ['A', 'B', 'C', 'D'],
      columnsAre: 'filières',
      rowsAre: 'établissements',
      rows: [
        {
          name: 'Hôpital d’essai',
          cells: [{ seen: 2, all: 2 }, { seen: 1, all: 3 }, { seen: 0, all: 1 }, null],
        },
      ],
    });
    const texts = textsOf(chart);
    const row = texts.indexOf('Hôpital d’essai');
    expect(texts.slice(row, row + 5)).toEqual(['Hôpital d’essai', '2/2', '1/3', '0/1', '·']);
  });

  it('stand at the end of each bar and above each week', () => {
    const bars = [
      { name: 'CCMR 2023', values: [12, 0, 3] },
      { name: 'CRC 2017', values: [0, 0, 1] },
    ];
    expect(textsOf(lyingBars({ id: 'x', title: 't', desc: 'd', unit: 'centres', series, bars }))).toEqual(
      expect.arrayContaining(['CCMR 2023', '12', '3', '15', 'CRC 2017', '1', 'centres']),
    );
    const weeks = [
      { name: '2026-03-23', values: [4, 5, 0] },
      { name: '2026-03-30', values: [0, 0, 0] },
    ];
    const texts = textsOf(
      weekBars({ id: 'x', title: 't', desc: 'd', unit: 'changements', series, bars: weeks }),
    );
    expect(texts).toContain('9');
    expect(texts).toContain('30/03');
  });

  it('of a map stand in the département and at the site, each standing with a shape of its own', () => {
    const chart = regionMap({
      id: 'x',
      title: 't',
      desc: 'd',
      departements: [
        { code: '14', seen: 1, all: 3 },
        { code: '61', seen: 0, all: 0 },
      ],
      sites: [{ number: 1, name: 'Caen', at: [-0.37, 49.18], counts: { seen: 1, asked: 1, hidden: 1 } }],
    });
    expect(textsOf(chart as Chart)).toEqual(
      expect.arrayContaining(['14 : 1/3', '61 : aucun', '1. Caen', '1', '1', '1']),
    );
    const text = asFile(chart as Chart);
    // The disc, the hollow square and the triangle of the site, and again in the key.
    expect(text.match(/<circle class="f-good"/g)).toHaveLength(2);
    expect(text.match(/<rect\s+class="f-ground s-warn"/g)).toHaveLength(2);
    expect(text.match(/<path class="f-bad"/g)).toHaveLength(2);
  });

  it('of a map without outline are no half of a map', () => {
    const departements = [{ code: '974', seen: 0, all: 1 }];
    expect(regionMap({ id: 'x', title: 't', desc: 'd', departements, sites: [] })).toBeNull();
  });
});

describe('labels of near sites', () => {
  it('cover neither each other nor another site', () => {
    const wanted = Array.from({ length: 20 }, (_, at) => ({
      x: 300 + at * 3,
      y: 300 + (at % 5) * 4,
      width: 70,
      height: 20,
    }));
    const dots = wanted.map(({ x, y }) => ({ x: x - 5, y: y - 5, width: 10, height: 10 }));
    const boxes = freeBoxes(wanted, dots, { width: 700, height: 700 });
    for (const [at, box] of boxes.entries()) {
      expect(boxes.slice(at + 1).filter((other) => overlap(box, other))).toEqual([]);
      expect(dots.filter((dot) => overlap(box, dot))).toEqual([]);
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(700);
    }
  });
});

describe.each(Object.entries(PALETTES))('the colours of the charts, %s', (_theme, palette) => {
  /** Contrast of two colours (WCAG 2.2, 1.4.3). */
  const contrast = (one: string, other: string): number => {
    const light = [one, other].map((colour) => {
      const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
        const part = parseInt(colour.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    });
    return (Math.max(...light) + 0.05) / (Math.min(...light) + 0.05);
  };

  it('are 4.5 to 1 for text and 3 to 1 for marks, on both grounds', () => {
    for (const ground of [palette.ground, palette.raised]) {
      for (const text of [palette.ink, palette.muted])
        expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
      for (const mark of [palette.good, palette.warn, palette.bad, palette.line])
        expect(contrast(mark, ground)).toBeGreaterThanOrEqual(3);
    }
    // The count of a full cell.
    expect(contrast(palette.ground, palette.good)).toBeGreaterThanOrEqual(4.5);
  });
});
